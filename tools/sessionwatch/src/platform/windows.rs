//! Windows.

use std::sync::Arc;

use sessionwatch_failure::NotWindows;
use sessionwatch_smb::SessionServer;
use sessionwatch_smb::windows::NetworkManagement;
use sessionwatch_tls::windows::Schannel;
use sessionwatch_tls::{ApplicationProtocol, SecurityPackage, Server};

use crate::error::Error;

/// The calls that list SMB sessions.
///
/// # Errors
///
/// None.
#[expect(clippy::unnecessary_wraps, reason = "other systems return an error")]
pub(crate) fn smb_server() -> Result<Arc<dyn SessionServer>, NotWindows> {
    Ok(Arc::new(NetworkManagement))
}

/// The security package for connections with `server` that offer `protocols`.
///
/// # Errors
///
/// If Schannel does not work, or the names of the protocols are too long together.
pub(crate) fn tls_package(
    server: &Server,
    protocols: &[ApplicationProtocol],
) -> Result<Box<dyn SecurityPackage>, Error> {
    match Schannel::new(server, protocols) {
        Ok(package) => Ok(Box::new(package)),
        Err(reason) => Err(Error::Tls { server: server.to_string(), reason }),
    }
}
