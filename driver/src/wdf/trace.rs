//! The driver's events for Event Tracing for Windows, by `tracelogging`.
//!
//! What each event says, at which level and under which keyword, is in
//! `docs/tracing.md`; a trace is an aid, and promises nothing of what the journal
//! promises.
//!
//! Facts that shape this file, each from the documentation page named:
//!
//! - `EtwRegister`, `EtwSetInformation`, `EtwUnregister`: `PASSIVE_LEVEL`. The
//!   last waits for the callback by which the kernel says who listens.
//! - `EtwWriteTransfer`: any IRQL, with data that is not paged. Here the data is
//!   on the stack or constant. Nothing is written with a lock held.
//!
//! While nobody listens at an event's level and keyword, an event costs that one
//! check. No event allocates. What a write returns is ignored: there is nobody
//! to tell.

use core::sync::atomic::{AtomicBool, Ordering};

use sessionwatch_journal::Load;
use sessionwatch_protocol::{ControlCode, ReadReply, Record};
use tracelogging::{Level, define_provider, write_event};
use wdk_sys::STATUS_SUCCESS;
use zerocopy::FromBytes as _;

use super::status::{Failure, Result, StartError};

// Its GUID is derived from its name: 34e05a14-cb39-56d7-c4dd-268cf1294cc6.
define_provider!(PROVIDER, "SessionWatch");

/// Load, registration, unload.
const LIFETIME: u64 = 0x1;
/// Every session event.
const SESSIONS: u64 = 0x2;
/// What is overwritten, and what a reader lost by it.
const LOSS: u64 = 0x4;
/// Requests that are refused.
const REQUESTS: u64 = 0x8;

/// The registration as a provider of events, or none; dropping it undoes it.
/// Without one all functions of this module do nothing.
pub(crate) struct Tracing {
    is_registered: AtomicBool,
}

impl Tracing {
    /// No registration.
    pub(crate) const fn none() -> Self {
        Self { is_registered: AtomicBool::new(false) }
    }

    /// Registers the provider. `PASSIVE_LEVEL`. A driver that cannot be traced
    /// does its work all the same, so failure gives [`none`](Self::none).
    ///
    /// # Safety
    ///
    /// `DriverEntry` calls this, once, and sees to it that the value is dropped
    /// before the image is unloaded.
    pub(super) unsafe fn register() -> Self {
        // SAFETY: the caller sees to it that the registration is undone in time,
        // and that there is one at a time.
        let status = unsafe { PROVIDER.register() };
        if status == STATUS_SUCCESS.cast_unsigned() {
            return Self { is_registered: AtomicBool::new(true) };
        }
        wdk::println!("sessionwatch: is not traced, status {status:#010x}");
        Self::none()
    }

    /// Takes the registration over from `other`.
    pub(crate) fn take_over(&self, other: &Self) {
        let is_registered = other.is_registered.swap(false, Ordering::AcqRel);
        self.is_registered.store(is_registered, Ordering::Release);
    }
}

impl Drop for Tracing {
    /// `PASSIVE_LEVEL`.
    fn drop(&mut self) {
        if *self.is_registered.get_mut() {
            PROVIDER.unregister();
        }
    }
}

/// The driver has its memory and its device, and is about to be told of events.
pub(crate) fn loaded(journal_id: u64, load: &Load) {
    let Load { settings, .. } = load;
    let flags = settings.capacity.flags.union(settings.flags);
    write_event!(
        PROVIDER,
        "Loaded",
        level(Informational),
        keyword(LIFETIME),
        str8("Version", env!("CARGO_PKG_VERSION")),
        u64_hex("JournalId", &journal_id),
        u32("RingCapacity", &settings.capacity.records),
        u32("RequestedCapacity", &settings.capacity.requested),
        u32_hex("EventMask", &settings.event_mask),
        u32("MaximumPendingReads", &settings.maximum_pending_reads),
        u32("MaximumPendingReadsPerHandle", &settings.maximum_pending_reads_per_handle),
        u32_hex("SettingFlags", &flags.bits()),
    );
}

/// What the registration for session events came to.
pub(crate) fn registered(outcome: Result<(), StartError>) {
    let status = outcome.map_or_else(|error| error.status.code(), |()| STATUS_SUCCESS);
    write_event!(
        PROVIDER,
        "Registered",
        level(Informational),
        keyword(LIFETIME),
        win_ntstatus("Status", &status),
    );
}

/// The driver does not start.
pub(crate) fn start_failed(error: StartError) {
    write_event!(
        PROVIDER,
        "StartFailed",
        level(Error),
        keyword(LIFETIME),
        win_ntstatus("Status", &error.status.code()),
        str8("Call", error.call),
    );
}

/// The driver is told of no more events, and no read waits.
pub(crate) fn unloaded(journal_id: u64, next_sequence: u64) {
    write_event!(
        PROVIDER,
        "Unloaded",
        level(Informational),
        keyword(LIFETIME),
        u64_hex("JournalId", &journal_id),
        u64("Next", &next_sequence),
    );
}

/// An event was recorded. The record is asked for only where somebody listens;
/// one that was overwritten in the meantime is left out.
pub(crate) fn session_event(record: impl FnOnce() -> Option<Record>) {
    if !PROVIDER.enabled(Level::Informational, SESSIONS) {
        return;
    }
    let Some(record) = record() else { return };
    write_event!(
        PROVIDER,
        "SessionEvent",
        level(Informational),
        keyword(SESSIONS),
        u64("Sequence", &record.sequence.get()),
        u32("SessionId", &record.session_id.get()),
        u32("Event", &record.kind.get()),
        u32("State", &record.state.get()),
        u8("Locality", &record.locality),
        u16_hex("Flags", &record.flags.get()),
        u64("Instance", &record.instance.get()),
    );
}

/// The ring is full for the first time: from now on each event overwrites one.
pub(crate) fn overwriting_began(first_overwritten: u64, overwritten_by: u64) {
    write_event!(
        PROVIDER,
        "OverwritingBegan",
        level(Warning),
        keyword(LOSS),
        u64("FirstOverwritten", &first_overwritten),
        u64("OverwrittenBy", &overwritten_by),
    );
}

/// A read was answered with `reply`: says so if its reader lost something.
pub(crate) fn read_answered(reply: &[u8]) {
    if !PROVIDER.enabled(Level::Warning, LOSS) {
        return;
    }
    let Ok((head, _)) = ReadReply::ref_from_prefix(reply) else { return };
    if head.lost.get() == 0 {
        return;
    }
    write_event!(
        PROVIDER,
        "ReadLost",
        level(Warning),
        keyword(LOSS),
        u64("From", &head.from.get()),
        u64("Lost", &head.lost.get()),
        u32("Delivered", &head.count.get()),
        u64("Next", &head.next.get()),
    );
}

/// A request was refused.
pub(crate) fn request_rejected(code: ControlCode, failure: Failure) {
    write_event!(
        PROVIDER,
        "RequestRejected",
        level(Warning),
        keyword(REQUESTS),
        u32_hex("ControlCode", &code.0),
        win_ntstatus("Status", &failure.status.code()),
    );
}
