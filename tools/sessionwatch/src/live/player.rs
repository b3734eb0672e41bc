//! Plays a recording, as far at a time as a view wants it.

use super::Model;
use crate::device::Device;
use crate::error::Error;
use crate::reader::{AtEnd, Batch, Cursor, Limit, PresentSessions, bounds, present_sessions};

/// A recording that is played.
pub struct Player<'device> {
    device: &'device dyn Device,
    cursor: Cursor,
    end: u64,
}

/// Opens a recording at its begin, and a model of what was so there.
///
/// Present are those sessions that had their last event before the first one that the
/// recording has, and are there at its end. Another one appears with its first event.
///
/// # Errors
///
/// If it cannot be read.
pub fn begin(device: &dyn Device) -> Result<(Player<'_>, Model), Error> {
    let journal = bounds(device)?;
    let mut cursor = Cursor::new(journal.journal_id, journal.begin, journal.next);
    let nothing = Limit { before: journal.next, events: 0, ..Limit::NONE };
    let lost = cursor.read(device, AtEnd::Return, nothing)?.lost;
    let first = cursor.account().next();
    let PresentSessions { mut head, mut sessions } = present_sessions(device)?;
    head.next = first.into();
    // That is counted up to the end, and the events are seen here.
    head.untracked = 0.into();
    sessions.retain(|session| session.sequence.get() < first);
    let mut model = Model::default();
    model.set_present(&PresentSessions { head, sessions });
    model.apply(&Batch { lost, records: &[] });
    Ok((Player { device, cursor, end: journal.next }, model))
}

impl Player<'_> {
    /// Plays so many events more; says whether there are others behind them.
    ///
    /// # Errors
    ///
    /// If the recording cannot be read any further.
    pub fn play(&mut self, events: u64, model: &mut Model) -> Result<bool, Error> {
        let mut rest = events;
        // Every read comes further or fails.
        while rest > 0 && self.cursor.account().next() < self.end {
            let limit = Limit { before: self.end, events: rest, ..Limit::NONE };
            let batch = self.cursor.read(self.device, AtEnd::Return, limit)?;
            model.apply(&batch);
            rest -= batch.records.len() as u64;
        }
        Ok(self.cursor.account().next() < self.end)
    }
}
