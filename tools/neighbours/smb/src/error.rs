//! Errors of listing the sessions, each with its hint.

use std::borrow::Cow;
use std::fmt;

use sessionwatch_failure::{Exit, Failure, WindowsError, code};
use thiserror::Error;

use crate::query::{Level, Query, unc};

/// Win32 errors of these calls that [`code`] lacks: numbers of `winerror.h` and, from 2100 on,
/// of `lmerr.h`.
mod call_code {
    pub(super) const BAD_NETPATH: u32 = 53;
    pub(super) const BAD_NET_NAME: u32 = 67;
    pub(super) const INVALID_LEVEL: u32 = 124;
    pub(super) const SERVICE_NOT_ACTIVE: u32 = 1062;
    pub(super) const INVALID_COMPUTER_NAME: u32 = 1210;
    pub(super) const NETWORK_UNREACHABLE: u32 = 1231;
    pub(super) const HOST_UNREACHABLE: u32 = 1232;
    pub(super) const RPC_SERVER_UNAVAILABLE: u32 = 1722;
    pub(super) const NERR_UNKNOWN_SERVER: u32 = 2103;
    pub(super) const NERR_SERVER_NOT_STARTED: u32 = 2114;
    pub(super) const NERR_USER_NOT_FOUND: u32 = 2221;
    pub(super) const NERR_CLIENT_NAME_NOT_FOUND: u32 = 2312;
    pub(super) const NERR_INVALID_COMPUTER: u32 = 2351;
}

/// The error of listing the sessions.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[cfg_attr(test, derive(strum::EnumDiscriminants))]
#[cfg_attr(test, strum_discriminants(derive(strum::VariantArray)))]
pub enum SmbError {
    /// The server denies this user the list.
    #[error("cannot list the SMB sessions of {server}: access denied ({})", code::ACCESS_DENIED)]
    AccessDenied {
        /// The server.
        server: ServerName,
    },
    /// There is no such computer, or it does not answer.
    #[error(
        "cannot list the SMB sessions of {server}: computer not found, or it is not an SMB \
         server ({code})"
    )]
    ServerNotFound {
        /// The server.
        server: ServerName,
        /// The Win32 error.
        code: u32,
    },
    /// The name of the server or of the client is not a computer's name.
    #[error("cannot list the SMB sessions of {server}: a computer name is invalid ({code})")]
    InvalidComputer {
        /// The server.
        server: ServerName,
        /// The Win32 error.
        code: u32,
    },
    /// The service that shares files does not run on the server.
    #[error(
        "cannot list the SMB sessions of {server}: its service LanmanServer is not running \
         ({code})"
    )]
    ServiceNotRunning {
        /// The server.
        server: ServerName,
        /// The Win32 error.
        code: u32,
    },
    /// No session fits the query.
    #[error("{server} has no SMB session{names}")]
    NoSuchSession {
        /// The server.
        server: ServerName,
        /// The user and the client of the query, as in ` of chris from PC-7`.
        names: String,
    },
    /// The server does not know the level.
    #[error(
        "cannot list the SMB sessions of {server}: it does not support level {}",
        level.number()
    )]
    UnknownLevel {
        /// The server.
        server: ServerName,
        /// The level.
        level: Level,
    },
    /// The list has more sessions than any server.
    #[error("cannot list the SMB sessions of {server}: the list has more than {limit} sessions")]
    TooManySessions {
        /// The server.
        server: ServerName,
        /// The limit.
        limit: usize,
    },
    /// The server announces a page that it has sent before, or one more page after every page.
    #[error("cannot list the SMB sessions of {server}: the list does not end")]
    Endless {
        /// The server.
        server: ServerName,
    },
    /// Windows reported another error.
    #[error("cannot list the SMB sessions of {server}: {error}")]
    Windows {
        /// The server.
        server: ServerName,
        /// The error.
        error: WindowsError,
    },
    /// The thread that makes the call cannot start.
    #[error("cannot start a thread that asks {server}: {error}")]
    NoThread {
        /// The server.
        server: ServerName,
        /// The system's error.
        error: WindowsError,
    },
}

/// A server, as errors name it: `\\FILES`, or `this computer` if the query names none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerName(Option<String>);

impl ServerName {
    /// The server of a query.
    #[must_use]
    pub fn of(query: &Query) -> Self {
        Self(query.server.clone())
    }

    const fn is_remote(&self) -> bool {
        self.0.is_some()
    }
}

impl fmt::Display for ServerName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Some(server) => formatter.write_str(&unc(server)),
            None => formatter.write_str("this computer"),
        }
    }
}

impl SmbError {
    /// The meaning of a Win32 error for a query at a level.
    #[must_use]
    pub fn new(error: WindowsError, query: &Query, level: Level) -> Self {
        let server = ServerName::of(query);
        match error.code {
            code::ACCESS_DENIED => Self::AccessDenied { server },
            code @ (call_code::BAD_NETPATH
            | call_code::BAD_NET_NAME
            | call_code::NETWORK_UNREACHABLE
            | call_code::HOST_UNREACHABLE
            | call_code::RPC_SERVER_UNAVAILABLE
            | call_code::NERR_UNKNOWN_SERVER) => Self::ServerNotFound { server, code },
            code @ (call_code::INVALID_COMPUTER_NAME | call_code::NERR_INVALID_COMPUTER) => {
                Self::InvalidComputer { server, code }
            }
            code @ (call_code::SERVICE_NOT_ACTIVE | call_code::NERR_SERVER_NOT_STARTED) => {
                Self::ServiceNotRunning { server, code }
            }
            call_code::NERR_USER_NOT_FOUND | call_code::NERR_CLIENT_NAME_NOT_FOUND => {
                Self::no_such_session(query)
            }
            call_code::INVALID_LEVEL => Self::UnknownLevel { server, level },
            _ => Self::Windows { server, error },
        }
    }

