//! The service manager: installs, removes and queries services.

use std::ffi::OsString;
use std::path::PathBuf;
use std::thread::sleep;
use std::time::{Duration, Instant};
use std::{env, io};

use sessionwatch_archive::{Disk, purge_log, summarize};
use sessionwatch_failure::WindowsError;
use windows_service::service::{
    Service, ServiceAccess, ServiceAction, ServiceActionType, ServiceErrorControl,
    ServiceFailureActions, ServiceFailureResetPeriod, ServiceInfo, ServiceStartType, ServiceState,
    ServiceType,
};
use windows_service::service_manager::{ServiceManager, ServiceManagerAccess};

use super::{folder, privileges, security, trouble};
use crate::args::{Arguments, Command, LogArguments, ServiceCommand, parse};
use crate::error::Error;
use crate::service::{
    DESCRIPTION, DISPLAY_NAME, INVALID_LEVEL, LogReport, Manager, NAME, SERVICE_DOES_NOT_EXIST,
    ServiceError, ServiceReport, install,
};

/// The limit on the time that the service takes to stop before its removal.
const PATIENCE: Duration = Duration::from_secs(30);

/// The note for a service manager that cannot restrict a service.
const ALL_PRIVILEGES: &str = "the service runs with all privileges of SYSTEM: the service manager \
                              cannot restrict them (124)";

/// Installs and starts the service. Ordinary users may change neither its program nor its log.
///
/// Returns a note for people, if there is one.
pub(crate) fn install_service(arguments: &LogArguments) -> Result<Option<&'static str>, Error> {
    let own = |error: io::Error| failed("install", windows_service::Error::Winapi(error));
    let program = security::resolve(&env::current_exe().map_err(own)?).map_err(own)?;
    let folder = security::resolve(&folder::of(arguments)).map_err(own)?;
    security::check_program(&program)?;
    security::check_log(&folder)?;
    let is_restricted = install(&ThisManager { program, folder, arguments })?;
    Ok((!is_restricted).then_some(ALL_PRIVILEGES))
}

/// The service manager of this machine.
struct ThisManager<'a> {
    program: PathBuf,
    folder: PathBuf,
    arguments: &'a LogArguments,
}

impl ThisManager<'_> {
    fn open(access: ServiceAccess) -> Result<Service, ServiceError> {
        manager()
            .and_then(|manager| manager.open_service(NAME, access))
            .map_err(|error| rejected("install", error))
    }
}

impl Manager for ThisManager<'_> {
    fn create(&self) -> Result<(), ServiceError> {
        let failed = |error| rejected("install", error);
        let access = ServiceManagerAccess::CONNECT | ServiceManagerAccess::CREATE_SERVICE;
        let manager = ServiceManager::local_computer(None::<&str>, access).map_err(failed)?;
        let info = ServiceInfo {
            name: NAME.into(),
            display_name: DISPLAY_NAME.into(),
            service_type: ServiceType::OWN_PROCESS,
            start_type: ServiceStartType::AutoStart,
            error_control: ServiceErrorControl::Normal,
            executable_path: self.program.clone(),
            launch_arguments: launch_arguments(self.folder.clone(), self.arguments),
            dependencies: Vec::new(),
            account_name: None,
            account_password: None,
        };
        let service =
            manager.create_service(&info, ServiceAccess::CHANGE_CONFIG).map_err(failed)?;
        service.set_description(DESCRIPTION).map_err(failed)?;
        // The service waits for a folder that cannot be created; `install` sees that.
        let _ = folder::create_private(&self.folder);
        Ok(())
    }

    fn restart_after(&self, waits: &[Duration], reset: Duration) -> Result<(), ServiceError> {
        let failed = |error| rejected("install", error);
        let restart = |delay: &Duration| ServiceAction {
            action_type: ServiceActionType::Restart,
            delay: *delay,
        };
        // The right to start is needed for restarts (ChangeServiceConfig2's page).
        let service = Self::open(ServiceAccess::CHANGE_CONFIG | ServiceAccess::START)?;
        let actions = ServiceFailureActions {
            reset_period: ServiceFailureResetPeriod::After(reset),
            reboot_msg: None,
            command: None,
            actions: Some(waits.iter().map(restart).collect()),
        };
        service.update_failure_actions(actions).map_err(failed)?;
        // Without this, Windows restarts a service only after a crash. Wine does not know the flag.
        match service.set_failure_actions_on_non_crash_failures(true).map_err(failed) {
            Err(ServiceError::Rejected { error, .. }) if error.code == INVALID_LEVEL => Ok(()),
            outcome => outcome,
        }
    }

    fn keep_privileges(&self, privileges: &[&str]) -> Result<(), ServiceError> {
        let service = Self::open(ServiceAccess::CHANGE_CONFIG)?;
        privileges::require(&service, privileges)
            .map_err(|error| rejected("install", windows_service::Error::Winapi(error)))
    }

    fn start(&self) -> Result<(), ServiceError> {
        Self::open(ServiceAccess::START)?
            .start::<&str>(&[])
            .map_err(|error| rejected("start", error))
    }

    fn report(&self) -> Result<ServiceReport, ServiceError> {
        report()
    }

    fn remove(&self) -> Result<(), ServiceError> {
        remove()
    }

    fn wait(&self, time: Duration) {
        sleep(time);
    }
}

