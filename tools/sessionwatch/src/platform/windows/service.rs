//! The service's side of the service manager: entry point, controls, and what it asks of Windows.

use std::ffi::OsString;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, SyncSender, TrySendError};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use sessionwatch_archive::{Bounds, Settings, Surroundings, Trouble};
use sessionwatch_reader::time::SystemTime;
use sessionwatch_reader::windows::{Driver, Interrupt};
use sessionwatch_reader::{Device, DeviceError};
use sessionwatch_who::Directory;
use sessionwatch_who::windows::ThisMachine;
use windows_service::{define_windows_service, service_dispatcher};

use super::control::{self, Control, State, Status};
use super::manager::failed;
use super::{folder, trouble};
use crate::args::LogArguments;
use crate::error::Error;
use crate::log_writer::{DriverSource, Follow, Message, Notifier, write_log};
use crate::service::{Change, Mark, NAME, Reason};

/// The number of session changes that may wait to be written.
const WAITING_CHANGES: usize = 4096;

/// The service's work, in a static because the entry point takes no argument of this program.
static WORK: OnceLock<(LogArguments, Follow)> = OnceLock::new();

define_windows_service!(entry, service_main);

/// Runs as the service until the service manager ends it. `follow` is the command that follows the
/// driver.
pub(crate) fn run_service(arguments: &LogArguments, follow: Follow) -> Result<(), Error> {
    WORK.get_or_init(|| (arguments.clone(), follow));
    service_dispatcher::start(NAME, entry).map_err(|error| failed("run", error))
}

fn service_main(_arguments: Vec<OsString>) {
    // Without the DLLs of WTS and LSA the log names nobody, which is better than no log.
    let directory = ThisMachine::new().ok();
    // Without an event or a handler there is no status to set.
    let Ok(interrupt) = Interrupt::new() else { return };
    let (sender, messages) = mpsc::sync_channel(WAITING_CHANGES);
    let dropped = Arc::new(AtomicU64::new(0));
    let handler = {
        let (interrupt, dropped) = (interrupt.clone(), Arc::clone(&dropped));
        move |control| handle(&sender, &dropped, &interrupt, control)
    };
    let Ok(status) = control::register(NAME, handler) else { return };
    let Some((arguments, follow)) = WORK.get() else { return };
    let settings = Settings {
        folder: folder::of(arguments),
        bounds: Bounds { file_bytes: u64::from(arguments.file_size) << 20, files: arguments.files },
        keep: arguments.keep_days.map(|days| Duration::from_secs(u64::from(days) * 24 * 60 * 60)),
    };
    let directory = directory.filter(|_| !arguments.without_who);
    let source: Arc<dyn DriverSource + Send + Sync> =
        Arc::new(Source { interrupt: interrupt.clone(), directory });
    let surroundings: Arc<dyn Surroundings> =
        Arc::new(ThisService { interrupt, started: Instant::now(), dropped });
    trouble::show(None);
    // It fails only if the service manager is gone; so it is for all of these.
    let _ = status.set(State::Running);
    write_log(settings, *follow, &source, &surroundings, &status, &messages);
    trouble::show(None);
    let _ = status.set(State::Stopped);
}

/// Handles a control on a thread of the service manager. Never waits.
fn handle(
    sender: &SyncSender<Message>,
    dropped: &AtomicU64,
    interrupt: &Interrupt,
    control: Control,
) {
    let message = match control {
        Control::Stop => {
            // Ends every wait, whatever the thread waits for.
            interrupt.set();
            Message::Stop
        }
        Control::SessionChange { reason, session_id } => {
            let mark = Driver::open().ok().and_then(|driver| Mark::of(&driver));
            let time = SystemTime::now();
            Message::Change(Change { time, session_id, reason: Reason(reason), mark })
        }
    };
    if let Err(TrySendError::Full(Message::Change(_))) = sender.try_send(message) {
        dropped.fetch_add(1, Ordering::Relaxed);
    }
}

impl Notifier for Status {
    fn stopping(&self) {
        // The service stops in any case.
        let _ = self.set(State::Stopping);
    }
}

/// Clocks and stop of the service.
struct ThisService {
    interrupt: Interrupt,
    started: Instant,
    /// Session changes that were dropped because too many waited.
    dropped: Arc<AtomicU64>,
}

impl Surroundings for ThisService {
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }

    fn monotonic(&self) -> Duration {
        self.started.elapsed()
    }

    fn stops_within(&self, time: Duration) -> bool {
        self.interrupt.is_set_within(time)
    }

    fn dropped_changes(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    fn show(&self, trouble: Option<&Trouble>) {
        trouble::show(trouble);
    }
}

/// The driver and user mode of this machine, until the service stops.
struct Source {
    interrupt: Interrupt,
    directory: Option<ThisMachine>,
}

impl DriverSource for Source {
    fn open(&self) -> Result<Box<dyn Device>, DeviceError> {
        Ok(Box::new(Driver::open_interruptible(self.interrupt.clone())?))
    }

    fn directory(&self) -> Option<&dyn Directory> {
        self.directory.as_ref().map(|directory| directory as &dyn Directory)
    }

    fn stop(&self) {
        self.interrupt.set();
    }
}