    /// The server has no session of the query's user from the query's client.
    #[must_use]
    pub fn no_such_session(query: &Query) -> Self {
        let user = query.user.as_ref().map(|user| format!(" of {user}"));
        let client = query.client.as_ref().map(|client| format!(" from {client}"));
        let names = user.into_iter().chain(client).collect();
        Self::NoSuchSession { server: ServerName::of(query), names }
    }
}

impl Failure for SmbError {
    fn exit(&self) -> Exit {
        match self {
            Self::AccessDenied { .. } => Exit::AccessDenied,
            Self::ServiceNotRunning { .. } => Exit::NotRunning,
            Self::ServerNotFound { .. }
            | Self::InvalidComputer { .. }
            | Self::NoSuchSession { .. } => Exit::NotFound,
            Self::TooManySessions { .. } | Self::Endless { .. } => Exit::BadReply,
            Self::UnknownLevel { .. } | Self::Windows { .. } | Self::NoThread { .. } => {
                Exit::Windows
            }
        }
    }

    fn hint(&self) -> Option<Cow<'static, str>> {
        let hint = match self {
            Self::AccessDenied { server } if server.is_remote() => {
                "run this as an administrator of that computer"
            }
            Self::AccessDenied { .. } => "run this from an elevated prompt",
            Self::ServerNotFound { .. } => {
                "check the name, and that its firewall allows \"File and Printer Sharing\""
            }
            Self::InvalidComputer { .. } => "check --server and --client",
            Self::ServiceNotRunning { server, .. } if server.is_remote() => {
                "run `sc start lanmanserver` on that computer"
            }
            Self::ServiceNotRunning { .. } => "run `sc start lanmanserver` from an elevated prompt",
            Self::NoSuchSession { .. } => "leave out --client and --user to list all sessions",
            Self::UnknownLevel { .. } => "choose another --level",
            Self::TooManySessions { .. } => {
                "name a client or a user with --client or --user, to list only their sessions"
            }
            Self::Endless { .. } => {
                "try again; if it happens again, choose --level 1, or name --client and --user"
            }
            Self::NoThread { .. } => "end other programs, then try again",
            Self::Windows { error, .. } => {
                return Some(
                    format!("look the number up with `net helpmsg {}`", error.code).into(),
                );
            }
        };
        Some(hint.into())
    }
}

#[cfg(test)]
mod tests {
    use sessionwatch_failure::testing::assert_every_kind;

    use super::*;

    fn error(code: u32, query: &Query) -> SmbError {
        let error = WindowsError { code, message: "as Windows says it".to_owned() };
        SmbError::new(error, query, Level::FiveHundredTwo)
    }

    fn named() -> Query {
        let [server, client, user] = ["FILES", "PC-7", "chris"].map(|name| Some(name.to_owned()));
        Query { server, client, user, level: None }
    }

    #[test]
    fn every_kind_is_a_sentence_with_a_hint() {
        let (here, there) = (Query::default(), named());
        let server = ServerName::of(&there);
        let examples = [
            error(5, &here),
            error(5, &there),
            error(53, &there),
            error(2351, &there),
            error(1062, &here),
            error(2114, &there),
            error(2312, &there),
            error(2312, &here),
            error(124, &there),
            error(8, &there),
            SmbError::TooManySessions { server: server.clone(), limit: 262_144 },
            SmbError::Endless { server: server.clone() },
            SmbError::NoThread {
                server,
                error: WindowsError { code: 11, message: "try again".to_owned() },
            },
        ];
        assert_every_kind::<SmbError, SmbErrorDiscriminants>(&examples);
    }

    #[test]
    fn each_code_has_its_reason_and_its_exit_code() {
        for (code, exit, part) in [
            (5, Exit::AccessDenied, r"of \\FILES: access denied (5)"),
            (
                53,
                Exit::NotFound,
                r"of \\FILES: computer not found, or it is not an SMB server (53)",
            ),
            (1722, Exit::NotFound, r"computer not found, or it is not an SMB server (1722)"),
            (2351, Exit::NotFound, r"a computer name is invalid (2351)"),
            (2114, Exit::NotRunning, r"its service LanmanServer is not running (2114)"),
            (2312, Exit::NotFound, r"\\FILES has no SMB session of chris from PC-7"),
            (2221, Exit::NotFound, r"\\FILES has no SMB session of chris from PC-7"),
            (124, Exit::Windows, "it does not support level 502"),
            (120, Exit::Windows, r"of \\FILES: as Windows says it (120)"),
        ] {
            let said = error(code, &named());
            assert!(said.to_string().ends_with(part), "{said}");
            assert_eq!(said.exit(), exit, "{said}");
        }
        let unnamed = error(2312, &Query::default());
        assert_eq!(unnamed.to_string(), "this computer has no SMB session");
    }

    #[test]
    fn the_hint_fits_the_computer() {
        let hint = |code, query: &Query| error(code, query).hint().unwrap();
        assert!(hint(5, &named()).contains("administrator of that computer"));
        assert!(hint(5, &Query::default()).contains("elevated prompt"));
        assert!(hint(2114, &named()).ends_with("on that computer"));
        assert!(!hint(2114, &Query::default()).contains("that computer"));
    }
}
