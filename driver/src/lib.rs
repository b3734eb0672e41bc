//! The kernel-mode driver: the KMDF shell around the journal.
//!
//! # The path of an event
//!
//! ```text
//! I/O manager ──► wdf::session_notification (thunk)
//!                   │  IoGetContainerInformation, payload copied
//!                   ▼
//!                 service::Service::session_changed
//!                   │  clocks, then the spin lock
//!                   ▼
//!                 sessionwatch_journal::Journal::record ────► ring
//!                   │                                          │
//!                   │ lock released                            │ no lock
//!                   ├──► wdf::trace ──► ETW                    │
//!                   ▼                                          │
//!                 pending reads of it are completed ◄───────────┤
//!                       ▲                                      │
//!                       │ pends                                │
//! DeviceIoControl ──► wdf::queue (thunk)                       │
//!                       ▼                                      ▼
//!                     Service::device_control ──► Journal::dispatch
//!                       └──► wdf::trace: losses and rejections
//! ```
//!
//! # What is where
//!
//! [`callbacks`] is the table of callbacks, [`start`] the order of start and end,
//! [`service`] the state and the work of the callbacks, and [`anchor`] is what a debugger finds; all safe code. Every call into the kernel and the
//! framework is in [`wdf`], with the IRQL and lifetime that its documentation demands.
//! [`wdf`] calls the driver through [`wdf::Callbacks`] and knows nothing else of it.
//!
//! What the driver decides (numbers, loss, checks of requests and payloads)
//! is not here but in `sessionwatch-journal`, where it is tested without a
//! kernel.

#![no_std]
#![deny(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::float_arithmetic,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

extern crate alloc;

// A panic is a bug check; none can be reached from a callback.
extern crate wdk_panic;

mod anchor;
mod callbacks;
mod service;
mod start;
mod wdf;

use wdk_alloc::WdkAllocator;

use crate::service::Service;

wdf::driver_entry!(Service);

/// Non-paged pool. Used while the driver starts, never afterwards.
#[global_allocator]
static GLOBAL_ALLOCATOR: WdkAllocator = WdkAllocator;
