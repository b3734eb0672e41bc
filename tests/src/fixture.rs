//! The driver, installed and started for one test.

use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use kmdf_host_control::{Counts, DeviceReport, Verdict};

use crate::device::Device;
use crate::package::{INSTALLED_IMAGE, Package, sha256};
use crate::service::Service;
use crate::{host, registry};

/// Set by `cargo make test-vm` on Windows, where the driver is already installed. There is no host
/// then, so no test can raise events or get a verdict. The driver stays installed.
const INSTALLED: &str = "SESSIONWATCH_INSTALLED";

fn is_installed() -> bool {
    std::env::var_os(INSTALLED).is_some()
}

/// Tests take turns, because a machine has only one driver of this name.
static TURN: Mutex<()> = Mutex::new(());

/// The installed driver. A test that ends well calls [`finish`](Self::finish), which asserts the
/// host's verdicts. After a failed test, dropping the value cleans up.
pub struct Fixture {
    package: Package,
    service: Service,
    _turn: MutexGuard<'static, ()>,
}

impl Fixture {
    /// Installs the driver without starting it. Stops a driver that is already installed.
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
        let service = Service::open().expect("the INF created the service");
        Self { package, service, _turn: turn }
    }

    /// Installs the driver, and starts it with the settings of the INF.
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

    /// Installs and starts the driver with this text in its `Parameters` key.
    #[must_use]
    pub fn with_setting_text(name: &str, text: &str) -> Self {
        let fixture = Self::installed();
        registry::set_text(Service::NAME, name, text);
        fixture.service.start().unwrap();
        fixture
    }

    /// The package from which the driver is installed.
    #[must_use]
    pub fn package(&self) -> &Package {
        &self.package
    }

    /// The driver's service.
    #[must_use]
    pub fn service(&self) -> &Service {
        &self.service
    }

    /// Opens a new handle to the device.
    #[must_use]
    pub fn device(&self) -> Device {
        Device::open().unwrap()
    }

    /// The properties of the driver's device, as the host reports them.
    #[must_use]
    pub fn device_report(&self) -> DeviceReport {
        host::device_report()
    }

    /// Stops and uninstalls the driver. Asserts that the host's verdict on every load since the
    /// installation is clean.
    pub fn finish(self) {
        if is_installed() {
            self.service.stop();
            return;
        }
        assert!(!self.into_counts().is_empty(), "the host gave no verdict");
    }

    /// Like [`finish`](Self::finish), but returns the counts of each load.
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
            // Leaves the driver running, as a start of Windows does.
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
