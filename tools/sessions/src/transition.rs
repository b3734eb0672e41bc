//! Expected transitions of a session: state before, event, state after.
//!
//! Source: the diagram on the page `IO_SESSION_STATE` (wdm.h). A session is *initialized* before
//! its first event. The diagram lacks transitions that happen every day, so this module adds them
//! (observed in user mode, promised by no page):
//!
//! - a reconnect leads from *disconnected, logged on* back to *logged on*;
//! - another client takes over a session that is *logged on*;
//! - a logoff of a disconnected session leads to *logged off*.
//!
//! The kernel does not enforce the diagram: it stores the state that user mode names. So an
//! unexpected transition deserves a remark, but is no reason to doubt the event.

use std::fmt;

use sessionwatch_protocol::{EventKind, SessionState};

/// State before, event, state after.
const EXPECTED: [(SessionState, EventKind, SessionState); 20] = {
    use EventKind as Event;
    use SessionState as State;
    [
        (State::INITIALIZED, Event::CREATED, State::CREATED),
        (State::CREATED, Event::CONNECTED, State::CONNECTED),
        (State::CREATED, Event::DISCONNECTED, State::DISCONNECTED),
        (State::CREATED, Event::TERMINATED, State::TERMINATED),
        (State::CONNECTED, Event::DISCONNECTED, State::DISCONNECTED),
        (State::CONNECTED, Event::LOGON, State::LOGGED_ON),
        (State::CONNECTED, Event::TERMINATED, State::TERMINATED),
        (State::DISCONNECTED, Event::CONNECTED, State::CONNECTED),
        (State::DISCONNECTED, Event::LOGON, State::DISCONNECTED_LOGGED_ON),
        (State::DISCONNECTED, Event::TERMINATED, State::TERMINATED),
        (State::LOGGED_ON, Event::DISCONNECTED, State::DISCONNECTED_LOGGED_ON),
        (State::LOGGED_ON, Event::LOGOFF, State::LOGGED_OFF),
        (State::LOGGED_ON, Event::TERMINATED, State::TERMINATED),
        (State::DISCONNECTED_LOGGED_ON, Event::LOGOFF, State::DISCONNECTED),
        (State::DISCONNECTED_LOGGED_ON, Event::TERMINATED, State::TERMINATED),
        (State::LOGGED_OFF, Event::DISCONNECTED, State::DISCONNECTED),
        (State::LOGGED_OFF, Event::TERMINATED, State::TERMINATED),
        // Not in the diagram; see above.
        (State::DISCONNECTED_LOGGED_ON, Event::CONNECTED, State::LOGGED_ON),
        (State::LOGGED_ON, Event::CONNECTED, State::LOGGED_ON),
        (State::DISCONNECTED_LOGGED_ON, Event::LOGOFF, State::LOGGED_OFF),
    ]
};

/// An unexpected transition, with no missing event that could explain it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unexpected {
    event: EventKind,
    before: SessionState,
    /// The state after the event, if the event itself is expected.
    after: Option<SessionState>,
}

impl Unexpected {
    /// Judges a transition. `None` if it is expected, or if the state before or after is
    /// unknown.
    pub(crate) fn judge(
        before: Option<SessionState>,
        event: EventKind,
        after: Option<SessionState>,
    ) -> Option<Self> {
        let (before, after) =
            (before.filter(|state| is_known(*state))?, after.filter(|state| is_known(*state))?);
        let is_documented = event != EventKind::IGNORE && event.name().is_some();
        if !is_documented || EXPECTED.contains(&(before, event, after)) {
            return None;
        }
        let leads_on = EXPECTED.iter().any(|(from, kind, _)| (*from, *kind) == (before, event));
        Some(Self { event, before, after: leads_on.then_some(after) })
    }
}

impl fmt::Display for Unexpected {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "unexpected: {} while {}", self.event, in_words(self.before))?;
        if let Some(after) = self.after {
            write!(formatter, " led to {}", in_words(after))?;
        }
        formatter.write_str(" (no event is missing)")
    }
}

impl serde::Serialize for Unexpected {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

fn is_known(state: SessionState) -> bool {
    state != SessionState::UNKNOWN && state.name().is_some()
}

fn in_words(state: SessionState) -> &'static str {
    match state {
        SessionState::DISCONNECTED_LOGGED_ON => "disconnected but logged on",
        SessionState::LOGGED_ON => "logged on",
        SessionState::LOGGED_OFF => "logged off",
        state => state.name().unwrap_or("in an unknown state"),
    }
}

#[cfg(test)]
mod tests {
    use EventKind as Event;
    use SessionState as State;

    use super::*;

    fn judge(before: State, event: Event, after: State) -> Option<String> {
        Unexpected::judge(Some(before), event, Some(after)).map(|found| found.to_string())
    }

    #[test]
    fn a_day_with_reconnects_is_expected() {
        let day = [
            (Event::CREATED, State::CREATED),
            (Event::CONNECTED, State::CONNECTED),
            (Event::LOGON, State::LOGGED_ON),
            (Event::DISCONNECTED, State::DISCONNECTED_LOGGED_ON),
            (Event::CONNECTED, State::LOGGED_ON),
            (Event::CONNECTED, State::LOGGED_ON),
            (Event::LOGOFF, State::LOGGED_OFF),
            (Event::DISCONNECTED, State::DISCONNECTED),
            (Event::TERMINATED, State::TERMINATED),
        ];
        let mut before = State::INITIALIZED;
        for (event, after) in day {
            assert_eq!(judge(before, event, after), None, "{before:?} {event:?}");
            before = after;
        }
    }

    #[test]
    fn an_unexpected_transition_names_event_and_state() {
        assert_eq!(
            judge(State::CONNECTED, Event::CREATED, State::CREATED).unwrap(),
            "unexpected: created while connected (no event is missing)"
        );
        assert_eq!(
            judge(State::CONNECTED, Event::LOGON, State::LOGGED_OFF).unwrap(),
            "unexpected: logon while connected led to logged off (no event is missing)"
        );
        assert_eq!(
            judge(State::DISCONNECTED_LOGGED_ON, Event::LOGON, State::LOGGED_ON).unwrap(),
            "unexpected: logon while disconnected but logged on (no event is missing)"
        );
    }

    #[test]
    fn nothing_is_judged_by_an_unknown_state_or_event() {
        assert_eq!(judge(State::UNKNOWN, Event::LOGON, State::LOGGED_OFF), None);
        assert_eq!(judge(State::CONNECTED, Event::LOGON, State(77)), None);
        for event in [0, 7, u32::MAX] {
            assert_eq!(judge(State::CONNECTED, EventKind(event), State::LOGGED_OFF), None);
        }
        assert_eq!(Unexpected::judge(None, Event::LOGON, Some(State::LOGGED_OFF)), None);
    }

    #[test]
    fn no_transition_starts_from_the_end() {
        assert!(EXPECTED.iter().all(|(before, ..)| *before != State::TERMINATED));
    }
}
