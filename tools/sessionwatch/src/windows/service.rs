//! The service, through the service manager.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread::{self, sleep};
use std::time::{Duration, Instant};
use std::{env, io};

use windows_service::service::{
    Service, ServiceAccess, ServiceControl, ServiceControlAccept, ServiceErrorControl,
    ServiceExitCode, ServiceInfo, ServiceStartType, ServiceState, ServiceStatus, ServiceType,
    SessionChangeReason,
};
use windows_service::service_control_handler::{
    self, ServiceControlHandlerResult, ServiceStatusHandle,
};
use windows_service::service_manager::{ServiceManager, ServiceManagerAccess};
use windows_service::{define_windows_service, service_dispatcher};

use super::driver::{message, win32_error};
use super::event::Event;
use super::{Directory, Driver};
use crate::args::{FollowArguments, LogArguments, Start};
use crate::command::follow;
use crate::device::Device;
use crate::error::Error;
use crate::render::{Form, Printer};
use crate::service::{
    Bounds, Change, DISPLAY_NAME, ERROR_SERVICE_DOES_NOT_EXIST, Log, NAME, ServiceError,
    ServiceReport, SharedLog,
};
use crate::time::SystemTime;

const DESCRIPTION: &str = "Writes the session events of the sessionwatch driver, and what only \
                           services are told of sessions, to a log.";

/// How long the service may take to stop before it is removed.
const PATIENCE: Duration = Duration::from_secs(30);

/// How often a driver that does not run is looked for. Nothing tells that it starts.
const LOOK_FOR_DRIVER: Duration = Duration::from_secs(10);

/// Makes the service, and starts it.
pub(crate) fn install(arguments: &LogArguments) -> Result<(), Error> {
    let doing = "installed";
    let access = ServiceManagerAccess::CONNECT | ServiceManagerAccess::CREATE_SERVICE;
    let manager = ServiceManager::local_computer(None::<&str>, access)
        .map_err(|error| failed(doing, error))?;
    let own = |error: io::Error| failed(doing, windows_service::Error::Winapi(error));
    let folder = std::path::absolute(folder(arguments)).map_err(own)?;
    let launch_arguments = [
        "service".into(),
        "run".into(),
        "--folder".into(),
        folder.into_os_string(),
        "--file-size".into(),
        arguments.file_size.to_string().into(),
        "--files".into(),
        arguments.files.to_string().into(),
    ];
    let info = ServiceInfo {
        name: NAME.into(),
        display_name: DISPLAY_NAME.into(),
        service_type: ServiceType::OWN_PROCESS,
        start_type: ServiceStartType::AutoStart,
        error_control: ServiceErrorControl::Normal,
        executable_path: env::current_exe().map_err(own)?,
        launch_arguments: launch_arguments.into(),
        dependencies: Vec::new(),
        account_name: None,
        account_password: None,
    };
    let service = manager
        .create_service(&info, ServiceAccess::START | ServiceAccess::CHANGE_CONFIG)
        .map_err(|error| failed(doing, error))?;
    service.set_description(DESCRIPTION).map_err(|error| failed(doing, error))?;
    service.start::<&str>(&[]).map_err(|error| failed("started", error))
}

/// Stops the service and removes it.
pub(crate) fn remove() -> Result<(), Error> {
    let failed = |error| failed("removed", error);
    let access = ServiceAccess::QUERY_STATUS | ServiceAccess::STOP | ServiceAccess::DELETE;
    let service =
        manager().and_then(|manager| manager.open_service(NAME, access)).map_err(failed)?;
    let state = || service.query_status().map(|status| status.current_state).map_err(failed);
    if state()? != ServiceState::Stopped {
        service.stop().map_err(failed)?;
    }
    let begin = Instant::now();
    while state()? != ServiceState::Stopped && begin.elapsed() < PATIENCE {
        sleep(Duration::from_millis(50));
    }
    service.delete().map_err(failed)
}

/// How the service is.
pub(crate) fn report() -> Result<ServiceReport, Error> {
    let failed = |error| failed("found", error);
    let Some(service) = open(NAME, ServiceAccess::QUERY_STATUS).map_err(failed)? else {
        return Ok(ServiceReport { state: None, process_id: None });
    };
    let status = service.query_status().map_err(failed)?;
    let state = match status.current_state {
        ServiceState::Stopped => "stopped",
        ServiceState::StartPending => "start_pending",
        ServiceState::StopPending => "stop_pending",
        ServiceState::Running => "running",
        ServiceState::ContinuePending => "continue_pending",
        ServiceState::PausePending => "pause_pending",
        ServiceState::Paused => "paused",
    };
    Ok(ServiceReport { state: Some(state), process_id: status.process_id.filter(|id| *id != 0) })
}

/// The service of this name, if there is one.
pub(super) fn open(name: &str, access: ServiceAccess) -> windows_service::Result<Option<Service>> {
    match manager()?.open_service(name, access) {
        Err(windows_service::Error::Winapi(error))
            if win32_error(&error) == ERROR_SERVICE_DOES_NOT_EXIST =>
        {
            Ok(None)
        }
        service => service.map(Some),
    }
}

fn manager() -> windows_service::Result<ServiceManager> {
    ServiceManager::local_computer(None::<&str>, ServiceManagerAccess::CONNECT)
}

