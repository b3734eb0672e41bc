//! The driver's events for a view.

use std::ops::ControlFlow;

use sessionwatch_protocol::Record;
use sessionwatch_reader::{
    AtEnd, Cursor, Device, Limit, Lost, PresentSessions, ReadError, bounds, present_sessions,
};

/// The number of past events that a view begins with.
const HISTORY: u64 = 1_000;

/// News for a view.
#[derive(Clone, Debug)]
pub enum News {
    /// The present sessions.
    Present(PresentSessions),
    /// The result of a read.
    Read {
        /// The lost sequence numbers before the records.
        lost: Option<Lost>,
        /// The records, in order and without gaps.
        records: Vec<Record>,
    },
}

/// Sends the present sessions, the last events, and then new events, until the listener stops
/// it. After a loss, sends the present sessions again.
///
/// Between events the read stays pending in the driver.
///
/// # Errors
///
/// The error that ends the stream.
pub fn follow(
    device: &dyn Device,
    mut listener: impl FnMut(News) -> ControlFlow<()>,
) -> Result<(), ReadError> {
    let journal = bounds(device)?;
    if listener(News::Present(present_sessions(device)?)).is_break() {
        return Ok(());
    }
    let from = journal.next.saturating_sub(HISTORY).max(journal.oldest);
    let mut cursor = Cursor::new(journal.journal_id, from, journal.next);
    loop {
        let batch = cursor.read(device, AtEnd::Wait, Limit::NONE)?;
        if batch.lost.is_none() && batch.records.is_empty() {
            continue;
        }
        let news = News::Read { lost: batch.lost, records: batch.records.to_vec() };
        let has_lost = batch.lost.is_some();
        if listener(news).is_break() {
            return Ok(());
        }
        if has_lost && listener(News::Present(present_sessions(device)?)).is_break() {
            return Ok(());
        }
    }
}
