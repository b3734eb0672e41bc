//! What the events mean: a session's way from its beginning to its end.
//!
//! The [`Explainer`] takes the stream in, lost numbers included, and says of each
//! event what it is in the instance of its session ([`Step`]), and in the end what each
//! instance was ([`Instance`]). It claims what it has seen and nothing else: a span has both
//! its ends in the stream and no lost number between, and what does not fit is told
//! with the reason that can be known.

mod instance;
mod step;
mod transition;

use std::collections::BTreeMap;
use std::ops::Range;

use sessionwatch_protocol::{EventKind, Locality, Record, SessionState};

pub use instance::{Began, Ended, Instance};
pub use step::{Cause, Meaning, Odd, Step};

use crate::reader::Lost;
use crate::time::SystemTime;

/// When an event happened, on both clocks, and its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// The event's number.
    pub sequence: u64,
    /// On the clock that people read.
    pub time: SystemTime,
    /// On the clock that never steps, in 100 ns.
    pub monotonic: u64,
}

impl Moment {
    fn of(record: &Record) -> Self {
        Self {
            sequence: record.sequence.get(),
            time: SystemTime(record.system_time.get()),
            monotonic: record.monotonic_time.get(),
        }
    }
}

/// Explains a stream.
#[derive(Debug)]
pub struct Explainer {
    /// The first number that was asked for.
    from: u64,
    /// The events that the driver asked for, as in `EventMask`.
    event_mask: u32,
    /// The numbers that are lost, in order.
    lost: Vec<Range<u64>>,
    /// The instances that go on, by session.
    present: BTreeMap<u32, Instance>,
    /// The instances that are over, in the order of their last events.
    over: Vec<Instance>,
}

impl Explainer {
    /// Explains a stream from number `from` on, of a driver that asked for the
    /// events of this mask.
    #[must_use]
    pub const fn new(from: u64, event_mask: u32) -> Self {
        Self { from, event_mask, lost: Vec::new(), present: BTreeMap::new(), over: Vec::new() }
    }

    /// Takes note of lost numbers: what was known may have changed meanwhile.
    pub fn lose(&mut self, lost: &Lost) {
        self.lost.push(lost.first..lost.first + lost.count);
        for instance in self.present.values_mut() {
            instance.lose(lost.count);
        }
    }

    /// Says what an event means; `is_shown` marks its instance as one to be shown.
    pub fn explain(&mut self, record: &Record, is_shown: bool) -> Step {
        let session_id = record.session_id.get();
        let is_new = record.kind() == EventKind::CREATED && record.instance.get() == 0;
        let is_other = |instance: &Instance| is_new || instance.number() != record.instance.get();
        if self.present.get(&session_id).is_some_and(is_other) {
            self.end(session_id);
        }
        let began = self.began(record);
        let lost = match began {
            Began::Lost => self.lost_from(record.instance.get()),
            _ => 0,
        };
        let instance =
            self.present.entry(session_id).or_insert_with(|| Instance::begin(record, began, lost));
        let step = instance.step(record, self.event_mask);
        instance.is_shown |= is_shown;
        if record.kind() == EventKind::TERMINATED {
            self.end(session_id);
        }
        step
    }

    /// Every instance of which an event was marked as shown, in the order of their first
    /// events.
    #[must_use]
    pub fn finish(mut self) -> Vec<Instance> {
        self.over.extend(self.present.into_values());
        self.over.retain(|instance| instance.is_shown);
        self.over.sort_unstable_by_key(|instance| instance.first().sequence);
        self.over
    }

    /// How many numbers from this one on are lost.
    fn lost_from(&self, number: u64) -> u64 {
        let rest = |lost: &Range<u64>| lost.end.saturating_sub(lost.start.max(number));
        self.lost.iter().rev().take_while(|lost| lost.end > number).map(rest).sum()
    }

    fn end(&mut self, session_id: u32) {
        if let Some(mut instance) = self.present.remove(&session_id) {
            instance.end();
            self.over.push(instance);
        }
    }

    /// How an instance began whose first event in the stream is this one.
    fn began(&self, record: &Record) -> Began {
        let (sequence, instance) = (record.sequence.get(), record.instance.get());
        if record.kind() == EventKind::CREATED {
            return Began::Created;
        }
        let created = 1 << (EventKind::CREATED.0 - 1);
        match instance {
            0 => Began::Untracked,
            instance if instance < self.from => Began::NotRead,
            instance if instance < sequence && self.lost_from(instance) > 0 => Began::Lost,
            // The driver numbers instances by the events that begin them, so there is no such.
            instance if instance != sequence => Began::Untracked,
            _ if self.event_mask & created == 0 => Began::NotAskedFor,
            _ => Began::BeforeTheDriver,
        }
    }
}

/// Whether somebody is logged on, as the kernel says it by the state after an event.
fn is_logged_on(state: SessionState) -> Option<bool> {
    match state {
        SessionState::LOGGED_ON | SessionState::DISCONNECTED_LOGGED_ON => Some(true),
        SessionState::CREATED
        | SessionState::INITIALIZED
        | SessionState::DISCONNECTED
        | SessionState::LOGGED_OFF
        | SessionState::TERMINATED => Some(false),
        // *Connected* may be what a reconnect leads to: the documented machine has no
        // way back to *logged on*.
        _ => None,
    }
}

/// The place that the kernel names, if it names one.
fn locality(record: &Record) -> Option<Locality> {
    Some(record.locality()).filter(|locality| *locality != Locality::UNKNOWN)
}
