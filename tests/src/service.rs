//! The driver's service, by the service manager.

use std::thread::sleep;
use std::time::{Duration, Instant};

use windows_service::service::{ServiceAccess, ServiceState};
use windows_service::service_manager::{ServiceManager, ServiceManagerAccess};

use crate::host;

/// How long a change of state may take. Only a failure takes so long.
const PATIENCE: Duration = Duration::from_secs(30);

/// Starts a driver.
///
/// Wine's service manager at times fails a start without loading the driver:
/// while it starts the system's own services, and when the process that ran the
/// drivers before is just ending. The host writes a verdict on every load that
/// fails; so a start that failed without one was none, and is tried again.
///
/// # Errors
///
/// What the service manager says.
pub fn start(service: &windows_service::service::Service) -> windows_service::Result<()> {
    let (begin, before) = (Instant::now(), host::verdicts().len());
    loop {
        match service.start::<&str>(&[]) {
            Err(_) if host::verdicts().len() == before && begin.elapsed() < PATIENCE => {
                sleep(Duration::from_millis(100));
            }
            result => return result,
        }
    }
}

/// The driver's service.
pub struct Service {
    service: windows_service::service::Service,
}

impl Service {
    /// The name in the INF.
    pub const NAME: &str = "SessionWatch";

    /// The installed service.
    ///
    /// # Errors
    ///
    /// What the service manager says, most often that there is none.
    pub fn open() -> windows_service::Result<Self> {
        let manager =
            ServiceManager::local_computer(None::<&str>, ServiceManagerAccess::CONNECT).unwrap();
        let access = ServiceAccess::START | ServiceAccess::STOP | ServiceAccess::QUERY_STATUS;
        manager.open_service(Self::NAME, access).map(|service| Self { service })
    }

    /// Starts the driver.
    ///
    /// # Errors
    ///
    /// What the service manager says.
    pub fn start(&self) -> windows_service::Result<()> {
        start(&self.service)?;
        self.wait_for(ServiceState::Running);
        Ok(())
    }

    /// Asks the driver to stop, without waiting for it.
    pub fn ask_to_stop(&self) {
        // While a handle is open the driver cannot stop at once, and how the
        // service manager answers then is not what is tested.
        let _ = self.service.stop();
    }

    /// Stops the driver.
    pub fn stop(&self) {
        self.ask_to_stop();
        self.wait_for(ServiceState::Stopped);
    }

    /// The state it is in.
    #[must_use]
    pub fn state(&self) -> ServiceState {
        self.service.query_status().unwrap().current_state
    }

    /// Waits until it is in this state.
    ///
    /// # Panics
    ///
    /// If it takes too long.
    pub fn wait_for(&self, state: ServiceState) {
        let begin = Instant::now();
        while self.state() != state {
            assert!(begin.elapsed() < PATIENCE, "still {:?}, not {state:?}", self.state());
            sleep(Duration::from_millis(10));
        }
    }
}
