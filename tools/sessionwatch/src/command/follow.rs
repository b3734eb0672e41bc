//! `sessionwatch follow`: events as they happen.

use crate::args::{FollowArguments, Start};
use crate::device::Device;
use crate::error::Error;
use crate::filter::Filter;
use crate::reader::{
    AtEnd, Bounds, Cursor, Limit, PresentSessions, Restart, bounds, present_sessions,
};
use crate::render::{Item, Printer, journal_name};
use crate::state::{Place, StateFile};
use crate::who::{Directory, Known, Users};

/// Shows events until enough were shown or the user wants no more.
///
/// Who is behind an event is looked up when it has come.
///
/// Where there is nothing to show, the driver keeps the read until there is:
/// nothing runs meanwhile.
///
/// The account is shown also where the command fails on the way: it says what
/// was shown before.
///
/// # Errors
///
/// If the driver does not answer, or not as it should, or the output cannot be
/// written.
pub fn run(
    device: &dyn Device,
    directory: Option<&dyn Directory>,
    options: &FollowArguments,
    printer: &mut Printer<'_>,
) -> Result<(), Error> {
    let mut state = options.state.as_deref().map(StateFile::open).transpose()?;
    let users = Users::from(&options.users);
    if let Some(directory) = directory.filter(|_| !users.0.is_empty()) {
        // Where nobody says who it is, nothing would ever be shown.
        directory.sessions()?;
    }
    let mut known = Known::new(users);
    let cursor = if options.snapshot {
        let present = present_sessions(device)?;
        known.look_up(device, directory, &present.sessions);
        show_snapshot(&present, &known, printer)?
    } else {
        let journal = bounds(device)?;
        let kept = state.as_ref().and_then(StateFile::kept);
        let begin = Begin::of(&journal, kept, options.from.unwrap_or_else(|| start(device)));
        printer.begin()?;
        if let Some(restart) = begin.restart {
            printer.item(&Item::Restart(&restart))?;
        }
        Cursor::new(journal.journal_id, begin.from, journal.next)
    };
    let filter = Filter::from(&options.filter);
    let limit =
        Limit { before: u64::MAX, events: options.count.unwrap_or(u64::MAX), filter: &filter };
    let mut following =
        Following { device, directory, cursor, limit, known, state: state.as_mut(), shown: 0 };
    let outcome = following.run(printer);
    let account = following.cursor.account();
    printer.item(&Item::Account { account, shown: following.shown })?;
    printer.flush()?;
    outcome
}

/// Where to begin if nothing is said: a recording has nothing that is yet to come.
fn start(device: &dyn Device) -> Start {
    if device.recording().is_some() { Start::Oldest } else { Start::Newest }
}

fn show_snapshot(
    present: &PresentSessions,
    known: &Known,
    printer: &mut Printer<'_>,
) -> Result<Cursor, Error> {
    let PresentSessions { head, sessions } = present;
    printer.begin()?;
    printer.item(&Item::Snapshot(head))?;
    for session in sessions.iter().filter(|session| known.admits(session)) {
        printer.item(&Item::Session(session, known.of(session)))?;
    }
    Ok(Cursor::new(head.journal_id.get(), head.next.get(), head.next.get()))
}

/// Where a stream begins.
#[derive(Debug, PartialEq, Eq)]
struct Begin {
    from: u64,
    restart: Option<Restart>,
}

impl Begin {
    fn of(journal: &Bounds, kept: Option<&Place>, start: Start) -> Self {
        let from = match (kept, start) {
            (Some(place), _) if place.journal_id == journal_name(journal.journal_id) => place.next,
            (Some(place), _) => {
                let restart = Restart {
                    journal_id: journal.journal_id,
                    previous_journal: place.journal_id.clone(),
                    previous_next: place.next,
                };
                return Self { from: journal.begin, restart: Some(restart) };
            }
            (None, Start::Oldest) => journal.oldest,
            (None, Start::Newest) => journal.next,
            (None, Start::Number(number)) => number.get(),
        };
        Self { from, restart: None }
    }
}

/// A stream that is being shown.
struct Following<'a> {
    device: &'a dyn Device,
    directory: Option<&'a dyn Directory>,
    cursor: Cursor,
    limit: Limit<'a>,
    known: Known,
    state: Option<&'a mut StateFile>,
    shown: u64,
}

impl Following<'_> {
    fn run(&mut self, printer: &mut Printer<'_>) -> Result<(), Error> {
        printer.flush()?;
        self.keep_place()?;
        while self.shown < self.limit.events {
            let rest = Limit { events: self.limit.events - self.shown, ..self.limit };
            let batch = self.cursor.read(self.device, AtEnd::Wait, rest)?;
            // Nobody is looked up for what is not shown.
            let events = batch.records.iter().filter(|record| self.limit.filter.admits(record));
            self.known.look_up(self.device, self.directory, events);
            self.shown += printer.batch(&batch, self.limit.filter, &self.known)?;
            printer.flush()?;
            self.keep_place()?;
        }
        Ok(())
    }

    /// Only what was shown is behind the place that is kept.
    fn keep_place(&mut self) -> Result<(), Error> {
        let Some(state) = &mut self.state else { return Ok(()) };
        let account = self.cursor.account();
        let journal_id = journal_name(account.journal_id());
        state.keep(Place { journal_id, next: account.next() })
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU64;

    use super::*;

    const JOURNAL: Bounds = Bounds { journal_id: 7, begin: 1, oldest: 37, next: 101 };

    #[test]
    fn a_stream_begins_where_it_is_told_or_where_it_stopped() {
        let same = Place { journal_id: journal_name(7), next: 55 };
        let number = Start::Number(NonZeroU64::new(9).unwrap());
        for (kept, start, from) in [
            (None, Start::Oldest, 37),
            (None, Start::Newest, 101),
            (None, number, 9),
            (Some(&same), Start::Newest, 55),
        ] {
            assert_eq!(Begin::of(&JOURNAL, kept, start), Begin { from, restart: None });
        }
    }

    #[test]
    fn a_journal_that_began_since_is_read_from_its_first_number() {
        let other = Place { journal_id: journal_name(6), next: 55 };
        let begin = Begin::of(&JOURNAL, Some(&other), Start::Newest);
        let restart =
            Restart { journal_id: 7, previous_journal: journal_name(6), previous_next: 55 };
        assert_eq!(begin, Begin { from: 1, restart: Some(restart) });
    }
}
