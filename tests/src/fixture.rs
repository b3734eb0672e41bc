//! A driver that is installed and started for one test.

use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use kmdf_host_control::{Counts, DeviceReport, Verdict};

use crate::device::Device;
use crate::package::{INSTALLED_IMAGE, Package, sha256};
use crate::service::Service;
use crate::{host, registry};

/// Set where the driver is installed already, on Windows: `cargo make test-vm`.
/// Then there is no host, which could raise events and gives verdicts, and the
/// driver stays installed.
const INSTALLED: &str = "SESSIONWATCH_INSTALLED";

fn is_installed() -> bool {
    std::env::var_os(INSTALLED).is_some()
}

/// There is one driver of this name on a machine, so tests take turns.
static TURN: Mutex<()> = Mutex::new(());

/// The installed driver. A test that ends well calls [`finish`](Self::finish),
/// which asserts what the host says; otherwise dropping it cleans up.
pub struct Fixture {
    package: Package,
    service: Service,
    _turn: MutexGuard<'static, ()>,
}

impl Fixture {
    /// Installs the driver, without starting it; one that is installed is stopped.
    #[must_use]
    pub fn installed() -> Self {
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let package = Package::built();
        if is_installed() {
            let service = Service::open().expect("install the driver: cargo make install");
            service.stop();
            return Self { package, service, _turn: turn };
        }
        host::clear_verdicts();
        package.install();
        let service = Service::open().expect("the INF has made the service");
        Self { package, service, _turn: turn }
    }

    /// Installs and starts the driver, as the INF sets it.
    #[must_use]
    pub fn started() -> Self {
        let fixture = Self::installed();
        fixture.service.start().unwrap();
        fixture
    }

    /// Installs and starts the driver with this `RingCapacity`.
    #[must_use]
    pub fn with_capacity(capacity: u32) -> Self {
        Self::with_setting("RingCapacity", capacity)
    }

    /// Installs and starts the driver with this value in its `Parameters` key.
    #[must_use]
    pub fn with_setting(name: &str, number: u32) -> Self {
        let fixture = Self::installed();
        registry::set_number(Service::NAME, name, number);
        fixture.service.start().unwrap();
        fixture
    }

    /// Installs and starts the driver with a value that is no number.
    #[must_use]
    pub fn with_setting_text(name: &str, text: &str) -> Self {
        let fixture = Self::installed();
        registry::set_text(Service::NAME, name, text);
        fixture.service.start().unwrap();
        fixture
    }

    /// The package that it is installed from.
    #[must_use]
    pub fn package(&self) -> &Package {
        &self.package
    }

    /// The driver's service.
    #[must_use]
    pub fn service(&self) -> &Service {
        &self.service
    }

    /// A new handle to the device.
    #[must_use]
    pub fn device(&self) -> Device {
        Device::open().unwrap()
    }

    /// What the driver asked for when it made its device.
    #[must_use]
    pub fn device_report(&self) -> DeviceReport {
        host::device_report()
    }

    /// Stops the driver and uninstalls it; asserts that the host has nothing to
    /// say against any load since the installation.
    pub fn finish(self) {
        if is_installed() {
            self.service.stop();
            return;
        }
        assert!(!self.into_counts().is_empty(), "the host has given no verdict");
    }

    /// As [`finish`](Self::finish); gives the counts of each load.
    #[must_use]
    pub fn into_counts(self) -> Vec<Counts> {
        self.service.stop();
        let image = sha256(Path::new(INSTALLED_IMAGE));
        assert_eq!(image, sha256(&self.package.file("sessionwatch.sys")));
        let counts = host::verdicts().into_iter().map(|verdict| match verdict {
            Verdict::Clean { image_sha256, entry_failed: false, counts, .. } => {
                assert_eq!(image_sha256, image, "another image was loaded");
                counts
            }
            other => panic!("{other:?}"),
        });
        counts.collect()
    }
}

impl Drop for Fixture {
    fn drop(&mut self) {
        if is_installed() {
            // For who comes next: as a start of Windows would leave it.
            let _it_may_run_already = self.service.start();
            return;
        }
        self.service.ask_to_stop();
        self.package.uninstall();
        if std::thread::panicking() {
            eprintln!("the host's verdicts: {:#?}", host::verdicts());
        }
    }
}
