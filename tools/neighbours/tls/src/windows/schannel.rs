//! Schannel, the security package of TLS.

use std::iter;

use super::context::Context;
use super::credentials::Credentials;
use super::crypt32::Certificates;
use super::secur32::Sspi;
use crate::alpn::{ApplicationProtocol, alpn_offer};
use crate::error::TlsError;
use crate::package::{Client, SecurityPackage};
use crate::server::Server;
use crate::status::Status;

/// Schannel, set up for connections with one server.
pub struct Schannel {
    credentials: Credentials,
    certificates: &'static Certificates,
    /// The server's name, null-terminated: for its certificate and for the cache of sessions.
    target: Vec<u16>,
    /// The ALPN offer; empty for none.
    offer: Vec<u8>,
}

impl Schannel {
    /// Acquires one set of credentials for all connections, because Schannel caches sessions per
    /// credentials.
    ///
    /// # Errors
    ///
    /// If the names of the protocols exceed 65,535 bytes in total, or Schannel does not work or is
    /// incomplete.
    pub fn new(server: &Server, protocols: &[ApplicationProtocol]) -> Result<Self, TlsError> {
        let offer = if protocols.is_empty() {
            Vec::new()
        } else {
            alpn_offer(protocols).ok_or(TlsError::TooManyProtocols)?
        };
        let target = server.host.to_string().encode_utf16().chain(iter::once(0)).collect();
        let certificates = Certificates::load()?;
        let credentials = Credentials::acquire(Sspi::load()?).map_err(TlsError::Package)?;
        Ok(Self { credentials, certificates, target, offer })
    }
}

impl SecurityPackage for Schannel {
    fn client(&self) -> Result<Box<dyn Client + '_>, Status> {
        Ok(Box::new(Context::new(&self.credentials, self.certificates, &self.target, &self.offer)))
    }
}
