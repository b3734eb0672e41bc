//! Windows: the driver, WTS and LSA, and the service manager.

mod control;
mod facts;
mod folder;
mod manager;
mod privileges;
mod security;
mod service;
mod system;
mod trouble;
mod version;

use std::sync::Arc;

pub(crate) use manager::{install_service, remove_service, service_report};
pub(crate) use service::run_service;
use sessionwatch_reader::windows::Driver;
use sessionwatch_reader::{Device, describe};
use sessionwatch_smb::SessionServer;
use sessionwatch_smb::windows::NetworkManagement;
pub(crate) use sessionwatch_system32::search_system32_only;
use sessionwatch_tls::windows::Schannel;
use sessionwatch_tls::{ApplicationProtocol, SecurityPackage, Server};
use sessionwatch_who::Directory;
use sessionwatch_who::windows::ThisMachine;

use super::Stop;
use crate::doctor::Facts;
use crate::error::Error;
use crate::interrupt::on_interrupt;

/// Opens the driver's device.
pub(crate) fn open_driver() -> Result<Box<dyn Device>, Error> {
    Ok(Box::new(Driver::open()?))
}

/// Opens the driver's device for a command that Ctrl-C ends cleanly. After Ctrl-C, every request
/// fails as interrupted, including a pending one.
pub(crate) fn open_driver_until_interrupted() -> Result<Box<dyn Device>, Error> {
    let driver = Driver::open()?;
    let interrupt = driver.interrupt();
    on_interrupt(move || interrupt.set())?;
    Ok(Box::new(driver))
}

/// Opens the driver's device for a thread, and returns the function that interrupts its requests.
pub(crate) fn open_driver_stoppable() -> Result<(Box<dyn Device + Send>, Stop), Error> {
    let driver = Driver::open()?;
    let interrupt = driver.interrupt();
    Ok((Box::new(driver), Box::new(move || interrupt.set())))
}

/// WTS and LSA of this machine.
pub(crate) fn directory() -> Result<Box<dyn Directory>, Error> {
    Ok(Box::new(ThisMachine::new()?))
}

/// The calls that list SMB sessions.
pub(crate) fn smb_server() -> Result<Arc<dyn SessionServer>, Error> {
    Ok(Arc::new(NetworkManagement::new()?))
}

/// The security package for connections with `server` that offer `protocols`.
pub(crate) fn tls_package(
    server: &Server,
    protocols: &[ApplicationProtocol],
) -> Result<Box<dyn SecurityPackage>, Error> {
    match Schannel::new(server, protocols) {
        Ok(package) => Ok(Box::new(package)),
        Err(reason) => Err(Error::Tls { server: server.to_string(), reason }),
    }
}

/// The facts about this machine. Facts that cannot be had are unknown.
#[expect(clippy::unnecessary_wraps, reason = "other systems return an error")]
pub(crate) fn examine() -> Result<Facts, Error> {
    let driver = Driver::open().map_err(Into::into).and_then(|driver| describe(&driver));
    Ok(facts::facts(driver))
}
