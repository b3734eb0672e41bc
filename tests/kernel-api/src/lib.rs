//! Compares two descriptions of the kernel's interface. `wdk-sys` is generated from C headers
//! (the kit's on Windows, MinGW's elsewhere), `windows-sys` from Microsoft's metadata. The crate
//! covers the driver's kernel functions, structures and constants outside the framework.
//!
//! No code of this crate runs. If a size, an offset, a constant or a function's parameters
//! differ, the crate does not compile: `cargo make test-kernel-api`.
//!
//! Not covered: `DbgPrint`, which is variadic; `EtwSetInformation`, which MinGW does not
//! declare; `memcpy` and its relatives.
#![no_std]

mod functions;
mod layouts;
mod shape;
