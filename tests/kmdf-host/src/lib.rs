//! Stands in for WDFLDR.SYS under Wine, stricter than the real one.
//!
//! The DLL lies in the prefix as `system32/drivers/wdfldr.sys`. A KMDF driver binds to it
//! ([`bind`]) and gets a function table ([`table`]) whose entries work on Wine's own I/O manager.
//! What Wine's `ntoskrnl` lacks, or what has to be watched, is put into the driver's import table
//! ([`imports`]); the driver's file stays as it is.
//!
//! Every misuse ends the process with a line in the verdict file ([`rules`]); a clean unload writes
//! a line as well. Session events are raised over the host's own device ([`control`]).
//!
//! How a call flows: `table` (the prototype, globals, highest IRQL) -> the module of the object ->
//! [`objects`] (handles) and [`memory`] (pointers of the driver). How a callback flows: [`dispatch`]
//! or [`sessions`] -> [`callback`], which counts what the driver holds when it returns. How a request
//! ends that waits: [`cancellation`], a close in [`dispatch`] or a purge -> [`queue`], whose lock
//! says who gets it.
//!
//! Limits, each laxer than Windows: one KMDF driver is loaded at a time; callbacks come at
//! `PASSIVE_LEVEL` only, but for `EvtIoCanceledOnQueue`; object references, timers, work items,
//! `EvtDeviceFileCreate` and `EvtRequestCancel` are not implemented and say so when called; the
//! security descriptor of the device is checked for form and reported, not enforced.
#![cfg(windows)]

mod exports;
mod framework;
mod io;
mod machine;
mod watch;
