//! The journal of session events: the ring, sequence numbers, loss and pending reads.
//!
//! This crate holds the driver's logic. It has no `unsafe`, allocates nothing, does no I/O,
//! knows no kernel type and cannot panic. The driver is a thin shell that binds it to KMDF;
//! tests run the same code on any machine.
//!
//! # The promise
//!
//! Every event gets a sequence number, from 1, without gaps. The ring keeps the last
//! `capacity` records. A reader asks for records from a sequence number on. The reply has
//! the records that the ring still keeps, and the count of those that were overwritten:
//! `next = from + lost + count`, in every reply. So seen = delivered + lost, in whatever
//! pieces the journal is read.
//!
//! # Concurrency
//!
//! One producer at a time holds the [`Recorder`], in the driver behind a spin lock.
//! [`Journal::record`] takes constant time and touches only the recorder and the ring.
//! Readers share the [`Journal`] and take no lock ([`Ring`] shows why that is sound). So no
//! reader can delay the kernel, and no reader affects another.

#![no_std]
#![forbid(unsafe_code)]
#![deny(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]
#![cfg_attr(
    test,
    expect(clippy::arithmetic_side_effects, reason = "an overflow in a test fails it")
)]

#[cfg(test)]
extern crate std;

mod dispatch;
mod journal;
mod notification;
mod pending;
mod ring;
mod sessions;
mod settings;
mod sync;
pub mod wakeup;

pub use dispatch::{Input, Outcome};
pub use journal::{Clocks, Journal, Load, Recorder, Vitals};
pub use notification::{ConnectInfo, Information, Notification, Payload};
pub use pending::{HandleId, PendingCounts, PendingRead, PendingReads, RequestId};
pub use ring::{RECORD_WORDS, Read, Ring, RingLocation, Writer};
pub use sessions::{Present, Sessions};
pub use settings::{RingCapacity, Setting, Settings};
