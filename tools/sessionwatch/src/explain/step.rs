//! What one event is in the instance of its session.

use std::fmt::Write;

use serde::{Serialize, Serializer};

use crate::time::span;

/// What one event means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// What happened.
    pub meaning: Meaning,
    /// How long what it ends had lasted, in 100 ns: the absence before a reconnect, the
    /// connection before a disconnect, the logon before a logoff, the instance before its end.
    pub after_100ns: Option<u64>,
    /// What does not fit.
    pub odd: Option<Odd>,
}

/// What an event is in the instance of its session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Meaning {
    /// The session exists from now on.
    Created,
    /// A terminal is attached, and nobody is logged on.
    NewConnection,
    /// A terminal is attached to a session in which somebody is logged on.
    Reconnect,
    /// A terminal is attached; whether somebody is logged on is not known.
    Connection,
    /// Somebody logged on.
    NewLogon,
    /// The terminal is detached, and who is logged on stays so.
    DisconnectLoggedOn,
    /// The terminal is detached, and nobody is logged on.
    Disconnect,
    /// The terminal is detached; whether somebody is logged on is not known.
    Disconnection,
    /// Who was logged on is so no more.
    Logoff,
    /// The session is gone.
    Terminated,
    /// The kernel passed on an event that has no meaning here.
    Other,
}

impl Meaning {
    const fn phrase(self) -> &'static str {
        match self {
            Self::Created => "the session is created",
            Self::NewConnection => "a new connection, nobody is logged on",
            Self::Reconnect => "a reconnect",
            Self::Connection => "a connection, new or a reconnect",
            Self::NewLogon => "a new logon",
            Self::DisconnectLoggedOn => "a disconnect, the user stays logged on",
            Self::Disconnect => "a disconnect, nobody is logged on",
            Self::Disconnection => "a disconnect",
            Self::Logoff => "a logoff",
            Self::Terminated => "the session is gone",
            Self::Other => "no event that is documented",
        }
    }

    /// What the span before it was.
    const fn span_phrase(self) -> &'static str {
        match self {
            Self::Reconnect | Self::NewConnection | Self::Connection => "away for",
            Self::DisconnectLoggedOn | Self::Disconnect | Self::Disconnection => "connected for",
            Self::Logoff => "logged on for",
            _ => "after",
        }
    }
}

/// A step that the way of a session does not have, and why it may be here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Odd {
    /// What is odd.
    pub what: &'static str,
    /// Why that may be.
    pub cause: Cause,
}

/// Why what came before a step was not seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The session was there before the driver.
    BeforeTheDriver,
    /// So many events were lost since the session's last event that was seen.
    Lost(u64),
    /// The session began before the first number that was read.
    NotRead,
    /// The driver was not asked to record such events: `EventMask`.
    NotAskedFor,
    /// The driver could not tell the instances of the session's id apart.
    Untracked,
    /// No event is missing: the kernel reported it so.
    NothingMissing,
}

impl Odd {
    /// It as a sentence.
    #[must_use]
    pub fn sentence(&self) -> String {
        let what = self.what;
        match self.cause {
            Cause::BeforeTheDriver => format!("{what}: the driver started later"),
            Cause::Lost(1) => format!("{what}: 1 event lost before"),
            Cause::Lost(count) => format!("{what}: {count} events lost before"),
            Cause::NotRead => format!("{what}: it began before the first number that was read"),
            Cause::NotAskedFor => format!("{what}: EventMask leaves such events out"),
            Cause::Untracked => {
                format!("{what}: the driver had no room to tell this session's instances apart")
            }
            Cause::NothingMissing => format!("{what}: no event is missing"),
        }
    }
}

impl Serialize for Odd {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.sentence())
    }
}

impl Step {
    /// It as a sentence.
    #[must_use]
    pub fn sentence(&self) -> String {
        let mut text = self.meaning.phrase().to_owned();
        // Writing to a string cannot fail.
        if let Some(after) = self.after_100ns {
            let _ = write!(text, ", {} {:#}", self.meaning.span_phrase(), span(after));
        }
        if let Some(odd) = &self.odd {
            let _ = write!(text, "; {}", odd.sentence());
        }
        text
    }
}
