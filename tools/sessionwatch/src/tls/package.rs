//! What a probe needs of the system's security package, as plain data.

use std::fmt;

use super::alpn::ApplicationProtocol;
use super::error::TlsError;
use super::server::Server;
use super::session::{SessionInfo, TooLong};
use super::status::Status;

/// The security package: it makes the client's side of connections with one
/// server. All of them share what it keeps of sessions.
pub trait SecurityPackage {
    /// The client's side of a new connection.
    ///
    /// # Errors
    ///
    /// What the package says.
    fn client(&self) -> Result<Box<dyn Client + '_>, Status>;
}

/// The client's side of one connection: it says what to send, and is given what
/// has come.
pub trait Client {
    /// Goes on with the handshake, or, once that is done, with a message that
    /// belongs to one. Without input it begins.
    ///
    /// # Errors
    ///
    /// What the package says; the connection is no good from then on.
    fn step(&mut self, input: &[u8]) -> Result<Step, Status>;

    /// Takes the protection off what has come, in place.
    ///
    /// # Errors
    ///
    /// What the package says; the connection is no good from then on.
    fn unprotect(&mut self, data: &mut [u8]) -> Result<Unprotected, Status>;

    /// What to send to say that nothing more comes.
    ///
    /// # Errors
    ///
    /// What the package says.
    fn close(&mut self) -> Result<Vec<u8>, Status>;

    /// What the handshake has agreed on, once it is done.
    ///
    /// # Errors
    ///
    /// If the package's answer cannot be used.
    fn facts(&self) -> Result<Facts, TooLong>;
}

/// What came of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// How far the handshake is.
    pub progress: Progress,
    /// What to send.
    pub output: Vec<u8>,
    /// How many bytes at the end of the input were not used.
    pub unused: usize,
}

/// How far a handshake is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// It goes on.
    Continues,
    /// The input is not whole; none of it was used.
    Incomplete,
    /// The server asks for a certificate. The same input once more says that there
    /// is none.
    CertificateWanted,
    /// It is done.
    Done,
}

/// What came of [`Client::unprotect`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unprotected {
    /// What it is.
    pub content: Decrypted,
    /// How many bytes at the end were not used; of a message of the handshake, the
    /// message is among them.
    pub unused: usize,
}

/// What had come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decrypted {
    /// Data of the application.
    Data,
    /// The input is not whole; none of it was used.
    Incomplete,
    /// A message of the handshake, such as a ticket: for [`Client::step`].
    Handshake,
    /// The server says that nothing more comes.
    Closed,
}

/// What a handshake has agreed on. What the system does not tell is `None`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// The version of TLS.
    pub protocol: Option<Protocol>,
    /// The cipher suite, as the system names it.
    pub cipher_suite: Option<String>,
    /// The application's protocol, where one was agreed on.
    pub alpn: Option<ApplicationProtocol>,
    /// The server's certificate.
    pub certificate: Option<Certificate>,
    /// `SECPKG_ATTR_SESSION_INFO`, or why the system does not answer it.
    pub session: Result<SessionInfo, Status>,
}

/// A server's certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// Its subject (X.500), as text.
    pub subject: String,
    /// Whether this machine trusts it for this server, or why not. Revocation is
    /// not looked up.
    pub trust: Result<(), Status>,
}

/// A version of TLS: `SP_PROT_*_CLIENT` of `schannel.h`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Protocol(
    /// The number.
    pub u32,
);

impl Certificate {
    /// What is said of a certificate. The subject is the server's word: characters
    /// that would do something to a terminal are escaped.
    #[must_use]
    pub fn new(subject: &str, trust: Result<(), Status>) -> Self {
        let mut plain = String::with_capacity(subject.len());
        for character in subject.chars() {
            match character {
                // Those that turn the direction of writing.
                '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
                    plain.extend(character.escape_unicode());
                }
                _ if character.is_control() => plain.extend(character.escape_default()),
                _ => plain.push(character),
            }
        }
        Self { subject: plain, trust }
    }
}

impl Protocol {
    /// `SP_PROT_TLS1_2_CLIENT`.
    pub const TLS_1_2: Self = Self(0x800);
    /// `SP_PROT_TLS1_3_CLIENT`.
    pub const TLS_1_3: Self = Self(0x2000);

    /// Its name.
    #[must_use]
    pub const fn name(self) -> Option<&'static str> {
        Some(match self.0 {
            0x8 => "SSL 2.0",
            0x20 => "SSL 3.0",
            0x80 => "TLS 1.0",
            0x200 => "TLS 1.1",
            0x800 => "TLS 1.2",
            0x2000 => "TLS 1.3",
            _ => return None,
        })
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => formatter.pad(name),
            None => write!(formatter, "{:#x}", self.0),
        }
    }
}

impl serde::Serialize for Protocol {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The system's security package, for connections with this server that offer
/// these protocols.
///
/// # Errors
///
/// If it cannot be used.
#[cfg(windows)]
pub fn system_package(
    server: &Server,
    protocols: &[ApplicationProtocol],
) -> Result<Box<dyn SecurityPackage>, TlsError> {
    Ok(Box::new(crate::windows::Schannel::new(server, protocols)?))
}

/// The system's security package, for connections with this server that offer
/// these protocols.
///
/// # Errors
///
/// Always: there is no Schannel outside of Windows.
#[cfg(not(windows))]
pub fn system_package(
    _server: &Server,
    _protocols: &[ApplicationProtocol],
) -> Result<Box<dyn SecurityPackage>, TlsError> {
    Err(TlsError::NotWindows)
}
