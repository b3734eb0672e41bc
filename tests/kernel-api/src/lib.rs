//! Two descriptions of the kernel's interface, compared: `wdk-sys` has it from C
//! headers (the kit's on Windows, MinGW's elsewhere), `windows-sys` from Microsoft's
//! metadata. Whatever the driver calls or fills outside the framework is here.
//!
//! Nothing of this crate runs. If a size, an offset, a constant or a function's
//! parameters differ, it does not compile: `cargo make test-kernel-api`.
//!
//! Left out: `DbgPrint`, whose parameters may be any; `EtwSetInformation`, which
//! MinGW does not declare; `memcpy` and its relatives.
#![no_std]

mod functions;
mod layouts;
mod shape;
