//! Errors of a probe, each with its hint.

use std::borrow::Cow;
use std::{fmt, io};

use sessionwatch_failure::{Exit, Failure};
use sessionwatch_system32::LoadError;
use thiserror::Error;

use crate::facts::Certificate;
use crate::record::Alert;
use crate::session::SessionIdTooLong;
use crate::status::Status;

/// The error of a probe.
#[derive(Debug, Error)]
#[cfg_attr(test, derive(strum::EnumDiscriminants))]
#[cfg_attr(test, strum_discriminants(derive(strum::VariantArray)))]
pub enum TlsError {
    /// The name has no address.
    #[error("no address found: {0}")]
    NoAddress(io::Error),
    /// No program listens at the port.
    #[error("connection refused")]
    Refused,
    /// The connection cannot be made for another reason.
    #[error("cannot connect: {0}")]
    Unreachable(io::Error),
    /// The time ran out.
    #[error("{stage} timed out after {seconds} s")]
    TimedOut {
        /// The limit, in seconds.
        seconds: u64,
        /// The stage that the probe had reached.
        stage: Stage,
    },
    /// The connection broke.
    #[error("the connection broke during the handshake: {0}")]
    Broken(io::Error),
    /// The server closed the connection.
    #[error("the server closed the connection during the handshake")]
    Closed,
    /// The server does not speak TLS.
    #[error("the server does not speak TLS: it sent `{0}`")]
    NotTls(
        /// The first line it sent, as ASCII with escapes.
        String,
    ),
    /// The server sent more bytes than any handshake has.
    #[error("the server sent {0} bytes without completing the handshake")]
    TooMuch(usize),
    /// The server rejected the handshake.
    #[error("the server rejected the handshake: {0}")]
    Alert(Alert),
    /// The security package rejected the handshake.
    #[error("the handshake failed: {}", .0.reason())]
    Handshake(Status),
    /// This machine does not trust the certificate.
    #[error("the certificate of `{}` is not trusted: {}", .certificate.subject, .reason.reason())]
    NotTrusted {
        /// The certificate.
        certificate: Certificate,
        /// The problem with it.
        reason: Status,
    },
    /// The server has no certificate.
    #[error("the server shows no certificate")]
    NoCertificate,
    /// The names do not fit into a client's first message.
    #[error("the names of --alpn have more than 65,535 bytes in total")]
    TooManyProtocols,
    /// The security package does not work.
    #[error("Schannel does not work here: {0}")]
    Package(Status),
    /// A DLL of Windows is not usable.
    #[error(transparent)]
    Library(#[from] LoadError),
    /// The system's description of the session is not usable.
    #[error("the system's description of the session is not usable: {0}")]
    Session(#[from] SessionIdTooLong),
}

/// A stage of a probe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The connection is being made.
    Connecting,
    /// The handshake is going on.
    Handshake,
}

impl fmt::Display for Stage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::Connecting => "the connection",
            Self::Handshake => "the handshake",
        })
    }
}

impl Failure for TlsError {
    fn exit(&self) -> Exit {
        match self {
            Self::NoAddress(_)
            | Self::Refused
            | Self::Unreachable(_)
            | Self::TimedOut { stage: Stage::Connecting, .. } => Exit::NotFound,
            Self::TimedOut { stage: Stage::Handshake, .. }
            | Self::Broken(_)
            | Self::Closed
            | Self::NotTls(_)
            | Self::TooMuch(_)
            | Self::Alert(_)
            | Self::Handshake(_)
            | Self::NotTrusted { .. }
            | Self::NoCertificate
            | Self::TooManyProtocols => Exit::Handshake,
            Self::Package(_) => Exit::Windows,
            Self::Library(error) => error.exit(),
            Self::Session(_) => Exit::BadReply,
        }
    }

    fn hint(&self) -> Option<Cow<'static, str>> {
        let hint = match self {
            Self::NoAddress(_) => "check the spelling, and that this machine can resolve names",
            Self::Refused => "check the port, and that the server is running",
            Self::Unreachable(_) => "check the network and the firewall",
            Self::TimedOut { .. } => "raise --timeout, or check the port",
            Self::Broken(_) => "try again, and read the server's log",
            Self::Closed => {
                "check that this port speaks TLS and accepts clients without a certificate"
            }
            Self::NotTls(_) | Self::TooMuch(_) => "check the port",
            Self::Alert(alert) => alert.advice(),
            Self::Handshake(_) => "read the server's log",
            Self::NotTrusted { .. } | Self::NoCertificate => {
                "use --insecure to probe the server anyway"
            }
            Self::TooManyProtocols => "offer fewer protocols",
            Self::Package(_) => "if this is Wine, install GnuTLS (libgnutls30)",
            Self::Library(error) => return error.hint(),
            Self::Session(_) => "report this as a bug; nothing of the description was shown",
        };
        Some(hint.into())
    }
}

#[cfg(test)]
mod tests {
    use sessionwatch_failure::WindowsError;
    use sessionwatch_failure::testing::assert_every_kind;

    use super::*;

    #[test]
    fn every_kind_is_a_sentence_with_a_hint() {
        let reason = Status(0x800B_0109);
        let examples = [
            TlsError::NoAddress(io::Error::other("no such host")),
            TlsError::Refused,
            TlsError::Unreachable(io::Error::other("no route")),
            TlsError::TimedOut { seconds: 10, stage: Stage::Connecting },
            TlsError::TimedOut { seconds: 10, stage: Stage::Handshake },
            TlsError::Broken(io::Error::other("reset")),
            TlsError::Closed,
            TlsError::NotTls("SSH-2.0".to_owned()),
            TlsError::TooMuch(1 << 20),
            TlsError::Alert(Alert(40)),
            TlsError::Alert(Alert(99)),
            TlsError::Handshake(Status(0x8009_0331)),
            TlsError::Handshake(Status(0x8009_FFFF)),
            TlsError::NotTrusted {
                certificate: Certificate::new("CN=localhost", Err(reason)),
                reason,
            },
            TlsError::NoCertificate,
            TlsError::TooManyProtocols,
            TlsError::Package(Status(0x8009_0305)),
            TlsError::Library(LoadError {
                attempt: "loading secur32.dll",
                error: WindowsError { code: 126, message: "The module is missing".to_owned() },
            }),
            TlsError::Session(SessionIdTooLong(33)),
        ];
        assert_every_kind::<TlsError, TlsErrorDiscriminants>(&examples);
        assert!(examples.iter().all(|error| error.hint().is_some()));
    }

    #[test]
    fn an_absent_server_differs_from_one_that_rejects() {
        let timed_out = |stage| TlsError::TimedOut { seconds: 10, stage };
        assert_eq!(timed_out(Stage::Connecting).exit(), Exit::NotFound);
        assert_eq!(timed_out(Stage::Handshake).exit(), Exit::Handshake);
        assert_eq!(timed_out(Stage::Handshake).to_string(), "the handshake timed out after 10 s");
        let alert = TlsError::Alert(Alert(70));
        assert!(alert.to_string().ends_with("alert protocol_version (70)"), "{alert}");
        assert_eq!(TlsError::Package(Status(0x8009_0305)).exit(), Exit::Windows);
        assert_eq!(TlsError::Session(SessionIdTooLong(33)).exit(), Exit::BadReply);
    }
}
