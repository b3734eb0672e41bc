//! Stands in for WDFLDR.SYS under Wine, and is stricter than the real one.
//!
//! The DLL lies in the prefix as `system32/drivers/wdfldr.sys`. A KMDF driver binds to it and gets
//! a function table that works on Wine's own I/O manager. Where Wine's `ntoskrnl` lacks a function,
//! or a call has to be watched, the host puts a function of its own into the driver's import table.
//! The driver's file stays as it is.
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
//! - **A call of the driver**: `framework::table` checks globals and IRQL, the module of the object
//!   does the work. `framework::objects` resolves handles, `machine::memory` checks pointers.
//! - **A callback**: `framework::queue` or `machine::sessions` calls it through
//!   `machine::callback`, which checks the locks that the driver holds when it returns.
//! - **A request**: `io::dispatch` takes the IRP, `framework::queue` presents it, and
//!   `framework::request` completes it. If it is cancelled while it waits, by `io::cancellation`,
//!   by `io::close` or by a purge, the lock of its queue decides who gets it.
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
