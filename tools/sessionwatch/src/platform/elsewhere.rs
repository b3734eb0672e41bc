//! Every system but Windows.

use std::sync::Arc;

use sessionwatch_failure::NotWindows;
use sessionwatch_smb::SessionServer;
use sessionwatch_tls::{ApplicationProtocol, SecurityPackage, Server};

use crate::error::Error;

/// The calls that list SMB sessions.
///
/// # Errors
///
/// Always.
pub(crate) fn smb_server() -> Result<Arc<dyn SessionServer>, NotWindows> {
    Err(NotWindows::new("SMB sessions can be listed"))
}

/// The security package for connections with `server` that offer `protocols`.
///
/// # Errors
///
/// Always.
pub(crate) fn tls_package(
    _server: &Server,
    _protocols: &[ApplicationProtocol],
) -> Result<Box<dyn SecurityPackage>, Error> {
    Err(NotWindows::new("Schannel exists").into())
}
