//! What this machine says of itself and of the driver's service.

use sessionwatch_protocol::DescribeReply;
use windows_registry::LOCAL_MACHINE;
use windows_service::service::{
    Service as Handle, ServiceAccess, ServiceExitCode, ServiceStartType, ServiceState as Manager,
};
use windows_version::OsVersion;

use super::system;
use crate::doctor::{Facts, Service, ServiceState, StartType, WindowsVersion};
use crate::error::Error;
use crate::time::SystemTime;
use crate::who::Directory as _;

/// The service's name in the INF.
const SERVICE: &str = "SessionWatch";

/// Finds out what can be found out, but for the driver's part.
pub(crate) fn facts(driver: Result<DescribeReply, Error>) -> Facts {
    let OsVersion { major, minor, build, .. } = OsVersion::current();
    Facts {
        windows: Some(WindowsVersion { major, minor, build }),
        is_administrator: system::is_elevated(),
        code_integrity: system::code_integrity(),
        is_secure_boot: is_secure_boot(),
        kmdf: system::framework_version(),
        service: service(),
        driver,
        last_logon: last_logon(),
    }
}

/// As Windows has found it when it started.
fn is_secure_boot() -> Option<bool> {
    let state = LOCAL_MACHINE.open(r"SYSTEM\CurrentControlSet\Control\SecureBoot\State").ok()?;
    state.get_u32("UEFISecureBootEnabled").ok().map(|enabled| enabled != 0)
}

/// Everybody may ask this of the service manager.
fn service() -> Option<Service> {
    let access = ServiceAccess::QUERY_STATUS | ServiceAccess::QUERY_CONFIG;
    match super::service::open(SERVICE, access).ok()? {
        Some(service) => installed(&service),
        None => Some(Service::Missing),
    }
}

fn installed(service: &Handle) -> Option<Service> {
    let status = service.query_status().ok()?;
    let start = match service.query_config().ok()?.start_type {
        ServiceStartType::OnDemand => StartType::OnDemand,
        ServiceStartType::Disabled => StartType::Disabled,
        _ => StartType::WithWindows,
    };
    let state = match (status.current_state, status.exit_code) {
        (Manager::Running, _) => ServiceState::Running,
        (Manager::StartPending, _) => ServiceState::StartPending,
        (Manager::StopPending, _) => ServiceState::StopPending,
        (_, ServiceExitCode::Win32(code) | ServiceExitCode::ServiceSpecific(code)) => {
            ServiceState::Stopped(code)
        }
    };
    Some(Service::Installed { start, state })
}

/// Of the sessions that there are; a listener and the services have none.
fn last_logon() -> Option<SystemTime> {
    let directory = super::Directory;
    let sessions = directory.sessions().ok()?;
    let known = |id| directory.session(id).ok().flatten();
    sessions.iter().filter_map(|session| known(session.session_id)?.logon_time).max()
}
