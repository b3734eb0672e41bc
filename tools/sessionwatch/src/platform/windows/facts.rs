//! The facts about this machine and the driver's service.

use sessionwatch_protocol::DescribeReply;
use sessionwatch_reader::ReadError;
use sessionwatch_reader::time::SystemTime;
use sessionwatch_who::Directory as _;
use sessionwatch_who::windows::ThisMachine;
use windows_registry::LOCAL_MACHINE;
use windows_service::service::{
    Service as Handle, ServiceAccess, ServiceExitCode, ServiceStartType, ServiceState as Manager,
};
use windows_version::OsVersion;

use super::{manager, system};
use crate::doctor::{Facts, Service, ServiceState, StartType, WindowsVersion};

/// The service's name in the INF.
const SERVICE: &str = "SessionWatch";

/// The facts, with the driver's describe reply.
pub(super) fn facts(driver: Result<DescribeReply, ReadError>) -> Facts {
    let OsVersion { major, minor, build, .. } = OsVersion::current();
    Facts {
        windows: Some(WindowsVersion { major, minor, build }),
        is_administrator: system::is_elevated(),
        code_integrity: system::code_integrity(),
        is_secure_boot: is_secure_boot(),
        kmdf: system::framework_version(),
        service: service(),
        log_service: manager::report().ok(),
        driver,
        last_logon: last_logon(),
    }
}

/// The state of Secure Boot at the start of Windows.
fn is_secure_boot() -> Option<bool> {
    let state = LOCAL_MACHINE.open(r"SYSTEM\CurrentControlSet\Control\SecureBoot\State").ok()?;
    state.get_u32("UEFISecureBootEnabled").ok().map(|enabled| enabled != 0)
}

/// The driver's service. Every user may query it.
fn service() -> Option<Service> {
    let access = ServiceAccess::QUERY_STATUS | ServiceAccess::QUERY_CONFIG;
    match manager::open(SERVICE, access).ok()? {
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

/// The last logon of a present session. Listeners and the services have no logon.
fn last_logon() -> Option<SystemTime> {
    let directory = ThisMachine::new().ok()?;
    let sessions = directory.sessions().ok()?;
    let known = |id| directory.session(id).ok().flatten();
    sessions.iter().filter_map(|session| known(session.session_id)?.logon_time).max()
}
