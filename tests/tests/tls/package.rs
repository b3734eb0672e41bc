//! Rustls as the security package. It has TLS 1.3 and resumes sessions, which Wine's Schannel
//! does not. Only Windows can show Schannel itself.

use std::fs;
use std::sync::Arc;

use rustls::client::Resumption;
use rustls::crypto::ring::default_provider;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{
    ClientConfig, ClientConnection, HandshakeKind, ProtocolVersion, RootCertStore,
    SupportedProtocolVersion,
};
use sessionwatch_tls::{
    Certificate, Client, Decrypted, Facts, Progress, Protocol, SecurityPackage, SessionIdTooLong,
    SessionInfo, Status, Step, Unprotected,
};

use crate::server::certificate;

/// `SEC_E_ILLEGAL_MESSAGE`.
const ILLEGAL_MESSAGE: Status = Status(0x8009_0326);
/// The type, version and length of a record.
const HEADER: usize = 5;

pub(crate) struct Rustls(Arc<ClientConfig>);

impl Rustls {
    /// A package that speaks one version and trusts the server of the tests.
    pub(crate) fn new(version: &'static SupportedProtocolVersion, resumption: Resumption) -> Self {
        let (_, certificate) = certificate();
        let certificate = CertificateDer::from_pem_slice(&fs::read(certificate).unwrap()).unwrap();
        let mut roots = RootCertStore::empty();
        roots.add(certificate).unwrap();
        let mut config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
            .with_protocol_versions(&[version])
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.resumption = resumption;
        Self(Arc::new(config))
    }
}

impl SecurityPackage for Rustls {
    fn client(&self) -> Result<Box<dyn Client + '_>, Status> {
        let name = ServerName::try_from("localhost").unwrap();
        let connection = ClientConnection::new(Arc::clone(&self.0), name);
        Ok(Box::new(RustlsClient(connection.map_err(|_| ILLEGAL_MESSAGE)?)))
    }
}

struct RustlsClient(ClientConnection);

impl RustlsClient {
    fn take(&mut self, mut input: &[u8]) -> Result<(), Status> {
        while !input.is_empty() {
            self.0.read_tls(&mut input).map_err(|_| ILLEGAL_MESSAGE)?;
            self.0.process_new_packets().map_err(|_| ILLEGAL_MESSAGE)?;
        }
        Ok(())
    }

    fn output(&mut self) -> Vec<u8> {
        let mut output = Vec::new();
        while self.0.wants_write() {
            self.0.write_tls(&mut output).unwrap();
        }
        output
    }
}

/// The first record and the rest, if the record is complete.
fn first_record(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let &[_, _, _, high, low] = bytes.first_chunk::<HEADER>()?;
    bytes.split_at_checked(HEADER + usize::from(u16::from_be_bytes([high, low])))
}

impl Client for RustlsClient {
    /// Takes all input during the handshake, and one record at a time after it.
    fn step(&mut self, input: &[u8]) -> Result<Step, Status> {
        let (input, rest) = match first_record(input) {
            Some(parts) if !self.0.is_handshaking() => parts,
            _ => (input, &[][..]),
        };
        self.take(input)?;
        let progress = if self.0.is_handshaking() { Progress::Continues } else { Progress::Done };
        Ok(Step { progress, output: self.output(), unused: rest.len() })
    }

    /// A record after the handshake is a ticket, because the client asks for no data. Like
    /// Schannel, this leaves the ticket to [`step`](Self::step).
    fn unprotect(&mut self, data: &mut [u8]) -> Result<Unprotected, Status> {
        let is_whole = first_record(data).is_some();
        let content = if is_whole { Decrypted::Handshake } else { Decrypted::Incomplete };
        Ok(Unprotected { content, unused: data.len() })
    }

    fn close(&mut self) -> Result<Vec<u8>, Status> {
        self.0.send_close_notify();
        Ok(self.output())
    }

    fn facts(&self) -> Result<Facts, SessionIdTooLong> {
        let protocol = self.0.protocol_version().and_then(|version| match version {
            ProtocolVersion::TLSv1_2 => Some(Protocol::TLS_1_2),
            ProtocolVersion::TLSv1_3 => Some(Protocol::TLS_1_3),
            _ => None,
        });
        let is_resumed = self.0.handshake_kind() == Some(HandshakeKind::Resumed);
        let suite = self.0.negotiated_cipher_suite().map(|suite| format!("{:?}", suite.suite()));
        let certificates = self.0.peer_certificates();
        Ok(Facts {
            protocol,
            cipher_suite: suite,
            alpn: None,
            certificate: certificates.map(|_| Certificate::new("CN=localhost", Ok(()))),
            // Rustls does not report the id.
            session: Ok(SessionInfo::new(u32::from(is_resumed), 0, [0; 32])?),
        })
    }
}
