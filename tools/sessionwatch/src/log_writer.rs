//! The two threads that write the log: one for the driver's events, one for session changes.
//!
//! Neither ends before the service stops. The [`Keeper`] waits out errors of files; a driver
//! that does not answer is opened again.

use std::io::{self, Write};
use std::num::NonZeroU64;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use sessionwatch_archive::{
    Disk, Entry, Files, KeepPosition, Keeper, Settings, Surroundings, Unwritten,
};
use sessionwatch_reader::{Device, DeviceError, Start};
use sessionwatch_who::Directory;

use crate::args::FollowArguments;
use crate::error::Error;
use crate::render::{Form, Printer};
use crate::service::Change;

/// The interval for retrying to open a driver that is not running, because Windows does not report
/// its start.
const LOOK_FOR_DRIVER: Duration = Duration::from_secs(10);
/// How often to look after the files while nothing happens.
const TICK: Duration = Duration::from_secs(5);

/// A message to the service.
#[derive(Debug)]
pub enum Message {
    /// A session changed.
    Change(Change),
    /// The service manager wants the service to stop.
    Stop,
}

/// What the service needs of the platform: the driver, and user mode.
pub trait DriverSource {
    /// Opens the driver. [`stop`](Self::stop) interrupts its requests.
    ///
    /// # Errors
    ///
    /// If the driver is not running, or denies access.
    fn open(&self) -> Result<Box<dyn Device>, DeviceError>;

    /// User mode's view of the sessions; `None` if the log is to name nobody.
    fn directory(&self) -> Option<&dyn Directory>;

    /// Interrupts the requests and the waits of every thread.
    fn stop(&self);
}

/// Tells the service manager that the service is stopping.
pub trait Notifier {
    /// The service is stopping.
    fn stopping(&self);
}

/// The command that follows the driver. It is a parameter, because this module knows no command.
pub type Follow = fn(
    &dyn Device,
    Option<&dyn Directory>,
    &FollowArguments,
    Option<&mut dyn KeepPosition>,
    &mut Printer<'_>,
) -> Result<(), Error>;

/// Writes the log until a message ends it. `follow` is the command that follows the driver.
pub fn write_log(
    settings: Settings,
    follow: Follow,
    source: &Arc<dyn DriverSource + Send + Sync>,
    surroundings: &Arc<dyn Surroundings>,
    notifier: &dyn Notifier,
    messages: &Receiver<Message>,
) {
    let files: Arc<dyn Files> = Arc::new(Disk);
    let Ok(keeper) = Keeper::open(&files, settings, Arc::clone(surroundings)) else {
        return notifier.stopping();
    };
    let keeper = Arc::new(keeper);
    let follower = {
        let (keeper, source) = (Arc::clone(&keeper), Arc::clone(source));
        let surroundings = Arc::clone(surroundings);
        thread::spawn(move || follow_driver(&keeper, follow, &*source, &*surroundings))
    };
    // The only error is that the service stops.
    let _ = write_changes(&keeper, &**source, &**surroundings, messages);
    notifier.stopping();
    source.stop();
    // A panic in the thread has ended the program already.
    let _ = follower.join();
}

/// Writes session changes until the service stops.
fn write_changes(
    keeper: &Keeper,
    source: &dyn DriverSource,
    surroundings: &dyn Surroundings,
    messages: &Receiver<Message>,
) -> Result<(), Unwritten> {
    keeper.write(&Entry::ServiceStarted { time: surroundings.now() }.line())?;
    loop {
        match messages.recv_timeout(TICK) {
            Ok(Message::Change(change)) => {
                let driver = source.open().ok();
                // A line consists of names, numbers and text, which render without fail.
                let line = change.line(driver.as_deref(), source.directory()).unwrap_or_default();
                keeper.write(&line)?;
            }
            Err(RecvTimeoutError::Timeout) => keeper.tick(),
            Ok(Message::Stop) | Err(RecvTimeoutError::Disconnected) => return Ok(()),
        }
    }
}

/// Writes the driver's events until the service stops, from the position where it stopped the
/// last time. Waits for a driver that is not running.
pub fn follow_driver(
    keeper: &Keeper,
    follow: Follow,
    source: &dyn DriverSource,
    surroundings: &dyn Surroundings,
) {
    // Without a position the driver names what it has overwritten since its load.
    let from = Some(Start::Sequence(NonZeroU64::MIN));
    let options = FollowArguments { from, ..FollowArguments::default() };
    loop {
        let mut is_rewound = false;
        if let Ok(driver) = source.open() {
            let mut lines = EventLines { keeper, unwritten: None };
            let mut position = keeper;
            let mut printer = Printer::new(Form::Ndjson, &mut lines);
            let outcome =
                follow(&*driver, source.directory(), &options, Some(&mut position), &mut printer);
            // The account, unless the output ended before.
            let _ = printer.end();
            match lines.unwritten {
                Some(Unwritten::Stopped) => return,
                Some(Unwritten::Rewound) => is_rewound = true,
                None if outcome.is_err_and(|error| error.is_interrupted()) => return,
                // It may be another driver the next time.
                None => {}
            }
        }
        if !is_rewound && surroundings.stops_within(LOOK_FOR_DRIVER) {
            return;
        }
    }
}

/// The log as an output. Lines of one write stay together.
struct EventLines<'a> {
    keeper: &'a Keeper,
    unwritten: Option<Unwritten>,
}

impl Write for EventLines<'_> {
    fn write(&mut self, lines: &[u8]) -> io::Result<usize> {
        if self.unwritten.is_none() {
            self.unwritten = self.keeper.write_events(lines).err();
        }
        match self.unwritten {
            None => Ok(lines.len()),
            Some(unwritten) => Err(io::Error::other(unwritten)),
        }
    }

    /// Does nothing, because every write reaches the disk before it returns.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
