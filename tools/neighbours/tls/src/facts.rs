//! The outcome of a handshake, as plain data.

use std::fmt;

use crate::alpn::ApplicationProtocol;
use crate::session::SessionInfo;
use crate::status::Status;

/// The outcome of a handshake. A fact that the system does not report is `None`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// The version of TLS.
    pub protocol: Option<Protocol>,
    /// The cipher suite, as the system names it.
    pub cipher_suite: Option<String>,
    /// The application protocol, if client and server agreed on one.
    pub alpn: Option<ApplicationProtocol>,
    /// The server's certificate.
    pub certificate: Option<Certificate>,
    /// `SECPKG_ATTR_SESSION_INFO`, or the status that the system returned instead.
    pub session: Result<SessionInfo, Status>,
}

/// A server's certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// The subject (X.500) as text, without control characters.
    pub subject: String,
    /// `Ok` if this machine trusts the certificate for this server, else the problem.
    /// Revocation is not checked.
    pub trust: Result<(), Status>,
}

/// A version of TLS: `SP_PROT_*_CLIENT` of `schannel.h`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Protocol(
    /// The number.
    pub u32,
);

impl Certificate {
    /// A certificate with this subject. The subject comes from the server, so characters that
    /// could control a terminal are escaped.
    #[must_use]
    pub fn new(subject: &str, trust: Result<(), Status>) -> Self {
        let mut plain = String::with_capacity(subject.len());
        for character in subject.chars() {
            match character {
                // These change the direction of text.
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

    /// The name of the version, if it has one.
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
