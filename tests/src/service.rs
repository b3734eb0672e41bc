//! The driver's service, by the service manager.

use std::thread::sleep;
use std::time::{Duration, Instant};

use windows_service::service::{ServiceAccess, ServiceState};
use windows_service::service_manager::{ServiceManager, ServiceManagerAccess};

/// How long a change of state may take. Only a failure takes so long.
const PATIENCE: Duration = Duration::from_secs(30);

/// The driver's service.
pub struct Service {
    service: windows_service::service::Service,
}

impl Service {
    /// The name in the INF.
    pub const NAME: &str = "SessionWatch";

    /// The installed service, or `None` where there is none.
    #[must_use]
    pub fn open() -> Option<Self> {
        let manager =
            ServiceManager::local_computer(None::<&str>, ServiceManagerAccess::CONNECT).unwrap();
        let access = ServiceAccess::START | ServiceAccess::STOP | ServiceAccess::QUERY_STATUS;
        manager.open_service(Self::NAME, access).ok().map(|service| Self { service })
    }

    /// Starts the driver.
    ///
    /// # Errors
    ///
    /// What the service manager says.
    pub fn start(&self) -> windows_service::Result<()> {
        self.service.start::<&str>(&[])?;
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
