//! The documented state machine of a session, as a table.
//!
//! Source: the picture of the page `IO_SESSION_STATE` (wdm.h). A new session is
//! initialized before its first event.
//!
//! The kernel does not enforce this machine: it stores the state that user mode
//! names. And the table has gaps: above all, no step leads from *disconnected,
//! logged on* back to *logged on*, although every reconnect takes it. So a step
//! that is not here is told of, and never a reason to doubt or drop an event.

use sessionwatch_protocol::{EventKind, SessionState};

/// State before, event, state after.
const STEPS: [(SessionState, EventKind, SessionState); 17] = {
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
    ]
};

/// Whether `event` takes a session from `before` to `after` in the documented
/// state machine.
pub(crate) fn is_documented(before: SessionState, event: EventKind, after: SessionState) -> bool {
    STEPS.contains(&(before, event, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_of_a_session_is_documented_but_for_its_reconnect() {
        use EventKind as Event;
        use SessionState as State;
        let way = [
            (Event::CREATED, State::CREATED, true),
            (Event::CONNECTED, State::CONNECTED, true),
            (Event::LOGON, State::LOGGED_ON, true),
            (Event::DISCONNECTED, State::DISCONNECTED_LOGGED_ON, true),
            (Event::CONNECTED, State::LOGGED_ON, false),
            (Event::LOGOFF, State::LOGGED_OFF, true),
            (Event::DISCONNECTED, State::DISCONNECTED, true),
            (Event::TERMINATED, State::TERMINATED, true),
        ];
        let mut before = State::INITIALIZED;
        for (event, after, documented) in way {
            assert_eq!(is_documented(before, event, after), documented, "{before:?} {event:?}");
            before = after;
        }
    }

    /// From each state, each event leads to one state at most, and nothing
    /// leads on from the end.
    #[test]
    fn the_machine_is_deterministic_and_ends() {
        for (place, (before, event, _)) in STEPS.iter().enumerate() {
            assert!(STEPS[..place].iter().all(|(b, e, _)| (b, e) != (before, event)));
            assert_ne!(*before, SessionState::TERMINATED);
        }
    }
}
