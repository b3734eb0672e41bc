//! The two threads that write the log: one for the driver's events, one for session changes.

use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use sessionwatch_archive::{Bounds, Disk, Log, POSITION_FILE};
use sessionwatch_reader::{Device, DeviceError, Start};
use sessionwatch_who::Directory;

use crate::args::FollowArguments;
use crate::error::Error;
use crate::render::{Form, Printer};
use crate::service::Change;

/// The interval for retrying to open a driver that is not running, because Windows does not report
/// its start.
const LOOK_FOR_DRIVER: Duration = Duration::from_secs(10);

/// A message to the service.
#[derive(Debug)]
pub enum Message {
    /// A session changed.
    Change(Change),
    /// The thread that follows the driver has failed permanently.
    Failed(Error),
    /// The service manager wants the service to stop.
    Stop,
}

/// The service's interface to the platform: the driver, user mode, and the signal to stop.
pub trait DriverSource: Send + Sync {
    /// Opens the driver. [`stop`](Self::stop) interrupts its requests.
    ///
    /// # Errors
    ///
    /// If the driver is not running, or denies access.
    fn open(&self) -> Result<Box<dyn Device>, DeviceError>;

    /// User mode's view of the sessions.
    fn directory(&self) -> &dyn Directory;

    /// Waits this long, or until the service stops. Returns true if it stops.
    fn stops_within(&self, time: Duration) -> bool;

    /// Interrupts the requests and the waits of every thread.
    fn stop(&self);
}

/// Reports the state of the service to the service manager.
pub trait Notifier {
    /// The service is running.
    ///
    /// # Errors
    ///
    /// If the service manager rejects the state.
    fn running(&self) -> Result<(), Error>;

    /// The service is stopping.
    fn stopping(&self);
}

/// The command that follows the driver. It is a parameter, because this module knows no command.
pub type Follow = fn(
    &dyn Device,
    Option<&dyn Directory>,
    &FollowArguments,
    &mut Printer<'_>,
) -> Result<(), Error>;

/// The service's work.
pub struct Writer {
    /// The folder of the log.
    pub folder: PathBuf,
    /// The size of the log.
    pub bounds: Bounds,
    /// The command that follows the driver.
    pub follow: Follow,
}

/// Writes the log until a message ends it.
///
/// # Errors
///
/// If the log cannot be written.
pub fn write_log(
    writer: Writer,
    source: &Arc<dyn DriverSource>,
    notifier: &dyn Notifier,
    sender: Sender<Message>,
    messages: &Receiver<Message>,
) -> Result<(), Error> {
    let log = Log::open(Box::new(Disk), &writer.folder, writer.bounds)?;
    let log = Arc::new(Mutex::new(log));
    notifier.running()?;
    let follower = {
        let (log, source) = (Arc::clone(&log), Arc::clone(source));
        thread::spawn(move || {
            if let Err(error) = follow_driver(&writer, &*source, log) {
                // Sending fails only if the service has ended.
                let _ = sender.send(Message::Failed(error));
            }
        })
    };
    let outcome = write_changes(&**source, &log, messages);
    notifier.stopping();
    source.stop();
    // A panic in the thread has ended the program already.
    let _ = follower.join();
    outcome
}

/// Writes session changes until the service stops.
fn write_changes(
    source: &dyn DriverSource,
    log: &Mutex<Log>,
    messages: &Receiver<Message>,
) -> Result<(), Error> {
    for message in messages {
        match message {
            Message::Change(change) => {
                let driver = source.open().ok();
                let line = change.line(driver.as_deref(), Some(source.directory()))?;
                log.lock().unwrap_or_else(PoisonError::into_inner).append(&line)?;
            }
            Message::Failed(error) => return Err(error),
            Message::Stop => break,
        }
    }
    Ok(())
}

/// Writes the driver's events from the last position of the service. Waits for a driver that is
/// not running.
fn follow_driver(
    writer: &Writer,
    source: &dyn DriverSource,
    log: Arc<Mutex<Log>>,
) -> Result<(), Error> {
    let mut log = SharedLog(log);
    let options = FollowArguments {
        from: Some(Start::Oldest),
        state: Some(writer.folder.join(POSITION_FILE)),
        ..FollowArguments::default()
    };
    loop {
        if let Ok(driver) = source.open() {
            let mut printer = Printer::new(Form::Ndjson, &mut log);
            let outcome =
                (writer.follow)(&*driver, Some(source.directory()), &options, &mut printer);
            printer.end()?;
            match outcome {
                Err(error) if error.is_interrupted() => return Ok(()),
                Err(error @ (Error::Output(_) | Error::File(_))) => return Err(error),
                // Try again, because another driver may run by then.
                Ok(()) | Err(_) => {}
            }
        }
        if source.stops_within(LOOK_FOR_DRIVER) {
            return Ok(());
        }
    }
}

/// A log that several threads write to. The lines of one write stay together.
struct SharedLog(Arc<Mutex<Log>>);

impl Write for SharedLog {
    fn write(&mut self, lines: &[u8]) -> io::Result<usize> {
        let mut log = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        log.append(lines).map_err(io::Error::other)?;
        Ok(lines.len())
    }

    /// Does nothing, because every write reaches the disk before it returns.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
