//! Why there is no list of sessions, as a sentence that says what to do.

use std::fmt;

use thiserror::Error;

use super::query::unc;
use super::{Level, Query};
use crate::error::Exit;

/// What Windows says: an error of `winerror.h` or `lmerr.h`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Its number.
    pub code: u32,
    /// What Windows says about it, if it does.
    pub message: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.message.is_empty() {
            return write!(formatter, "error {}", self.code);
        }
        write!(formatter, "{} (error {})", self.message, self.code)
    }
}

/// Why there is no list of sessions.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SmbError {
    /// The server does not tell this user.
    #[error("only administrators may see the sessions of {server}: {}", privilege(server))]
    AccessDenied {
        /// The server.
        server: Place,
    },
    /// No such computer, or none that answers.
    #[error(
        "{server} does not answer as an SMB server: check the name, and that its firewall admits \
         \"File and Printer Sharing\""
    )]
    ServerNotFound {
        /// The server.
        server: Place,
    },
    /// One of the names is none.
    #[error("a computer cannot have the name that was given: check --server and --client")]
    InvalidComputer,
    /// The server's service does not run.
    #[error(
        "the service `Server` does not run on {server}: start it there with `sc start \
         lanmanserver`"
    )]
    ServiceNotRunning {
        /// The server.
        server: Place,
    },
    /// No session is what was asked for.
    #[error("{server} has no session {wanted}: leave the name out to see all")]
    NoSuchSession {
        /// The server.
        server: Place,
        /// Which session, in words.
        wanted: String,
    },
    /// The server does not know the level.
    #[error("{server} does not know level {}: try another --level", level.number())]
    UnknownLevel {
        /// The server.
        server: Place,
        /// The level.
        level: Level,
    },
    /// The server always has more.
    #[error("the server's list of sessions does not end; nothing of it was shown, try again")]
    Endless,
    /// Windows reported any other error.
    #[error("Windows could not list the sessions of {server}: {failure}")]
    System {
        /// The server.
        server: Place,
        /// What it says.
        failure: Failure,
    },
    /// This system has no such calls.
    #[error("only Windows can be asked for SMB sessions: run this there")]
    NotWindows,
}

/// A server, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place(Option<String>);

impl Place {
    /// The server of a query.
    #[must_use]
    pub fn of(query: &Query) -> Self {
        Self(query.server.clone())
    }
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Some(server) => formatter.write_str(&unc(server)),
            None => formatter.write_str("this computer"),
        }
    }
}

const fn privilege(server: &Place) -> &'static str {
    match server.0 {
        Some(_) => "run this as an administrator of that computer",
        None => "run this from a prompt that was started with \"Run as administrator\"",
    }
}

/// Numbers of `winerror.h` and, from 2100 on, of `lmerr.h`.
mod code {
    pub(super) const ERROR_ACCESS_DENIED: u32 = 5;
    pub(super) const ERROR_BAD_NETPATH: u32 = 53;
    pub(super) const ERROR_BAD_NET_NAME: u32 = 67;
    pub(super) const ERROR_INVALID_LEVEL: u32 = 124;
    pub(super) const ERROR_SERVICE_NOT_ACTIVE: u32 = 1062;
    pub(super) const ERROR_INVALID_COMPUTERNAME: u32 = 1210;
    pub(super) const ERROR_NETWORK_UNREACHABLE: u32 = 1231;
    pub(super) const ERROR_HOST_UNREACHABLE: u32 = 1232;
    pub(super) const RPC_S_SERVER_UNAVAILABLE: u32 = 1722;
    pub(super) const NERR_UNKNOWN_SERVER: u32 = 2103;
    pub(super) const NERR_SERVER_NOT_STARTED: u32 = 2114;
    pub(super) const NERR_USER_NOT_FOUND: u32 = 2221;
    pub(super) const NERR_CLIENT_NAME_NOT_FOUND: u32 = 2312;
    pub(super) const NERR_INVALID_COMPUTER: u32 = 2351;
}

