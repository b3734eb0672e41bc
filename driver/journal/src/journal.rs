//! The journal: the ring, the recorder that fills it, and the counters of both.

use core::ops::{Deref, DerefMut};
use core::sync::atomic::{AtomicU64, Ordering};

use sessionwatch_protocol::{DescribeReply, Record, RecordFlags, VERSION};

use crate::notification::Notification;
use crate::pending::PendingCounts;
use crate::ring::{Ring, RingLocation, Writer};
use crate::sessions::{Present, Sessions};
use crate::settings::Settings;

/// One moment on two clocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clocks {
    /// System time: 100 ns since 1601-01-01T00:00:00Z.
    pub system: u64,
    /// Monotonic time: 100 ns since the machine started.
    pub monotonic: u64,
}

/// One load of the driver: constants from start to unload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Load {
    /// The moment of the load. Its system time is the journal's id.
    pub clocks: Clocks,
    /// The driver's version: major, minor, patch.
    pub driver_version: [u16; 3],
    /// The settings in use.
    pub settings: Settings,
}

/// The part of a describe reply that the journal cannot know: the driver's own state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Vitals {
    /// The moment of the reply.
    pub clocks: Clocks,
    /// The pending reads.
    pub pending: PendingCounts,
    /// True while the driver is registered for session notifications.
    pub is_registered: bool,
}

/// The ring and its counters. Readers share them and take no lock.
#[derive(Debug)]
pub struct Journal<S> {
    pub(crate) ring: Ring<S>,
    load: Load,
    seen_by_kind: [AtomicU64; KINDS],
    last_event: LastEvent,
    malformed: AtomicU64,
    pub(crate) untracked: AtomicU64,
    pub(crate) reads: AtomicU64,
    pub(crate) rejected: AtomicU64,
}

/// The right to record events, and the state that it needs. The driver keeps it behind a
/// lock.
#[derive(Debug)]
pub struct Recorder<T> {
    writer: Writer,
    pub(crate) sessions: Sessions<T>,
    /// The monotonic time of the last record.
    monotonic: u64,
}

impl<S: Deref<Target = [AtomicU64]>> Journal<S> {
    /// An empty journal over the given memory: `words` for the ring (see
    /// [`Ring::words_for`]), `entries` for the present sessions (see [`Sessions`]).
    ///
    /// `None` if `words` is too short for one record.
    #[must_use]
    pub fn new<T: DerefMut<Target = [Present]>>(
        words: S,
        entries: T,
        load: Load,
    ) -> Option<(Self, Recorder<T>)> {
        let (ring, writer) = Ring::new(words, 1)?;
        let journal = Self {
            ring,
            load,
            seen_by_kind: [const { AtomicU64::new(0) }; KINDS],
            last_event: LastEvent { system: AtomicU64::new(0), monotonic: AtomicU64::new(0) },
            malformed: AtomicU64::new(0),
            untracked: AtomicU64::new(0),
            reads: AtomicU64::new(0),
            rejected: AtomicU64::new(0),
        };
        let recorder = Recorder { writer, sessions: Sessions::new(entries), monotonic: 0 };
        Some((journal, recorder))
    }

    /// Identifies this load of the driver; never 0.
    #[must_use]
    pub fn id(&self) -> u64 {
        self.load.clocks.system.max(1)
    }

    /// The number of records that the ring keeps.
    #[must_use]
    pub fn capacity(&self) -> u32 {
        u32::try_from(self.ring.capacity()).unwrap_or(u32::MAX)
    }

    /// The sequence number of the next event.
    #[must_use]
    pub fn next_sequence(&self) -> u64 {
        self.ring.next()
    }

    /// The ring's location in memory. Its first record has sequence number 1.
    #[must_use]
    pub fn ring_location(&self) -> RingLocation {
        self.ring.location()
    }

    /// The constants of this load.
    #[must_use]
    pub const fn load(&self) -> &Load {
        &self.load
    }

    /// The record with this sequence number, while the ring keeps it. Takes no lock, and
    /// does not count as a read.
    #[must_use]
    pub fn recorded(&self, sequence: u64) -> Option<Record> {
        let mut bytes = [[0; Record::SIZE]];
        let read = self.ring.read(sequence, &mut bytes);
        let [bytes] = bytes;
        (read.lost == 0 && read.count == 1).then(|| zerocopy::transmute!(bytes))
    }

