//! The driver's events for Event Tracing for Windows, through the crate `tracelogging`.
//!
//! `docs/tracing.md` lists the events with their levels, keywords and fields. A trace is an
//! aid; it makes none of the journal's promises.
//!
//! Facts that shape this file, from the documentation page of each function:
//!
//! - `EtwRegister`, `EtwSetInformation`, `EtwUnregister`: `PASSIVE_LEVEL`. The last waits
//!   for the enable callback.
//! - `EtwWriteTransfer`: any IRQL, with data that is not paged. Here the data is on the
//!   stack or constant. No event is written with a lock held.
//!
//! While no trace session listens at an event's level and keyword, the event costs one
//! check. No event allocates. The status of a write is ignored, because a lost event
//! changes nothing in the driver.

use core::sync::atomic::{AtomicBool, Ordering};

use sessionwatch_journal::Load;
use sessionwatch_protocol::{ControlCode, ReadReply, Record};
use tracelogging::{Level, define_provider, write_event};
use wdk_sys::STATUS_SUCCESS;
use zerocopy::FromBytes as _;

use super::status::{Failure, Result, StartError};

// The GUID follows from the name: 34e05a14-cb39-56d7-c4dd-268cf1294cc6.
define_provider!(PROVIDER, "SessionWatch");

/// Load, registration, unload.
const LIFETIME: u64 = 0x1;
/// Every session event.
const SESSIONS: u64 = 0x2;
/// Overwritten records, and the losses of readers.
const LOSS: u64 = 0x4;
/// Rejected requests.
const REQUESTS: u64 = 0x8;

/// The registration as an event provider, or none. Dropping it unregisters. Without a
/// registration, the functions of this module do nothing.
pub(crate) struct Tracing {
    is_registered: AtomicBool,
}

impl Tracing {
    /// No registration.
    pub(crate) const fn none() -> Self {
        Self { is_registered: AtomicBool::new(false) }
    }

    /// Registers the provider. A failure returns [`none`](Self::none), because the driver
    /// works without a trace. `PASSIVE_LEVEL`.
    ///
    /// # Safety
    ///
    /// `DriverEntry` calls this, once, and drops the value before the image is unloaded.
    pub(super) unsafe fn register() -> Self {
        // SAFETY: the caller guarantees one registration at a time, which ends before the
        // image is unloaded.
        let status = unsafe { PROVIDER.register() };
        if status == STATUS_SUCCESS.cast_unsigned() {
            return Self { is_registered: AtomicBool::new(true) };
        }
        wdk::println!("sessionwatch: cannot register for tracing, status {status:#010x}");
        Self::none()
    }

    /// Takes over the registration of `other`.
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

/// The driver has its memory and its device, and is about to register for notifications.
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

/// The driver has registered for session notifications, or has failed to.
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

/// The driver is unregistered, and no read is pending.
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

/// An event was recorded. `record` is called only while a trace session listens. A record
/// that was overwritten meanwhile is not written.
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

/// The ring is full for the first time. From now on each event overwrites the oldest one.
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

/// A read gets this reply. Writes an event only if its reader lost records.
pub(crate) fn read_replied(reply: &[u8]) {
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

/// A request was rejected.
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
