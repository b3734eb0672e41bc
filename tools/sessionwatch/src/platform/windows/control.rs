//! The service's handler of controls, and its status.
//!
//! windows-service hides a session change whose reason it does not know. This handler passes
//! every reason on.
#![expect(unsafe_code, reason = "the service manager calls a function and fills structures")]

use std::ffi::c_void;
use std::io;
use std::os::windows::ffi::OsStrExt;
use std::sync::OnceLock;

use windows_sys::Win32::Foundation::{ERROR_CALL_NOT_IMPLEMENTED, NO_ERROR};
use windows_sys::Win32::System::RemoteDesktop::WTSSESSION_NOTIFICATION;
use windows_sys::Win32::System::Services::{
    RegisterServiceCtrlHandlerExW, SERVICE_ACCEPT_SESSIONCHANGE, SERVICE_ACCEPT_STOP,
    SERVICE_CONTROL_INTERROGATE, SERVICE_CONTROL_SESSIONCHANGE, SERVICE_CONTROL_STOP,
    SERVICE_RUNNING, SERVICE_STATUS, SERVICE_STATUS_HANDLE, SERVICE_STOP_PENDING, SERVICE_STOPPED,
    SERVICE_WIN32_OWN_PROCESS, SetServiceStatus,
};

/// The time that the service manager waits for the next status, in milliseconds.
const WAIT_HINT_MS: u32 = 30_000;

/// A control of the service manager.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Control {
    /// Stop.
    Stop,
    /// A session changed.
    SessionChange {
        /// A `WTS_` reason of `winuser.h`, known or not.
        reason: u32,
        /// The session's id.
        session_id: u32,
    },
}

/// The one handler of this process. It lives as long as the process, because the service manager
/// may call it at any time.
static HANDLER: OnceLock<Box<dyn Fn(Control) + Send + Sync>> = OnceLock::new();

/// The service's status in the service manager.
#[derive(Clone, Copy)]
pub(super) struct Status(SERVICE_STATUS_HANDLE);

/// A state of the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Running,
    Stopping,
    Stopped,
}

/// Registers the handler of the service with this name. It runs on a thread of the service
/// manager.
pub(super) fn register(
    name: &str,
    handler: impl Fn(Control) + Send + Sync + 'static,
) -> io::Result<Status> {
    HANDLER.get_or_init(|| Box::new(handler));
    let name: Vec<u16> = std::ffi::OsStr::new(name).encode_wide().chain([0]).collect();
    // SAFETY: the name ends with a zero and lives through the call. The function has the
    // signature of HandlerEx, and uses no context.
    let handle = unsafe {
        RegisterServiceCtrlHandlerExW(name.as_ptr(), Some(handle_control), std::ptr::null())
    };
    if handle.is_null() { Err(io::Error::last_os_error()) } else { Ok(Status(handle)) }
}

/// The service manager's callback: `HandlerEx` of `winsvc.h`.
unsafe extern "system" fn handle_control(
    control: u32,
    reason: u32,
    data: *mut c_void,
    _context: *mut c_void,
) -> u32 {
    let control = match control {
        SERVICE_CONTROL_INTERROGATE => return NO_ERROR,
        SERVICE_CONTROL_STOP => Control::Stop,
        SERVICE_CONTROL_SESSIONCHANGE if !data.is_null() => {
            // SAFETY: with this control, the data are a WTSSESSION_NOTIFICATION (HandlerEx's
            // page), which lives through the call. Nothing promises its alignment.
            let notification = unsafe { data.cast::<WTSSESSION_NOTIFICATION>().read_unaligned() };
            Control::SessionChange { reason, session_id: notification.dwSessionId }
        }
        _ => return ERROR_CALL_NOT_IMPLEMENTED,
    };
    if let Some(handler) = HANDLER.get() {
        handler(control);
    }
    NO_ERROR
}

impl Status {
    /// Tells the service manager the state.
    pub(super) fn set(self, state: State) -> io::Result<()> {
        let (state, accepted) = match state {
            State::Running => (SERVICE_RUNNING, SERVICE_ACCEPT_STOP | SERVICE_ACCEPT_SESSIONCHANGE),
            State::Stopping => (SERVICE_STOP_PENDING, 0),
            State::Stopped => (SERVICE_STOPPED, 0),
        };
        let status = SERVICE_STATUS {
            dwServiceType: SERVICE_WIN32_OWN_PROCESS,
            dwCurrentState: state,
            dwControlsAccepted: accepted,
            dwWin32ExitCode: NO_ERROR,
            dwServiceSpecificExitCode: 0,
            dwCheckPoint: 0,
            dwWaitHint: WAIT_HINT_MS,
        };
        // SAFETY: the handle is of this process and never closed (its page), and the structure
        // lives through the call.
        if unsafe { SetServiceStatus(self.0, &raw const status) } == 0 {
            return Err(io::Error::last_os_error());
        }
        Ok(())
    }
}
