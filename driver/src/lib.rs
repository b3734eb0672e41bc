//! The kernel-mode driver: the KMDF shell around the journal.
//!
//! # The path of an event
//!
//! ```text
//! I/O manager ──► wdf::session_notification (thunk)
//!                   ▼
//!                 service::Service::record
//!                   │  IoGetContainerInformation, payload copied
//!                   │  clocks, then the spin lock
//!                   ▼
//!                 sessionwatch_journal::Journal::record ────► ring
//!                   │                                          │
//!                   │ lock released                            │ no lock
//!                   ├──► wdf::trace ──► ETW                    │
//!                   ▼                                          │
//!                 due pending reads are completed ◄────────────┤
//!                       ▲                                      │
//!                       │ pends                                │
//! DeviceIoControl ──► wdf::queue (thunk)                       │
//!                       ▼                                      ▼
//!                     Service::answer ──────────► Journal::dispatch
//!                       └──► wdf::trace: losses and rejections
//! ```
//!
//! # Modules
//!
//! - [`callbacks`]: the table of callbacks.
//! - [`start`]: the order of start and stop.
//! - [`service`]: the driver's state, and the work of the callbacks.
//! - [`anchor`]: leads a debugger to the ring.
//! - [`wdf`]: every call into the kernel and the framework, with the IRQL and lifetime that
//!   the documentation demands. It calls the driver through [`wdf::Callbacks`] and knows
//!   nothing else of it. All other modules are safe code.
//!
//! The driver's decisions (sequence numbers, loss, checks of requests and payloads) are in
//! `sessionwatch-journal`, whose tests need no kernel.

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

// Turns a panic into a bug check. No callback can reach a panic.
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
