//! What could be found out of a machine.

use std::fmt;

use sessionwatch_protocol::DescribeReply;

use crate::error::Error;
use crate::time::SystemTime;

/// What could be found out of a machine. What is `None` is not known.
#[derive(Debug)]
pub struct Facts {
    /// The Windows that runs.
    pub windows: Option<WindowsVersion>,
    /// Whether this program may do what administrators may.
    pub is_administrator: Option<bool>,
    /// The bits `CODEINTEGRITY_OPTION_*` of `SYSTEM_CODEINTEGRITY_INFORMATION`.
    pub code_integrity: Option<u32>,
    /// Whether Secure Boot is on. A machine without UEFI does not say.
    pub is_secure_boot: Option<bool>,
    /// The version of the framework that is on the machine: major, minor.
    pub kmdf: Option<(u16, u16)>,
    /// The driver's service.
    pub service: Option<Service>,
    /// What the driver says of its journal, or why it does not.
    pub driver: Result<DescribeReply, Error>,
    /// When somebody logged on last, as user mode knows it.
    pub last_logon: Option<SystemTime>,
}

/// A version of Windows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct WindowsVersion {
    /// 10 for Windows 10 and 11.
    pub major: u32,
    /// 0 for both.
    pub minor: u32,
    /// What tells them apart: 22000 and more is Windows 11.
    pub build: u32,
}

impl fmt::Display for WindowsVersion {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{}.{}", self.major, self.minor, self.build)
    }
}

/// The driver's service, as the service manager knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    /// There is none.
    Missing,
    /// It is installed.
    Installed {
        /// When it starts.
        start: StartType,
        /// How it is.
        state: ServiceState,
    },
}

/// When a service starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StartType {
    /// While Windows starts.
    WithWindows,
    /// When somebody asks for it.
    OnDemand,
    /// Never.
    Disabled,
}

/// How a service is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServiceState {
    /// It runs.
    Running,
    /// It does not, and this is the Win32 error of its last end.
    Stopped(u32),
    /// It is being started.
    StartPending,
    /// It is being stopped.
    StopPending,
}

/// Finds out what can be found out of this machine.
///
/// # Errors
///
/// Never: what cannot be found out is not known.
#[cfg(windows)]
pub fn examine() -> Result<Facts, Error> {
    let driver = crate::device::open().and_then(|device| crate::reader::describe(&*device));
    Ok(crate::windows::facts(driver))
}

/// Finds out what can be found out of this machine.
///
/// # Errors
///
/// Always: there is no driver outside of Windows.
#[cfg(not(windows))]
pub fn examine() -> Result<Facts, Error> {
    Err(Error::NotWindows)
}
