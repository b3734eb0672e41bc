//! Schannel, the security package of TLS, through SSPI.
//!
//! Source of what each call does: Microsoft's pages on "Creating a Secure
//! Connection Using Schannel" and on the functions of `sspi.h`.

mod attributes;
mod buffers;
mod certificate;
mod context;
mod credentials;

use std::iter;

use context::Context;
use credentials::Credentials;

use crate::tls::{
    ApplicationProtocol, Client, SecurityPackage, Server, Status, TlsError, extension,
};

/// The client's side of connections with one server.
pub(crate) struct Schannel {
    credentials: Credentials,
    /// The server's name, for its certificate and for the cache of sessions.
    target: Vec<u16>,
    /// What is offered by ALPN; nothing where it is empty.
    offer: Vec<u8>,
}

impl Schannel {
    /// One set of credentials for all connections: the sessions that may be
    /// resumed are kept with it.
    pub(crate) fn new(
        server: &Server,
        protocols: &[ApplicationProtocol],
    ) -> Result<Self, TlsError> {
        let offer = if protocols.is_empty() {
            Vec::new()
        } else {
            extension(protocols).ok_or(TlsError::TooManyProtocols)?
        };
        let target = server.host.to_string().encode_utf16().chain(iter::once(0)).collect();
        let credentials = Credentials::acquire().map_err(TlsError::Package)?;
        Ok(Self { credentials, target, offer })
    }
}

impl SecurityPackage for Schannel {
    fn client(&self) -> Result<Box<dyn Client + '_>, Status> {
        Ok(Box::new(Context::new(&self.credentials, &self.target, &self.offer)))
    }
}

/// Whether a call failed, and how.
fn check(status: windows_sys::core::HRESULT) -> Result<(), Status> {
    if status < 0 { Err(Status(status.cast_unsigned())) } else { Ok(()) }
}
