//! The journal: the ring, the recorder that fills it, and the account of both.

use core::ops::{Deref, DerefMut};
use core::sync::atomic::{AtomicU64, Ordering};

use sessionwatch_protocol::{DescribeReply, Record, RecordFlags, VERSION};

use crate::notification::Notification;
use crate::pending::PendingCounts;
use crate::ring::{Landmarks, Ring, Writer};
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

/// What does not change while the driver is loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Load {
    /// When the driver was loaded. Its system time is the journal's id.
    pub clocks: Clocks,
    /// The driver's version: major, minor, patch.
    pub driver_version: [u16; 3],
    /// The settings, as they are used.
    pub settings: Settings,
}

/// What only the driver knows of itself, for [`Journal::dispatch`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Vitals {
    /// Now.
    pub clocks: Clocks,
    /// The waiting reads.
    pub pending: PendingCounts,
    /// Whether the I/O manager tells the driver of events.
    pub is_registered: bool,
}

/// What readers share: the ring and its account. Readers take no lock.
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

/// What a producer needs to record an event; the driver keeps it behind a lock.
#[derive(Debug)]
pub struct Recorder<T> {
    writer: Writer,
    pub(crate) sessions: Sessions<T>,
    /// The monotonic time of the last record.
    monotonic: u64,
}

impl<S: Deref<Target = [AtomicU64]>> Journal<S> {
    /// An empty journal over the memory given: `words` for the ring (see
    /// [`Ring::words_for`]), `places` for the present sessions (see [`Sessions`]).
    ///
    /// `None` if `words` does not hold a single record.
    #[must_use]
    pub fn new<T: DerefMut<Target = [Present]>>(
        words: S,
        places: T,
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
        let recorder = Recorder { writer, sessions: Sessions::new(places), monotonic: 0 };
        Some((journal, recorder))
    }

    /// Names this load of the driver; never 0.
    #[must_use]
    pub fn id(&self) -> u64 {
        self.load.clocks.system.max(1)
    }

    /// How many events the ring keeps.
    #[must_use]
    pub fn capacity(&self) -> u32 {
        u32::try_from(self.ring.capacity()).unwrap_or(u32::MAX)
    }

    /// The number that the next event will get.
    #[must_use]
    pub fn next_sequence(&self) -> u64 {
        self.ring.next()
    }

    /// Where the ring lies, whose first record is number 1.
    #[must_use]
    pub fn landmarks(&self) -> Landmarks {
        self.ring.landmarks()
    }

    /// What does not change while the driver is loaded.
    #[must_use]
    pub const fn load(&self) -> &Load {
        &self.load
    }

    /// The record of this number, if it is there and not overwritten yet. Takes no
    /// lock, and counts as no read.
    #[must_use]
    pub fn recorded(&self, number: u64) -> Option<Record> {
        let mut bytes = [[0; Record::SIZE]];
        let read = self.ring.read(number, &mut bytes);
        let [bytes] = bytes;
        (read.lost == 0 && read.count == 1).then(|| zerocopy::transmute!(bytes))
    }

    /// Records an event and returns its number. Constant time; `None` only when
    /// the numbers are used up ([`Ring::push`]).
    ///
    /// Events come from several threads, so `clocks`, read before the lock was
    /// taken, may be older than the last record's. The record's monotonic time
    /// is then the last one's, so that it never decreases along the numbers;
    /// system time is left as the clock gave it.
    pub fn record<T: DerefMut<Target = [Present]>>(
        &self,
        recorder: &mut Recorder<T>,
        notification: &Notification,
        clocks: Clocks,
    ) -> Option<u64> {
        let found = notification.finding();
        let monotonic = clocks.monotonic.max(recorder.monotonic);
        let Recorder { writer, sessions, .. } = recorder;
        let mut flags = found.flags;
        let number = self.ring.push(writer, |number| {
            let mut record = Record {
                sequence: number.into(),
                system_time: clocks.system.into(),
                monotonic_time: monotonic.into(),
                session_id: found.session_id.unwrap_or(u32::MAX).into(),
                kind: found.kind.0.into(),
                state: found.state.0.into(),
                locality: found.locality.0,
                reserved: 0,
                flags: flags.bits().into(),
                instance: 0.into(),
            };
            if found.session_id.is_some() {
                sessions.track(&mut record);
            }
            flags = record.flags();
            record
        })?;
        recorder.monotonic = monotonic;
        self.last_event.system.store(clocks.system, Ordering::Relaxed);
        self.last_event.monotonic.store(monotonic, Ordering::Relaxed);
        if let Some(seen) = self.seen_by_kind.get(DescribeReply::index_of(found.kind)) {
            count(seen);
        }
        if flags.intersects(RecordFlags::MALFORMED) {
            count(&self.malformed);
        }
        if flags.contains(RecordFlags::INSTANCE_UNTRACKED) {
            count(&self.untracked);
        }
        Some(number)
    }

    /// The journal as it is now.
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

/// How many kinds of events are counted apart.
const KINDS: usize = 8;

/// When the last event was recorded; zeros where there was none.
#[derive(Debug)]
struct LastEvent {
    system: AtomicU64,
    monotonic: AtomicU64,
}

/// Adds one, for whoever holds the recorder: nobody else does at the same time,
/// so this needs no locked instruction.
fn count(counter: &AtomicU64) {
    counter.store(counter.load(Ordering::Relaxed).saturating_add(1), Ordering::Relaxed);
}
