//! The order of start and stop.
//!
//! Start: everything that a callback touches is ready before the callback can run. The
//! device opens last, so an open device always belongs to a registered driver. If a step
//! fails, the values created so far undo their steps when they are dropped.
//!
//! Stop: [`Service::stop`] unregisters first, which waits for running callbacks, and then
//! cancels the pending reads. Then the framework deletes the device. The service and its
//! memory go with the driver object.

use sessionwatch_journal::{Setting, Settings};
use sessionwatch_protocol::{DEVICE_NAME, SYMBOLIC_LINK};
use widestring::{U16Str, u16str};

use crate::service::Service;
use crate::wdf::trace::{self, Tracing};
use crate::wdf::{ControlDevice, Driver, Result, StartError, Status};

/// Full access for SYSTEM and administrators, no access for anybody else. `P` blocks
/// inherited entries. This is `SDDL_DEVOBJ_SYS_ALL_ADM_ALL` of `wdmsec.h`.
const SYSTEM_AND_ADMINISTRATORS: &U16Str = u16str!("D:P(A;;GA;;;SY)(A;;GA;;;BA)");

/// Starts the driver, once the framework's driver object exists. `PASSIVE_LEVEL`. After
/// success the service owns the registration in `tracing`.
pub(crate) fn start(driver: &Driver<Service>, tracing: &Tracing) -> Result<(), StartError> {
    let service = driver.install(Service::new(settings(driver))?)?;
    service.publish_ring();
    let device = ControlDevice::create(
        driver,
        u16str!(DEVICE_NAME),
        u16str!(SYMBOLIC_LINK),
        SYSTEM_AND_ADMINISTRATORS,
        service.pending_queue(),
    )?;
    service.trace_loaded();
    let registered = service.register(driver);
    trace::registered(registered);
    registered?;
    device.open();
    service.keep_tracing(tracing);
    wdk::println!("sessionwatch: started, the ring keeps {} events", service.capacity());
    Ok(())
}

/// Reports to the debugger and to the trace why the driver does not start. Windows shows
/// only the status.
pub(crate) fn failed(error: StartError) {
    wdk::println!("sessionwatch: does not start: {error}");
    trace::start_failed(error);
}

fn settings(driver: &Driver<Service>) -> Settings {
    let key = driver.parameters();
    Settings::from_registry(|name| match &key {
        Ok(key) => key.number(name),
        Err(Status::NOT_FOUND) => Setting::Absent,
        Err(_) => Setting::Unreadable,
    })
}
