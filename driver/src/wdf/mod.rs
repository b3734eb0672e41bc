//! Every call into the kernel and the framework, and every function that they
//! call.
//!
//! A file covers one object or one interface. Its types are owned values: what they
//! acquire, they give back when they are dropped, so an early return undoes what was done.
//! The functions that the kernel and the framework call are thunks: they turn pointers into
//! references and call a method of [`Callbacks`], which the driver implements. This module
//! knows nothing of the driver above it.
//!
//! IRQLs are those of the documentation page of the function that is called;
//! the thunks' are those of the page of the callback.

// UNSAFETY: this module is the driver's foreign-function interface; nothing
// outside of it may contain unsafe code.
#![expect(unsafe_code, reason = "calls into the kernel and the framework")]

mod callbacks;
mod clock;
mod context;
mod device;
mod driver;
mod entry;
mod lock;
mod queue;
mod registry;
mod request;
mod session_notification;
mod status;
mod string;
pub(crate) mod trace;

pub(crate) use callbacks::Callbacks;
pub(crate) use clock::system_and_interrupt_time;
pub(crate) use context::ContextType;
pub(crate) use device::ControlDevice;
pub(crate) use driver::Driver;
pub(crate) use entry::{driver_entry, enter};
pub(crate) use lock::Locked;
pub(crate) use queue::PendingQueue;
pub(crate) use request::Request;
pub(crate) use session_notification::{SessionCall, SessionRegistration};
pub(crate) use status::{Failure, Result, StartError, Status};