fn failed(doing: &'static str, error: windows_service::Error) -> Error {
    let (code, message) = match error {
        windows_service::Error::Winapi(error) => {
            let code = win32_error(&error);
            (code, message(&error, code))
        }
        other => (0, other.to_string()),
    };
    ServiceError { doing, code, message }.into()
}

fn folder(arguments: &LogArguments) -> PathBuf {
    let system = || env::var_os("SystemRoot").unwrap_or_else(|| r"C:\Windows".into());
    arguments
        .folder
        .clone()
        .unwrap_or_else(|| Path::new(&system()).join(r"System32\LogFiles\SessionWatch"))
}

/// What the service manager has started this program with.
static ARGUMENTS: OnceLock<LogArguments> = OnceLock::new();

define_windows_service!(entry, service_main);

/// Is the service, until the service manager ends it.
pub(crate) fn run(arguments: &LogArguments) -> Result<(), Error> {
    let arguments = ARGUMENTS.get_or_init(|| arguments.clone());
    debug_assert!(arguments.files > 0, "checked by the command line");
    service_dispatcher::start(NAME, entry).map_err(|error| failed("run", error))
}

fn service_main(_arguments: Vec<OsString>) {
    let (sender, messages) = mpsc::channel();
    let handler = {
        let sender = sender.clone();
        move |control| handle(&sender, control)
    };
    // Without a handler there is nobody to tell anything to.
    let Ok(status) = service_control_handler::register(NAME, handler) else { return };
    let outcome = serve(status, sender, &messages);
    let exit_code = match outcome {
        Ok(()) => ServiceExitCode::NO_ERROR,
        Err(error) => ServiceExitCode::ServiceSpecific(u32::from(error.exit() as u8)),
    };
    // It fails only where the service manager has gone.
    let _ = tell(status, ServiceState::Stopped, ServiceControlAccept::empty(), exit_code);
}

/// What the service has to do next.
enum Message {
    Change(Change),
    /// The driver's part has failed for good.
    Failed(Error),
    Stop,
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
    // It fails only where the service has ended already.
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

fn serve(
    status: ServiceStatusHandle,
    sender: Sender<Message>,
    messages: &Receiver<Message>,
) -> Result<(), Error> {
    let arguments = ARGUMENTS.get().cloned().ok_or(Error::Interrupted)?;
    let folder = folder(&arguments);
    let bounds =
        Bounds { file_bytes: u64::from(arguments.file_size) << 20, files: arguments.files };
    let log = Arc::new(Mutex::new(Log::open(&folder, bounds)?));
    let stop = Arc::new(Event::new()?);
    let accepted = ServiceControlAccept::STOP | ServiceControlAccept::SESSION_CHANGE;
    tell(status, ServiceState::Running, accepted, ServiceExitCode::NO_ERROR)?;

    let follower = {
        let (log, stop) = (Arc::clone(&log), Arc::clone(&stop));
        thread::spawn(move || {
            if let Err(error) = follow_driver(&folder, log, &stop) {
                // It fails only where the service has ended already.
                let _ = sender.send(Message::Failed(error));
            }
        })
    };
    let outcome = write_changes(&log, messages);
    let _ = tell(
        status,
        ServiceState::StopPending,
        ServiceControlAccept::empty(),
        ServiceExitCode::NO_ERROR,
    );
    stop.set()?;
    // A thread that has ended otherwise than by itself has ended the program.
    let _ = follower.join();
    outcome
}

/// Writes what the service is told, until it is to stop.
fn write_changes(log: &Mutex<Log>, messages: &Receiver<Message>) -> Result<(), Error> {
    for message in messages {
        match message {
            Message::Change(change) => {
                let driver = Driver::open().ok();
                let device = driver.as_ref().map(|driver| driver as &dyn Device);
                let line = change.line(device, Some(&Directory))?;
                let mut log = log.lock().unwrap_or_else(PoisonError::into_inner);
                log.append(&line)?;
            }
            Message::Failed(error) => return Err(error),
            Message::Stop => break,
        }
    }
    Ok(())
}

/// Writes what the driver says, from where the service ended the last time, and waits
/// for the driver where it does not run.
fn follow_driver(folder: &Path, log: Arc<Mutex<Log>>, stop: &Arc<Event>) -> Result<(), Error> {
    let mut log = SharedLog(log);
    let options = FollowArguments {
        from: Some(Start::Oldest),
        state: Some(folder.join("place.json")),
        ..FollowArguments::default()
    };
    loop {
        if let Ok(driver) = Driver::open_until(Arc::clone(stop)) {
            let mut printer = Printer::new(Form::Ndjson, &mut log);
            let outcome = follow::run(&driver, Some(&Directory), &options, &mut printer);
            printer.end()?;
            match outcome {
                Err(Error::Interrupted) => return Ok(()),
                Err(error @ (Error::Output(_) | Error::State { .. })) => return Err(error),
                // The driver may be another one the next time.
                Ok(()) | Err(_) => {}
            }
        }
        if stop.is_set_within(LOOK_FOR_DRIVER) {
            return Ok(());
        }
    }
}

fn tell(
    status: ServiceStatusHandle,
    state: ServiceState,
    controls_accepted: ServiceControlAccept,
    exit_code: ServiceExitCode,
) -> Result<(), Error> {
    status
        .set_service_status(ServiceStatus {
            service_type: ServiceType::OWN_PROCESS,
            current_state: state,
            controls_accepted,
            exit_code,
            checkpoint: 0,
            wait_hint: PATIENCE,
            process_id: None,
        })
        .map_err(|error| failed("run", error))
}