/// The arguments that the service manager passes to the service.
fn launch_arguments(folder: PathBuf, arguments: &LogArguments) -> Vec<OsString> {
    let mut line = vec![
        "service".into(),
        "run".into(),
        "--folder".into(),
        folder.into_os_string(),
        "--file-size".into(),
        arguments.file_size.to_string().into(),
        "--files".into(),
        arguments.files.to_string().into(),
    ];
    if let Some(days) = arguments.keep_days {
        line.extend(["--keep-days".into(), days.to_string().into()]);
    }
    if arguments.without_who {
        line.push("--without-who".into());
    }
    line
}

/// Stops the service and removes it; with `purge`, its log too.
pub(crate) fn remove_service(purge: bool) -> Result<(), Error> {
    let folder = open(NAME, ServiceAccess::QUERY_CONFIG)
        .ok()
        .flatten()
        .and_then(|service| arguments(&service))
        .map(|arguments| folder::of(&arguments));
    remove()?;
    if let Some(folder) = folder.filter(|_| purge) {
        purge_log(&Disk, &folder).map_err(|(file, reason)| ServiceError::NotPurged {
            file: file.display().to_string(),
            reason: reason.to_string(),
        })?;
    }
    Ok(())
}

fn remove() -> Result<(), ServiceError> {
    let failed = |error| rejected("remove", error);
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
    Ok(report()?)
}

pub(super) fn report() -> Result<ServiceReport, ServiceError> {
    let failed = |error| rejected("find", error);
    let access = ServiceAccess::QUERY_STATUS | ServiceAccess::QUERY_CONFIG;
    let Some(service) = open(NAME, access).map_err(failed)? else {
        return Ok(ServiceReport { state: None, process_id: None, trouble: None, log: None });
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
    let trouble = trouble::shown().filter(|_| process_id.is_some());
    Ok(ServiceReport { state: Some(state), process_id, trouble, log: log_report(&service) })
}

/// The log, whose folder is in the command line of the service.
fn log_report(service: &Service) -> Option<LogReport> {
    let folder = folder::of(&arguments(service)?);
    let summary = summarize(&Disk, &folder).ok()?;
    Some(LogReport { folder, summary })
}

/// The arguments in the command line of the service.
fn arguments(service: &Service) -> Option<LogArguments> {
    let line = service.query_config().ok()?.executable_path.into_os_string().into_string().ok()?;
    match parse(winsplit::split(&line)) {
        Ok(Arguments {
            command: Command::Service { command: ServiceCommand::Run(arguments) },
            ..
        }) => Some(arguments),
        _ => None,
    }
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
    rejected(action, error).into()
}

fn rejected(action: &'static str, error: windows_service::Error) -> ServiceError {
    let error = match error {
        windows_service::Error::Winapi(error) => WindowsError::from(&error),
        other => WindowsError { code: 0, message: other.to_string() },
    };
    ServiceError::Rejected { action, error }
}
