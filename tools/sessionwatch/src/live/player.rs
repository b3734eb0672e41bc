//! Plays a recording, step by step.

use sessionwatch_reader::{
    AtEnd, Batch, Bounds, Cursor, Device, Limit, PresentSessions, ReadError, describe,
    present_sessions,
};

use super::Model;

/// The playback of a recording.
pub struct Player<'device> {
    device: &'device dyn Device,
    cursor: Cursor,
    end: u64,
}

/// Opens a recording at its beginning, with a model of that moment.
///
/// The model has the sessions that are present at the end of the recording and had their last
/// event before the recording's first one. The others appear with their first event.
///
/// # Errors
///
/// If the recording cannot be read.
pub fn begin(device: &dyn Device) -> Result<(Player<'_>, Model), ReadError> {
    let described = describe(device)?;
    let journal = Bounds::of(device, &described);
    let mut cursor = Cursor::new(journal.journal_id, journal.begin, journal.next);
    let nothing = Limit { before: journal.next, events: 0, ..Limit::NONE };
    let lost = cursor.read(device, AtEnd::Return, nothing)?.lost;
    let first = cursor.account().next();
    let PresentSessions { mut head, mut sessions } = present_sessions(device)?;
    head.next = first.into();
    // The snapshot's count includes the events that the player has yet to play.
    head.untracked = 0.into();
    sessions.retain(|session| session.sequence.get() < first);
    let mut model = Model::new(described.event_mask.get());
    model.set_present(&PresentSessions { head, sessions });
    model.apply(&Batch { lost, records: &[] });
    Ok((Player { device, cursor, end: journal.next }, model))
}

impl Player<'_> {
    /// Plays this number of events. Returns true if there are more.
    ///
    /// # Errors
    ///
    /// If the recording cannot be read any further.
    pub fn play(&mut self, events: u64, model: &mut Model) -> Result<bool, ReadError> {
        let mut rest = events;
        // Every read advances or fails.
        while rest > 0 && self.cursor.account().next() < self.end {
            let limit = Limit { before: self.end, events: rest, ..Limit::NONE };
            let batch = self.cursor.read(self.device, AtEnd::Return, limit)?;
            model.apply(&batch);
            rest -= batch.records.len() as u64;
        }
        Ok(self.cursor.account().next() < self.end)
    }
}
