//! The end of a load: the framework's unload, and the check for leftovers.
//!
//! Windows calls `DriverUnload` after the last close. Wine calls it while handles are open, so here
//! the routine waits for the last close itself. Until then the service is stop-pending, open
//! handles work, and new opens fail because the link is deleted. Laxer than Windows: the call that
//! stops the service waits as well, up to the service manager's time limit.

use std::time::Duration;

use kmdf_host_control::{Rule, Verdict};

use crate::framework::binding::{self, Binding};
use crate::framework::driver::Driver;
use crate::framework::{device, device_init, objects};
use crate::machine::load::{self, Load};
use crate::machine::nt::DriverObject;
use crate::machine::{event_tracing, pool, session_registration};
use crate::watch::rules::violation;
use crate::watch::verdict;

/// The time limit on open handles. Windows sets no limit.
const HANDLES_LIMIT: Duration = Duration::from_mins(1);
const CALL: &str = "EvtDriverUnload";

/// The framework's `DRIVER_OBJECT.DriverUnload`.
pub(crate) extern "system" fn driver_unload(_driver_object: *mut DriverObject) {
    let load = load::require(CALL);
    check_finished(&load);
    load.begin_unload();
    for device in device::all() {
        device.withdraw_link();
        if !device.files().wait_until_closed(HANDLES_LIMIT) {
            violation(CALL, Rule::HandlesLeft, format!("handles were open for {HANDLES_LIMIT:?}"));
        }
    }
    let binding = binding::require(CALL);
    let driver = binding.driver();
    if let Some(unload) = objects::resolve::<Driver>(CALL, driver).unload {
        unload.call(&load, [driver]);
    }
    objects::delete(CALL, &load, driver);
    binding.clear_driver();
    load.end_unload();
}

/// Ends the run if `DriverEntry` has returned and left a device that cannot be opened.
///
/// The end of `DriverEntry` shows in the unload routine, which the entry library replaces after a
/// success. The host looks at it when a program opens the device, and when the driver is unloaded.
pub(crate) fn check_finished(load: &Load) {
    if device::all().iter().any(|device| !device.is_finished()) && load.entry_is_over() {
        violation(
            "DriverEntry",
            Rule::DeviceNotFinished,
            "WdfControlFinishInitializing was not called for the control device",
        );
    }
}

/// Checks for leftovers, and writes the verdict.
pub(crate) fn end_of_load(binding: &Binding) {
    let load = &binding.load;
    let entry_failed = !load.unload_is_done();
    let call = if entry_failed { "DriverEntry" } else { CALL };
    let registrations = session_registration::left();
    if registrations != 0 {
        violation(call, Rule::RegistrationLeft, format!("{registrations} session registrations"));
    }
    let driver = binding.driver();
    if driver != 0 {
        objects::delete(call, load, driver);
        binding.clear_driver();
    }
    let objects = objects::left();
    if !objects.is_empty() {
        violation(call, Rule::ObjectLeft, objects.join(", "));
    }
    let inits = device_init::left();
    if inits != 0 {
        violation(call, Rule::DeviceInitLeft, format!("{inits} WDFDEVICE_INIT"));
    }
    let pool = pool::left();
    if !pool.is_empty() {
        violation(call, Rule::PoolLeft, pool.join(", "));
    }
    let providers = event_tracing::left();
    if providers != 0 {
        violation(call, Rule::ProviderLeft, format!("{providers} event providers"));
    }
    verdict::clean(Verdict::Clean {
        image: load.image.file_name(),
        image_sha256: load.image.sha256.clone(),
        entry_failed,
        counts: load.counters.read(),
    });
    binding::end();
    load::end();
}
