//! `sessionwatch follow`: events as they happen.

use std::sync::Arc;

use sessionwatch_archive::{Disk, KeepPosition, PositionFile};
use sessionwatch_reader::{
    AtEnd, Beginning, Bounds, Cursor, Device, Filter, Limit, Position, PresentSessions, Start,
    describe, present_sessions,
};
use sessionwatch_sessions::Attribution;
use sessionwatch_who::{Directory, Users};

use super::stream::Stream;
use crate::args::FollowArguments;
use crate::error::Error;
use crate::render::{Event, Item, Printer, Totals};

/// Prints events until it has printed enough of them, or the user interrupts the command.
///
/// Looks up the user behind an event after reading the event. Between events the read stays
/// pending in the driver, and nothing runs.
///
/// Prints the account even if the command fails on the way, to state what it showed before.
///
/// # Errors
///
/// If the driver does not answer, its reply is not usable, or the output cannot be written.
pub fn run(
    device: &dyn Device,
    directory: Option<&dyn Directory>,
    options: &FollowArguments,
    printer: &mut Printer<'_>,
) -> Result<(), Error> {
    let mut position = match &options.state {
        Some(path) => Some(PositionFile::open(Arc::new(Disk), path)?),
        None => None,
    };
    let position = position.as_mut().map(|position| position as &mut dyn KeepPosition);
    run_from(device, directory, options, position, printer)
}

/// Like [`run`], with a place that keeps the position.
///
/// # Errors
///
/// See [`run`].
pub fn run_from(
    device: &dyn Device,
    directory: Option<&dyn Directory>,
    options: &FollowArguments,
    position: Option<&mut dyn KeepPosition>,
    printer: &mut Printer<'_>,
) -> Result<(), Error> {
    let users = Users::from(&options.users);
    if let Some(directory) = directory.filter(|_| !users.0.is_empty()) {
        // Fail now if user mode does not answer: without users, the command would show no event.
        directory.sessions()?;
    }
    let mut attribution = Attribution::new(users);
    let described = describe(device)?;
    let cursor = if options.snapshot {
        let present = present_sessions(device)?;
        attribution.look_up(device, directory, &present.sessions);
        print_snapshot(&present, directory.is_some(), &attribution, printer)?
    } else {
        let journal = Bounds::of(device, &described);
        let kept = position.as_ref().and_then(|position| position.kept());
        let start = options.from.unwrap_or_else(|| default_start(device));
        let beginning = Beginning::of(&journal, kept.as_ref(), start);
        printer.begin(directory.is_some())?;
        if let Some(restart) = &beginning.restart {
            printer.item(&Item::Restart(restart))?;
        }
        if let Some(rewind) = &beginning.rewind {
            printer.item(&Item::Rewind(rewind))?;
        }
        Cursor::new(journal.journal_id, beginning.from, journal.next)
    };
    let filter = Filter::from(&options.filter);
    let limit =
        Limit { before: u64::MAX, events: options.count.unwrap_or(u64::MAX), filter: &filter };
    let (from, event_mask) = (cursor.account().next(), described.event_mask.get());
    let stream = Stream::new(from, event_mask, &filter, attribution, printer);
    // A shorter life for the trait object, which a mutable reference does not allow by itself.
    let position = position.map(|position| -> &mut dyn KeepPosition { position });
    let mut following = Following { device, directory, cursor, limit, stream, position };
    let outcome = following.run(printer);
    printer.item(&Item::Account(Totals {
        account: following.cursor.account(),
        shown: following.stream.shown,
        is_recording: device.extent().is_some(),
    }))?;
    printer.flush()?;
    outcome
}

/// The default start: the newest event, or the oldest of a recording, which gets no new events.
fn default_start(device: &dyn Device) -> Start {
    if device.extent().is_some() { Start::Oldest } else { Start::Newest }
}

fn print_snapshot(
    present: &PresentSessions,
    shows_users: bool,
    attribution: &Attribution,
    printer: &mut Printer<'_>,
) -> Result<Cursor, Error> {
    let PresentSessions { head, sessions } = present;
    printer.begin(shows_users)?;
    printer.item(&Item::Snapshot(head))?;
    for record in sessions.iter().filter(|record| attribution.admits(record)) {
        let who = attribution.of(record).cloned();
        printer.item(&Item::Session(&Event { record: *record, who, step: None }))?;
    }
    Ok(Cursor::new(head.journal_id.get(), head.next.get(), head.next.get()))
}

/// The state of following a stream.
struct Following<'a> {
    device: &'a dyn Device,
    directory: Option<&'a dyn Directory>,
    cursor: Cursor,
    limit: Limit<'a>,
    stream: Stream<'a>,
    position: Option<&'a mut dyn KeepPosition>,
}

impl Following<'_> {
    fn run(&mut self, printer: &mut Printer<'_>) -> Result<(), Error> {
        printer.flush()?;
        self.keep_position()?;
        while self.stream.shown < self.limit.events {
            let rest = Limit { events: self.limit.events - self.stream.shown, ..self.limit };
            let batch = self.cursor.read(self.device, AtEnd::Wait, rest)?;
            // Look up no users of hidden events.
            let events = batch.records.iter().filter(|record| self.limit.filter.admits(record));
            self.stream.attribution.look_up(self.device, self.directory, events);
            self.stream.show(&batch, printer)?;
            printer.flush()?;
            self.keep_position()?;
        }
        Ok(())
    }

    /// Keeps the position after the events that were shown.
    fn keep_position(&mut self) -> Result<(), Error> {
        let Some(file) = &mut self.position else { return Ok(()) };
        let account = self.cursor.account();
        Ok(file.keep(Position::new(account.journal_id(), account.next()))?)
    }
}
