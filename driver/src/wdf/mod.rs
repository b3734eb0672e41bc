//! Every call into the kernel and the framework, and every function that they call.
//!
//! Each file covers one object or one interface. Its types own their resources and release
//! them when they are dropped, so an early return undoes the steps before it. The functions
//! that kernel and framework call are thunks: they turn pointers into references and call a
//! method of [`Callbacks`], which the driver implements. This module knows nothing of the
//! driver above it.
//!
//! Each function states its IRQL, from the documentation page of the function that it calls.
//! A thunk's IRQL is from the page of the callback.

// UNSAFETY: this module is the driver's foreign-function interface. No other module may
// contain unsafe code.
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
mod session_call;
mod session_notification;
mod status;
mod string;
pub(crate) mod trace;

pub(crate) use callbacks::Callbacks;
pub(crate) use clock::system_and_interrupt_time;
pub(crate) use context::ContextType;
pub(crate) use device::ControlDevice;
pub(crate) use driver::{Driver, DriverValue};
pub(crate) use entry::{driver_entry, enter};
pub(crate) use lock::Locked;
pub(crate) use queue::PendingQueue;
pub(crate) use request::Request;
pub(crate) use session_call::SessionCall;
pub(crate) use session_notification::SessionRegistration;
pub(crate) use status::{Failure, Result, StartError, Status};
