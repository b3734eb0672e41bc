//! The meaning of one event.

use std::fmt::Write as _;

use serde::Serialize;
use sessionwatch_reader::time::span;

use crate::hand_over::HandOver;
use crate::transition::Unexpected;

/// The meaning of one event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// The meaning of the event.
    pub meaning: Meaning,
    /// The length of the span that the event ends, in 100 ns. `None` if its beginning was not
    /// seen. The span is:
    ///
    /// - the absence before a reconnect;
    /// - the connection before a disconnect;
    /// - the logon before a logoff;
    /// - the whole instance before its end.
    pub after_100ns: Option<u64>,
    /// The hand-over that this event completes.
    pub hand_over: Option<HandOver>,
    /// The transition, if it is unexpected.
    pub unexpected: Option<Unexpected>,
}

/// The meaning of an event for its session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Meaning {
    /// The session now exists.
    Created,
    /// A client or the console was attached; nobody is logged on.
    NewConnection,
    /// A client or the console was attached to a session with a user.
    Reconnect,
    /// A client or the console was attached; it is unknown whether a user is logged on.
    Connection,
    /// A user logged on.
    NewLogon,
    /// The client or console was detached; the user stays logged on.
    DisconnectLoggedOn,
    /// The client or console was detached; nobody is logged on.
    Disconnect,
    /// The client or console was detached; it is unknown whether a user is logged on.
    Disconnection,
    /// The user logged off.
    Logoff,
    /// The session is gone.
    Terminated,
    /// The event is not one of the documented ones.
    Other,
}

impl Meaning {
    /// The event in two words, for a column; `None` for an event without a meaning.
    #[must_use]
    pub const fn label(self) -> Option<&'static str> {
        Some(match self {
            Self::Created => "created",
            Self::NewConnection => "new connection",
            Self::Reconnect => "reconnect",
            Self::Connection => "connection",
            Self::NewLogon => "new logon",
            Self::DisconnectLoggedOn | Self::Disconnect | Self::Disconnection => "disconnect",
            Self::Logoff => "logoff",
            Self::Terminated => "terminated",
            Self::Other => return None,
        })
    }

    const fn phrase(self) -> &'static str {
        match self {
            Self::Created => "session created",
            Self::NewConnection => "new connection, nobody is logged on",
            Self::Reconnect => "reconnect",
            Self::Connection => "connection, new or a reconnect",
            Self::NewLogon => "new logon",
            Self::DisconnectLoggedOn => "disconnect, the user stays logged on",
            Self::Disconnect => "disconnect, nobody is logged on",
            Self::Disconnection => "disconnect",
            Self::Logoff => "logoff",
            Self::Terminated => "session terminated",
            Self::Other => "not a documented event",
        }
    }

    /// The span that the event ends.
    const fn span_phrase(self) -> &'static str {
        match self {
            Self::Reconnect | Self::NewConnection | Self::Connection => "away for",
            Self::DisconnectLoggedOn | Self::Disconnect | Self::Disconnection => "connected for",
            Self::Logoff => "logged on for",
            _ => "after",
        }
    }
}

impl Step {
    /// The event in two words, for a column; `None` for an event without a meaning. A
    /// hand-over names the other session.
    #[must_use]
    pub fn label(&self, session_id: u32) -> Option<String> {
        match self.hand_over {
            Some(HandOver { from, to }) if to == session_id => {
                Some(format!("hand-over from {from}"))
            }
            Some(HandOver { to, .. }) => Some(format!("hand-over to {to}")),
            None => self.meaning.label().map(str::to_owned),
        }
    }

    /// The meaning as a phrase.
    #[must_use]
    pub fn sentence(&self) -> String {
        let mut text = self.meaning.phrase().to_owned();
        // Writing to a string cannot fail.
        if let Some(after) = self.after_100ns {
            let _ = write!(text, ", {} {:#}", self.meaning.span_phrase(), span(after));
        }
        if let Some(hand_over) = self.hand_over {
            let _ = write!(text, "; {hand_over}");
        }
        if let Some(unexpected) = self.unexpected {
            let _ = write!(text, "; {unexpected}");
        }
        text
    }
}
