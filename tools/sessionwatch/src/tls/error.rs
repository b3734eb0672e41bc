//! Why a server could not be probed, as a sentence that says what to do.

use std::fmt;
use std::io;

use thiserror::Error;

use super::package::Certificate;
use super::record::Alert;
use super::session::TooLong;
use super::status::Status;

/// Why a probe came to no answer.
#[derive(Debug, Error)]
pub enum TlsError {
    /// The name has no address.
    #[error(
        "no address of that name is known ({0}); check how it is written, and whether this machine \
         can look names up"
    )]
    NoAddress(io::Error),
    /// Nobody listens.
    #[error("nothing listens there; check the port, and whether the server runs")]
    Refused,
    /// The connection cannot be made.
    #[error("it cannot be reached: {0}; check the network and the firewall")]
    Unreachable(io::Error),
    /// It takes too long.
    #[error(
        "no answer in {seconds} s while {stage}; give it more with --timeout, or check the port"
    )]
    TimedOut {
        /// How long it was waited, in seconds.
        seconds: u64,
        /// For what.
        stage: Stage,
    },
    /// The connection broke.
    #[error("the connection broke during the handshake: {0}; try again, and see the server's log")]
    Broken(io::Error),
    /// The server closed the connection.
    #[error(
        "the server closed the connection during the handshake; it may not speak TLS at this port, \
         or wants a client that it knows"
    )]
    Closed,
    /// The server speaks something else.
    #[error("what answers there does not speak TLS: it says `{0}`; check the port")]
    NotTls(
        /// The first bytes, as ASCII with escapes.
        String,
    ),
    /// The server sends more than any handshake has.
    #[error("the server sent {0} bytes and the handshake was still not done, so it was given up")]
    TooMuch(usize),
    /// The server refuses.
    #[error("the server refused the handshake: {}; {}", AlertName(*.0), .0.advice())]
    Alert(Alert),
    /// The handshake fails.
    #[error("the handshake failed: {}", with_meaning(*.0))]
    Handshake(Status),
    /// The certificate is not trusted.
    #[error(
        "the certificate of `{}` is not trusted: {}; --insecure probes the server nevertheless",
        .certificate.subject,
        with_meaning(*.reason)
    )]
    NotTrusted {
        /// The certificate.
        certificate: Certificate,
        /// What is wrong with it.
        reason: Status,
    },
    /// There is no certificate.
    #[error("the server shows no certificate; --insecure probes it nevertheless")]
    NoCertificate,
    /// The names do not fit what a client may send.
    #[error("the names of --alpn have more than 65535 bytes together; offer fewer")]
    TooManyProtocols,
    /// There is no Schannel on this system.
    #[error("Schannel is a part of Windows: run this there")]
    NotWindows,
    /// The security package is of no use.
    #[error("Schannel does not work here: {0}; where this is Wine, it needs GnuTLS (libgnutls30)")]
    Package(Status),
    /// The system's answer is not usable.
    #[error(
        "the system's answer of the session cannot be used: {0}; nothing of it was shown, please \
         report this"
    )]
    Session(#[from] TooLong),
}

impl TlsError {
    /// Whether no connection came about, as opposed to no handshake.
    #[must_use]
    pub const fn is_unreachable(&self) -> bool {
        matches!(
            self,
            Self::NoAddress(_)
                | Self::Refused
                | Self::Unreachable(_)
                | Self::TimedOut { stage: Stage::Connecting, .. }
        )
    }
}

/// What was done when the time was up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The connection was made.
    Connecting,
    /// The handshake went on.
    Handshake,
}

impl fmt::Display for Stage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::Connecting => "connecting",
            Self::Handshake => "shaking hands",
        })
    }
}

struct AlertName(Alert);

impl fmt::Display for AlertName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.name() {
            Some(name) => write!(formatter, "alert {name}, {}", self.0.0),
            None => write!(formatter, "alert {}", self.0.0),
        }
    }
}

/// What the status means, and its name.
fn with_meaning(status: Status) -> String {
    match status.meaning() {
        Some(meaning) => format!("{meaning} ({status})"),
        None => status.to_string(),
    }
}
