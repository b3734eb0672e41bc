//! Stands in for WDFLDR.SYS under Wine, and is stricter than the real one.
//!
//! The DLL lies in the prefix as `system32/drivers/wdfldr.sys`. A KMDF driver binds to it and gets
//! a function table that works on Wine's own I/O manager. The host replaces an entry in the
//! driver's import table if Wine's `ntoskrnl` lacks the function, or if the host has to watch the
//! call. The driver's file stays unchanged.
//!
//! Every misuse ends the process with a line in the verdict file. A clean unload writes a line too.
//!
//! # Rooms
//!
//! ```text
//! watch <- machine <- framework <- io <- exports
//! ```
//!
//! A room imports only rooms on its left. The documentation of each states one invariant.
//!
//! - **A call of the driver**: `framework::table` checks globals and IRQL, then the module of the
//!   object does the work. `framework::objects` resolves handles, `machine::memory` checks
//!   pointers.
//! - **A callback**: `framework::queue` or `machine::sessions` calls it through
//!   `machine::callback`, which checks the locks that the driver holds when it returns.
//! - **A request**: `io::dispatch` takes the IRP, `framework::queue` presents it, and
//!   `framework::request` completes it. `io::cancellation`, `io::close` or a purge can cancel a
//!   queued request. The lock of its queue decides which of them gets it.
//!
//! # Limits
//!
//! Each is laxer than Windows:
//! - One KMDF driver is loaded at a time.
//! - Callbacks run at `PASSIVE_LEVEL`, except for `EvtIoCanceledOnQueue`.
//! - Object references, timers, work items, `EvtDeviceFileCreate` and `EvtRequestCancel` are not
//!   implemented. A call to one ends the run.
//! - The security descriptor of a device is checked for form and reported, but not enforced.
#![cfg(windows)]

mod exports;
mod framework;
mod io;
mod machine;
mod watch;
