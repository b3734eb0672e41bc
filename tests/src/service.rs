//! The driver's service, controlled through the service manager.

use std::thread::sleep;
use std::time::{Duration, Instant};

use windows_service::service::{ServiceAccess, ServiceState};
use windows_service::service_manager::{ServiceManager, ServiceManagerAccess};

use crate::host;

/// The time limit on a change of state. Only a failing test waits that long.
const PATIENCE: Duration = Duration::from_secs(30);

/// Starts a driver.
///
/// Wine's service manager sometimes fails a start without loading the driver. It does so while it
/// starts the system's own services, and while the process of earlier drivers ends (observed). The
/// host writes a verdict on every failed load. So this function repeats a start that failed without
/// a verdict.
///
/// # Errors
///
/// The service manager's error.
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

    /// Opens the installed service.
    ///
    /// # Errors
    ///
    /// The service manager's error: usually, the service does not exist.
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
    /// The service manager's error.
    pub fn start(&self) -> windows_service::Result<()> {
        start(&self.service)?;
        self.wait_for(ServiceState::Running);
        Ok(())
    }

    /// Asks the driver to stop, without waiting for it.
    pub fn ask_to_stop(&self) {
        // The driver cannot stop while a handle is open. Tests do not depend on the service
        // manager's reply in that case.
        let _ = self.service.stop();
    }

    /// Stops the driver.
    pub fn stop(&self) {
        self.ask_to_stop();
        self.wait_for(ServiceState::Stopped);
    }

    /// The state of the service.
    #[must_use]
    pub fn state(&self) -> ServiceState {
        self.service.query_status().unwrap().current_state
    }

    /// Waits until the service is in this state.
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
