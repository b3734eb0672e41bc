//! Systems without the driver, WTS, LSA and Windows services.

use std::sync::Arc;

use sessionwatch_failure::NotWindows;
use sessionwatch_reader::Device;
use sessionwatch_smb::SessionServer;
use sessionwatch_tls::{ApplicationProtocol, SecurityPackage, Server};
use sessionwatch_who::Directory;

use super::Stop;
use crate::args::LogArguments;
use crate::doctor::Facts;
use crate::error::Error;
use crate::service::ServiceReport;

pub(crate) fn search_system32_only() {}

pub(crate) fn open_driver() -> Result<Box<dyn Device>, Error> {
    Err(NotWindows::DRIVER.into())
}

pub(crate) fn open_driver_until_interrupted() -> Result<Box<dyn Device>, Error> {
    Err(NotWindows::DRIVER.into())
}

pub(crate) fn open_driver_stoppable() -> Result<(Box<dyn Device + Send>, Stop), Error> {
    Err(NotWindows::DRIVER.into())
}

pub(crate) fn directory() -> Result<Box<dyn Directory>, Error> {
    Err(NotWindows::new("user mode says who is in a session").into())
}

pub(crate) fn examine() -> Result<Facts, Error> {
    Err(NotWindows::new("doctor diagnoses the driver").into())
}

pub(crate) fn install_service(_: &LogArguments) -> Result<Option<&'static str>, Error> {
    Err(NO_SERVICE.into())
}

pub(crate) fn remove_service(_: bool) -> Result<(), Error> {
    Err(NO_SERVICE.into())
}

pub(crate) fn service_report() -> Result<ServiceReport, Error> {
    Err(NO_SERVICE.into())
}

pub(crate) fn run_service(_: &LogArguments, _: crate::log_writer::Follow) -> Result<(), Error> {
    Err(NO_SERVICE.into())
}

pub(crate) fn smb_server() -> Result<Arc<dyn SessionServer>, Error> {
    Err(NotWindows::new("SMB sessions can be listed").into())
}

pub(crate) fn tls_package(
    _: &Server,
    _: &[ApplicationProtocol],
) -> Result<Box<dyn SecurityPackage>, Error> {
    Err(NotWindows::new("Schannel exists").into())
}

const NO_SERVICE: NotWindows = NotWindows::new("the service runs");
