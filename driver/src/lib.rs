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
//!                 reads that wait for it are answered ◄────────┤
//!                       ▲                                      │
//!                       │ waits                                │
//! DeviceIoControl ──► wdf::queue (thunk)                       │
//!                       ▼                                      ▼
//!                     Service::device_control ──► Journal::dispatch
//!                       └──► wdf::trace: who lost what, who was refused
//! ```
//!
//! # What is where
//!
//! [`start`] is the order of start and end, [`service`] is what the callbacks do,
//! [`anchor`] is what a debugger finds; all safe code. Every call into the kernel and the framework, and every
//! function that they call, is in [`wdf`], each with the IRQL and lifetime that
//! its documentation demands.
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
mod service;
mod start;
mod wdf;

use wdk_alloc::WdkAllocator;

/// Non-paged pool. Used while the driver starts, never afterwards.
#[global_allocator]
static GLOBAL_ALLOCATOR: WdkAllocator = WdkAllocator;
