//! The facts about a machine.

use std::fmt;

use sessionwatch_protocol::DescribeReply;
use sessionwatch_reader::ReadError;
use sessionwatch_reader::time::SystemTime;

use crate::service::ServiceReport;

/// The facts about a machine. A fact that is `None` is unknown.
#[derive(Debug)]
pub struct Facts {
    /// The version of Windows.
    pub windows: Option<WindowsVersion>,
    /// True if this program has the rights of an administrator.
    pub is_administrator: Option<bool>,
    /// The bits `CODEINTEGRITY_OPTION_*` of `SYSTEM_CODEINTEGRITY_INFORMATION`.
    pub code_integrity: Option<u32>,
    /// True if Secure Boot is on; unknown on a machine without UEFI.
    pub is_secure_boot: Option<bool>,
    /// The version of KMDF on the machine: major, minor.
    pub kmdf: Option<(u16, u16)>,
    /// The driver's service.
    pub service: Option<Service>,
    /// The log service.
    pub log_service: Option<ServiceReport>,
    /// The driver's describe reply, or why there is none.
    pub driver: Result<DescribeReply, ReadError>,
    /// The time of the last logon, from user mode.
    pub last_logon: Option<SystemTime>,
}

/// A version of Windows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct WindowsVersion {
    /// 10 for Windows 10 and 11.
    pub major: u32,
    /// 0 for both.
    pub minor: u32,
    /// The build, which distinguishes them: Windows 11 begins with 22000.
    pub build: u32,
}

impl fmt::Display for WindowsVersion {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{}.{}", self.major, self.minor, self.build)
    }
}

/// The driver's service in the service manager.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    /// The service is not installed.
    Missing,
    /// The service is installed.
    Installed {
        /// Its start type.
        start: StartType,
        /// Its state.
        state: ServiceState,
    },
}

/// The start type of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StartType {
    /// While Windows starts.
    WithWindows,
    /// On demand.
    OnDemand,
    /// Never.
    Disabled,
}

/// The state of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServiceState {
    /// The service is running.
    Running,
    /// The service is stopped, with the Win32 error of its last end.
    Stopped(u32),
    /// The service is starting.
    StartPending,
    /// The service is stopping.
    StopPending,
}
