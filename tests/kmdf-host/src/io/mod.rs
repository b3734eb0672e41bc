//! The I/O: everything that comes from outside the driver.
//!
//! Opens, requests, cancellations and closes come from Wine's I/O manager and go to the framework.
//! Commands of a test come over the host's own device. IRPs and workers belong to the machine,
//! because the framework needs them as well.
//!
//! Imports: the framework, the machine and the watch. Invariant: the I/O **knows no pointer of the
//! driver**. It reads none of the driver's memory, and calls the driver through the rooms below.

pub(crate) mod cancellation;
pub(crate) mod close;
pub(crate) mod control;
pub(crate) mod dispatch;