    /// Records an event and returns its sequence number. Constant time; `None` only after
    /// the last sequence number ([`Ring::push`]).
    ///
    /// Several threads record events, so `clocks`, read before the lock was taken, may be
    /// older than the last record's. Then the record gets the last record's monotonic time,
    /// so that monotonic time never decreases from record to record. System time stays as
    /// the clock gave it.
    pub fn record<T: DerefMut<Target = [Present]>>(
        &self,
        recorder: &mut Recorder<T>,
        notification: &Notification,
        clocks: Clocks,
    ) -> Option<u64> {
        let fields = notification.fields();
        let monotonic = clocks.monotonic.max(recorder.monotonic);
        let Recorder { writer, sessions, .. } = recorder;
        let mut flags = fields.flags;
        let sequence = self.ring.push(writer, |sequence| {
            let mut record = Record {
                sequence: sequence.into(),
                system_time: clocks.system.into(),
                monotonic_time: monotonic.into(),
                session_id: fields.session_id.unwrap_or(u32::MAX).into(),
                kind: fields.kind.0.into(),
                state: fields.state.0.into(),
                locality: fields.locality.0,
                reserved: 0,
                flags: flags.bits().into(),
                instance: 0.into(),
            };
            if fields.session_id.is_some() {
                sessions.track(&mut record);
            }
            flags = record.flags();
            record
        })?;
        recorder.monotonic = monotonic;
        self.last_event.system.store(clocks.system, Ordering::Relaxed);
        self.last_event.monotonic.store(monotonic, Ordering::Relaxed);
        if let Some(seen) = self.seen_by_kind.get(DescribeReply::index_of(fields.kind)) {
            count(seen);
        }
        if flags.intersects(RecordFlags::MALFORMED) {
            count(&self.malformed);
        }
        if flags.contains(RecordFlags::INSTANCE_UNTRACKED) {
            count(&self.untracked);
        }
        Some(sequence)
    }

    /// The describe reply of this moment.
    pub(crate) fn describe(&self, vitals: &Vitals) -> DescribeReply {
        let next = self.ring.next();
        let Load { clocks: loaded, driver_version: [major, minor, patch], settings } = self.load;
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed).into();
        DescribeReply {
            version: VERSION.into(),
            record_size: Record::SIZE_FIELD,
            journal_id: self.id().into(),
            capacity: self.capacity().into(),
            requested_capacity: settings.capacity.requested.into(),
            settings: settings.capacity.flags.union(settings.flags).bits().into(),
            event_mask: settings.event_mask.into(),
            driver_version: [major.into(), minor.into(), patch.into(), 0.into()],
            loaded_system_time: loaded.system.into(),
            loaded_monotonic_time: loaded.monotonic.into(),
            system_time: vitals.clocks.system.into(),
            monotonic_time: vitals.clocks.monotonic.into(),
            first: self.ring.oldest(next).into(),
            next: next.into(),
            malformed: read(&self.malformed),
            reads_completed: read(&self.reads),
            requests_rejected: read(&self.rejected),
            reserved: 0.into(),
            untracked: read(&self.untracked),
            last_event_system_time: read(&self.last_event.system),
            last_event_monotonic_time: read(&self.last_event.monotonic),
            reads_pended: vitals.pending.pended.into(),
            reads_cancelled: vitals.pending.cancelled.into(),
            reads_pending: u32::try_from(vitals.pending.pending).unwrap_or(u32::MAX).into(),
            maximum_pending_reads: settings.maximum_pending_reads.into(),
            maximum_pending_reads_per_handle: settings.maximum_pending_reads_per_handle.into(),
            is_registered: u32::from(vitals.is_registered).into(),
            seen_by_kind: self.seen_by_kind.each_ref().map(read),
        }
    }
}

/// The counters by kind: kinds 0 to 6, and one for all others.
const KINDS: usize = 8;

/// The times of the last event; zeros before the first.
#[derive(Debug)]
struct LastEvent {
    system: AtomicU64,
    monotonic: AtomicU64,
}

/// Adds one. Only the holder of the recorder calls this, so no other thread stores at the
/// same time, and no locked instruction is needed.
fn count(counter: &AtomicU64) {
    counter.store(counter.load(Ordering::Relaxed).saturating_add(1), Ordering::Relaxed);
}