impl SmbError {
    /// What a failure means for a query.
    #[must_use]
    pub fn new(failure: Failure, query: &Query, level: Level) -> Self {
        let server = Place::of(query);
        match failure.code {
            code::ERROR_ACCESS_DENIED => Self::AccessDenied { server },
            code::ERROR_BAD_NETPATH
            | code::ERROR_BAD_NET_NAME
            | code::ERROR_NETWORK_UNREACHABLE
            | code::ERROR_HOST_UNREACHABLE
            | code::RPC_S_SERVER_UNAVAILABLE
            | code::NERR_UNKNOWN_SERVER => Self::ServerNotFound { server },
            code::ERROR_INVALID_COMPUTERNAME | code::NERR_INVALID_COMPUTER => Self::InvalidComputer,
            code::ERROR_SERVICE_NOT_ACTIVE | code::NERR_SERVER_NOT_STARTED => {
                Self::ServiceNotRunning { server }
            }
            code::NERR_USER_NOT_FOUND | code::NERR_CLIENT_NAME_NOT_FOUND => {
                Self::no_such_session(query)
            }
            code::ERROR_INVALID_LEVEL => Self::UnknownLevel { server, level },
            _ => Self::System { server, failure },
        }
    }

    /// There is no session of the query's client and user.
    #[must_use]
    pub fn no_such_session(query: &Query) -> Self {
        let from = query.client.as_ref().map(|client| format!("from {client}"));
        let of = query.user.as_ref().map(|user| format!("of {user}"));
        let wanted: Vec<String> = from.into_iter().chain(of).collect();
        Self::NoSuchSession { server: Place::of(query), wanted: wanted.join(" ") }
    }

    /// The exit code.
    #[must_use]
    pub const fn exit(&self) -> Exit {
        match self {
            Self::AccessDenied { .. } => Exit::AccessDenied,
            Self::ServiceNotRunning { .. } => Exit::NotRunning,
            Self::ServerNotFound { .. } | Self::InvalidComputer | Self::NoSuchSession { .. } => {
                Exit::NotFound
            }
            Self::Endless => Exit::BadReply,
            Self::UnknownLevel { .. } | Self::System { .. } => Exit::System,
            Self::NotWindows => Exit::NotWindows,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(code: u32, query: &Query) -> SmbError {
        SmbError::new(Failure { code, message: String::new() }, query, Level::FiveHundredTwo)
    }

    fn named() -> Query {
        let [server, client, user] = ["FILES", "PC-7", "chris"].map(|name| Some(name.to_owned()));
        Query { server, client, user, level: None }
    }

    #[test]
    fn what_windows_says_is_a_sentence_that_says_what_to_do() {
        let here = Query::default();
        for (code, exit, part) in [
            (5, Exit::AccessDenied, r"the sessions of \\FILES: run this as an administrator of"),
            (53, Exit::NotFound, r"\\FILES does not answer"),
            (1722, Exit::NotFound, r"\\FILES does not answer"),
            (2351, Exit::NotFound, "check --server and --client"),
            (2114, Exit::NotRunning, r"on \\FILES: start it there with `sc start lanmanserver`"),
            (2312, Exit::NotFound, r"\\FILES has no session from PC-7 of chris"),
            (2221, Exit::NotFound, r"\\FILES has no session from PC-7 of chris"),
            (124, Exit::System, "level 502"),
            (120, Exit::System, "(error 120)"),
        ] {
            let said = SmbError::new(
                Failure { code, message: "as Windows says it".to_owned() },
                &named(),
                Level::FiveHundredTwo,
            );
            assert!(said.to_string().contains(part), "{said}");
            assert_eq!(said.exit(), exit, "{said}");
        }
        assert!(error(5, &here).to_string().contains("of this computer: run this from a prompt"));
        assert!(error(2140, &here).to_string().ends_with("of this computer: error 2140"));
    }
}
