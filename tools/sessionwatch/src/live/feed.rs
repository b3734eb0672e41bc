//! What the driver tells, for a view that follows it.

use std::ops::ControlFlow;

use sessionwatch_protocol::Record;

use crate::device::Device;
use crate::error::Error;
use crate::reader::{AtEnd, Cursor, Limit, Lost, PresentSessions, bounds, present_sessions};

/// How many events a view begins with, so that it does not begin empty.
const HISTORY: u64 = 1_000;

/// What is new.
#[derive(Clone, Debug)]
pub enum News {
    /// The present sessions.
    Present(PresentSessions),
    /// What a read gave.
    Read {
        /// The numbers before the records that are gone.
        lost: Option<Lost>,
        /// The records, in order and without gaps.
        records: Vec<Record>,
    },
}

/// Tells the present sessions, the last events, and then what happens, until the
/// listener wants no more. After a loss it tells the present sessions again.
///
/// Waits in the driver while nothing happens.
///
/// # Errors
///
/// Whatever ends the stream.
pub fn follow(
    device: &dyn Device,
    mut listener: impl FnMut(News) -> ControlFlow<()>,
) -> Result<(), Error> {
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
