//! The service's side of the service manager: entry point, control handler, status.

use std::ffi::OsString;
use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use sessionwatch_archive::Bounds;
use sessionwatch_failure::Failure;
use sessionwatch_reader::time::SystemTime;
use sessionwatch_reader::windows::{Driver, Interrupt};
use sessionwatch_reader::{Device, DeviceError};
use sessionwatch_who::Directory;
use sessionwatch_who::windows::ThisMachine;
use windows_service::service::{
    ServiceControl, ServiceControlAccept, ServiceExitCode, ServiceState, ServiceStatus,
    ServiceType, SessionChangeReason,
};
use windows_service::service_control_handler::{
    self, ServiceControlHandlerResult, ServiceStatusHandle,
};
use windows_service::{define_windows_service, service_dispatcher};

use super::manager::{failed, folder};
use crate::args::LogArguments;
use crate::error::Error;
use crate::log_writer::{DriverSource, Follow, Message, Notifier, Writer, write_log};
use crate::service::{Change, NAME};

/// How long the service manager waits for the next status.
const WAIT_HINT: Duration = Duration::from_secs(30);

/// The service's work. The entry point takes no argument of ours, so it is left here.
static WORK: OnceLock<(LogArguments, Follow)> = OnceLock::new();

define_windows_service!(entry, service_main);

/// Runs as the service, until the service manager ends it. `follow` is the command that follows
/// the driver.
pub(crate) fn run_service(arguments: &LogArguments, follow: Follow) -> Result<(), Error> {
    WORK.get_or_init(|| (arguments.clone(), follow));
    service_dispatcher::start(NAME, entry).map_err(|error| failed("run", error))
}

fn service_main(_arguments: Vec<OsString>) {
    let source = source();
    let (sender, messages) = mpsc::channel();
    let handler = {
        let sender = sender.clone();
        move |control| handle(&sender, control)
    };
    // Without a handler there is no status to set.
    let Ok(handle) = service_control_handler::register(NAME, handler) else { return };
    let Some((arguments, follow)) = WORK.get() else { return };
    let status = Status(handle);
    let writer = Writer {
        folder: folder(arguments),
        bounds: Bounds { file_bytes: u64::from(arguments.file_size) << 20, files: arguments.files },
        follow: *follow,
    };
    let outcome = source.and_then(|source| write_log(writer, &source, &status, sender, &messages));
    let exit_code = match outcome {
        Ok(()) => ServiceExitCode::NO_ERROR,
        Err(error) => ServiceExitCode::ServiceSpecific(error.exit().code().into()),
    };
    // It fails only if the service manager is gone.
    let _ = status.set(ServiceState::Stopped, ServiceControlAccept::empty(), exit_code);
}

fn handle(sender: &Sender<Message>, control: ServiceControl) -> ServiceControlHandlerResult {
    let message = match control {
        ServiceControl::Stop => Message::Stop,
        ServiceControl::SessionChange(change) => {
            let (time, session_id) = (SystemTime::now(), change.notification.session_id);
            Message::Change(Change { time, session_id, event: name(change.reason) })
        }
        ServiceControl::Interrogate => return ServiceControlHandlerResult::NoError,
        _ => return ServiceControlHandlerResult::NotImplemented,
    };
    // It fails only if the service has ended.
    let _ = sender.send(message);
    ServiceControlHandlerResult::NoError
}

/// The name of a reason of `winuser.h`, without its prefix.
const fn name(reason: SessionChangeReason) -> &'static str {
    match reason {
        SessionChangeReason::ConsoleConnect => "console_connect",
        SessionChangeReason::ConsoleDisconnect => "console_disconnect",
        SessionChangeReason::RemoteConnect => "remote_connect",
        SessionChangeReason::RemoteDisconnect => "remote_disconnect",
        SessionChangeReason::SessionLogon => "session_logon",
        SessionChangeReason::SessionLogoff => "session_logoff",
        SessionChangeReason::SessionLock => "session_lock",
        SessionChangeReason::SessionUnlock => "session_unlock",
        SessionChangeReason::SessionRemoteControl => "session_remote_control",
        SessionChangeReason::SessionCreate => "session_create",
        SessionChangeReason::SessionTerminate => "session_terminate",
    }
}

/// The service's status in the service manager.
struct Status(ServiceStatusHandle);

impl Status {
    fn set(
        &self,
        state: ServiceState,
        controls_accepted: ServiceControlAccept,
        exit_code: ServiceExitCode,
    ) -> Result<(), Error> {
        self.0
            .set_service_status(ServiceStatus {
                service_type: ServiceType::OWN_PROCESS,
                current_state: state,
                controls_accepted,
                exit_code,
                checkpoint: 0,
                wait_hint: WAIT_HINT,
                process_id: None,
            })
            .map_err(|error| failed("run", error))
    }
}

impl Notifier for Status {
    fn running(&self) -> Result<(), Error> {
        let accepted = ServiceControlAccept::STOP | ServiceControlAccept::SESSION_CHANGE;
        self.set(ServiceState::Running, accepted, ServiceExitCode::NO_ERROR)
    }

    fn stopping(&self) {
        // The service stops in any case.
        let none = ServiceControlAccept::empty();
        let _ = self.set(ServiceState::StopPending, none, ServiceExitCode::NO_ERROR);
    }
}

/// Loads the DLLs of WTS and LSA, so that one that is missing ends the service when it starts, and
/// not at the first session change.
fn source() -> Result<Arc<dyn DriverSource>, Error> {
    Ok(Arc::new(Source { directory: ThisMachine::new()?, interrupt: Interrupt::new()? }))
}

/// The driver and user mode of this machine, until the service stops.
struct Source {
    directory: ThisMachine,
    interrupt: Interrupt,
}

impl DriverSource for Source {
    fn open(&self) -> Result<Box<dyn Device>, DeviceError> {
        Ok(Box::new(Driver::open_interruptible(self.interrupt.clone())?))
    }

    fn directory(&self) -> &dyn Directory {
        &self.directory
    }

    fn stops_within(&self, time: Duration) -> bool {
        self.interrupt.is_set_within(time)
    }

    fn stop(&self) {
        self.interrupt.set();
    }
}
