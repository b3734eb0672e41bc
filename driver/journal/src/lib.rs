//! The journal of session events: ring, numbering, loss and the plan of a read.
//!
//! This crate is everything in the driver that is worth proving. It has no
//! `unsafe`, allocates nothing, does no I/O, knows no kernel type and cannot
//! panic; the driver is a thin shell that binds it to KMDF, and the same code
//! runs in tests on any machine.
//!
//! # The promise
//!
//! Every event gets a number, from 1, without gaps. The ring keeps the last
//! `capacity` of them. A reader names the number it wants to go on from and gets
//! back what is there, plus how many of the numbers it asked for are gone:
//! `next = from + lost + count`, in every reply. So whatever is read, in
//! whatever pieces, seen = delivered + lost.
//!
//! # Who may do what at once
//!
//! One producer at a time holds the [`Recorder`], in the driver behind a spin
//! lock; [`Journal::record`] takes constant time and touches nothing but the
//! recorder and the ring. Readers share the [`Journal`] and take no lock
//! ([`Ring`] says why that is sound), so no reader can delay the kernel and no
//! reader sees another.

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
pub use ring::{Landmarks, RECORD_WORDS, Read, Ring, Writer};
pub use sessions::{Present, Sessions};
pub use settings::{RingCapacity, Setting, Settings};
