//! The service manager: installs, removes and asks about services.

use std::ffi::OsString;
use std::path::PathBuf;
use std::thread::sleep;
use std::time::{Duration, Instant};
use std::{env, io};

use sessionwatch_archive::{Disk, summarize};
use sessionwatch_failure::WindowsError;
use windows_service::service::{
    Service, ServiceAccess, ServiceErrorControl, ServiceInfo, ServiceStartType, ServiceState,
    ServiceType,
};
use windows_service::service_manager::{ServiceManager, ServiceManagerAccess};

use super::{privileges, security};
use crate::args::{Arguments, Command, LogArguments, ServiceCommand, parse};
use crate::error::Error;
use crate::service::{
    DESCRIPTION, DISPLAY_NAME, LogReport, NAME, SERVICE_DOES_NOT_EXIST, ServiceError, ServiceReport,
};

/// How long the service may take to stop before it is removed.
const PATIENCE: Duration = Duration::from_secs(30);

/// The note for a service manager that cannot restrict a service.
const ALL_PRIVILEGES: &str = "the service runs with all privileges of SYSTEM: the service manager \
                              cannot restrict them (124)";

/// Installs the service, and starts it. Ordinary users may change neither its program nor its log.
///
/// Returns a note for people, if there is one.
pub(crate) fn install_service(arguments: &LogArguments) -> Result<Option<&'static str>, Error> {
    let failed = |error| failed("install", error);
    let access = ServiceManagerAccess::CONNECT | ServiceManagerAccess::CREATE_SERVICE;
    let manager = ServiceManager::local_computer(None::<&str>, access).map_err(failed)?;
    let own = |error: io::Error| failed(windows_service::Error::Winapi(error));
    let program = security::resolve(&env::current_exe().map_err(own)?).map_err(own)?;
    let folder = security::resolve(&folder(arguments)).map_err(own)?;
    security::check_program(&program)?;
    security::check_log(&folder)?;
    let info = ServiceInfo {
        name: NAME.into(),
        display_name: DISPLAY_NAME.into(),
        service_type: ServiceType::OWN_PROCESS,
        start_type: ServiceStartType::AutoStart,
        error_control: ServiceErrorControl::Normal,
        executable_path: program,
        launch_arguments: launch_arguments(folder, arguments),
        dependencies: Vec::new(),
        account_name: None,
        account_password: None,
    };
    let service = manager
        .create_service(&info, ServiceAccess::START | ServiceAccess::CHANGE_CONFIG)
        .map_err(failed)?;
    service.set_description(DESCRIPTION).map_err(failed)?;
    let is_restricted = privileges::restrict(&service)
        .map_err(|error| ServiceError { action: "restrict", error })?;
    service.start::<&str>(&[]).map_err(|error| self::failed("start", error))?;
    Ok((!is_restricted).then_some(ALL_PRIVILEGES))
}

/// The command line with which the service manager starts the service.
fn launch_arguments(folder: PathBuf, arguments: &LogArguments) -> Vec<OsString> {
    vec![
        "service".into(),
        "run".into(),
        "--folder".into(),
        folder.into_os_string(),
        "--file-size".into(),
        arguments.file_size.to_string().into(),
        "--files".into(),
        arguments.files.to_string().into(),
    ]
}

/// Stops the service and removes it.
pub(crate) fn remove_service() -> Result<(), Error> {
    let failed = |error| failed("remove", error);
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

/// The state of the service and its log.
pub(crate) fn service_report() -> Result<ServiceReport, Error> {
    let failed = |error| failed("find", error);
    let access = ServiceAccess::QUERY_STATUS | ServiceAccess::QUERY_CONFIG;
    let Some(service) = open(NAME, access).map_err(failed)? else {
        return Ok(ServiceReport { state: None, process_id: None, log: None });
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
    let process_id = status.process_id.filter(|id| *id != 0);
    Ok(ServiceReport { state: Some(state), process_id, log: log_report(&service) })
}

/// The log, whose folder is in the command line of the service.
fn log_report(service: &Service) -> Option<LogReport> {
    let line = service.query_config().ok()?.executable_path.into_os_string().into_string().ok()?;
    let Ok(Arguments {
        command: Command::Service { command: ServiceCommand::Run(arguments) }, ..
    }) = parse(winsplit::split(&line))
    else {
        return None;
    };
    let folder = folder(&arguments);
    let summary = summarize(&Disk, &folder).ok()?;
    Some(LogReport { folder, summary })
}

/// The service of this name, if it is installed.
pub(super) fn open(name: &str, access: ServiceAccess) -> windows_service::Result<Option<Service>> {
    match manager()?.open_service(name, access) {
        Err(windows_service::Error::Winapi(error))
            if WindowsError::from(&error).code == SERVICE_DOES_NOT_EXIST =>
        {
            Ok(None)
        }
        service => service.map(Some),
    }
}

fn manager() -> windows_service::Result<ServiceManager> {
    ServiceManager::local_computer(None::<&str>, ServiceManagerAccess::CONNECT)
}

pub(super) fn failed(action: &'static str, error: windows_service::Error) -> Error {
    let error = match error {
        windows_service::Error::Winapi(error) => WindowsError::from(&error),
        other => WindowsError { code: 0, message: other.to_string() },
    };
    ServiceError { action, error }.into()
}

/// The folder of the log.
pub(super) fn folder(arguments: &LogArguments) -> PathBuf {
    let system =
        || sessionwatch_system32::folder().unwrap_or_else(|_| r"C:\Windows\System32".into());
    arguments.folder.clone().unwrap_or_else(|| system().join(r"LogFiles\SessionWatch"))
}
