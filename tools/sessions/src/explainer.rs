//! Explains a stream of records.

use std::collections::BTreeMap;
use std::ops::Range;

use sessionwatch_protocol::{EventKind, Record};
use sessionwatch_reader::Lost;

use crate::hand_over::{Candidates, HandOver};
use crate::instance::{Began, Instance};
use crate::step::Step;

/// Explains a stream. It keeps the present instances, and passes the ended ones to its caller.
#[derive(Debug)]
pub struct Explainer {
    /// The first requested sequence number.
    from: u64,
    /// The driver's `EventMask`.
    event_mask: u32,
    /// The lost sequence numbers, in order.
    lost: Vec<Range<u64>>,
    /// The present instances, by session id. Boxed, because a node of the map is half empty.
    present: BTreeMap<u32, Box<Instance>>,
    candidates: Candidates,
}

impl Explainer {
    /// An explainer for the stream from sequence number `from` on, of a driver with this
    /// `EventMask`.
    #[must_use]
    pub fn new(from: u64, event_mask: u32) -> Self {
        Self {
            from,
            event_mask,
            lost: Vec::new(),
            present: BTreeMap::new(),
            candidates: Candidates::default(),
        }
    }

    /// Counts lost sequence numbers. They may have changed the state of every session.
    pub fn lose(&mut self, lost: &Lost) {
        self.lost.push(lost.first..lost.first + lost.count);
        self.candidates.clear();
        for instance in self.present.values_mut() {
            instance.lose(lost.count);
        }
    }

    /// Returns the meaning of an event, and passes the instances that it ends to `ended`.
    /// `is_wanted` marks the event's instance as wanted; `ended` gets only wanted instances.
    pub fn explain(
        &mut self,
        record: &Record,
        is_wanted: bool,
        mut ended: impl FnMut(Instance),
    ) -> Step {
        let session_id = record.session_id.get();
        let is_new = record.kind() == EventKind::CREATED && record.instance.get() == 0;
        let is_other = |known: &Instance| is_new || known.number != record.instance.get();
        if self.present.get(&session_id).is_some_and(|known| is_other(known)) {
            self.end(session_id, &mut ended);
        }
        let began = self.began(record);
        let lost = if began == Began::Lost { self.lost_from(record.instance.get()) } else { 0 };
        let instance = self
            .present
            .entry(session_id)
            .or_insert_with(|| Box::new(Instance::begin(record, began, lost)));
        let (meaning, after_100ns, unexpected) = instance.book(record, self.event_mask);
        instance.is_wanted |= is_wanted;
        let candidate = instance.candidate(meaning);
        let hand_over = candidate.and_then(|candidate| self.candidates.complete(candidate));
        if let Some(hand_over) = hand_over {
            self.book_hand_over(hand_over);
        }
        if record.kind() == EventKind::TERMINATED {
            self.end(session_id, &mut ended);
        }
        Step { meaning, after_100ns, hand_over, unexpected }
    }

    /// The wanted instances that are still present, in the order of session ids.
    pub fn into_present(self) -> impl Iterator<Item = Instance> {
        self.present.into_values().filter(|instance| instance.is_wanted).map(|instance| *instance)
    }

    /// The number of instances that are still present, wanted or not.
    #[must_use]
    pub fn present(&self) -> usize {
        self.present.len()
    }

    fn book_hand_over(&mut self, HandOver { from, to }: HandOver) {
        if let Some(gave) = self.present.get_mut(&from) {
            gave.handed_to = Some(to);
        }
        if let Some(took) = self.present.get_mut(&to) {
            took.handed_from = Some(from);
        }
    }

    /// The number of lost sequence numbers from this one on.
    fn lost_from(&self, sequence: u64) -> u64 {
        let rest = |lost: &Range<u64>| lost.end.saturating_sub(lost.start.max(sequence));
        self.lost.iter().rev().take_while(|lost| lost.end > sequence).map(rest).sum()
    }

    fn end(&mut self, session_id: u32, ended: &mut impl FnMut(Instance)) {
        if let Some(mut instance) = self.present.remove(&session_id) {
            instance.end();
            if instance.is_wanted {
                ended(*instance);
            }
        }
    }

    /// The beginning of an instance whose first event in the stream is this one.
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
            // An instance's number is the sequence number of the event that began it.
            instance if instance != sequence => Began::Untracked,
            _ if self.event_mask & created == 0 => Began::NotRecorded,
            _ => Began::BeforeDriver,
        }
    }
}
