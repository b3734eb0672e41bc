//! Expected transitions of a session: state before, event, state after.
//!
//! Source: the picture on the page `IO_SESSION_STATE` (wdm.h). A session is *initialized*
//! before its first event. The picture has no way from *disconnected, logged on* back to
//! *logged on*, although every reconnect takes it, so the reconnect is added here.
//!
//! The kernel does not enforce the picture: it stores the state that user mode names.
//! So an unexpected transition is worth a remark, and no reason to doubt the event.

use sessionwatch_protocol::{EventKind, SessionState};

/// State before, event, state after.
const EXPECTED: [(SessionState, EventKind, SessionState); 18] = {
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
        (State::DISCONNECTED_LOGGED_ON, Event::CONNECTED, State::LOGGED_ON),
        (State::DISCONNECTED_LOGGED_ON, Event::TERMINATED, State::TERMINATED),
        (State::LOGGED_OFF, Event::DISCONNECTED, State::DISCONNECTED),
        (State::LOGGED_OFF, Event::TERMINATED, State::TERMINATED),
    ]
};

/// True if `event` leads from state `before` to state `after` as expected. States and
/// events without a name are expected: nobody knows what they mean.
pub(super) fn is_expected(before: SessionState, event: EventKind, after: SessionState) -> bool {
    let is_known = |state: SessionState| state != SessionState::UNKNOWN && state.name().is_some();
    let is_documented = event != EventKind::IGNORE && event.name().is_some();
    !is_known(before)
        || !is_known(after)
        || !is_documented
        || EXPECTED.contains(&(before, event, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_of_a_session_and_its_reconnect_are_expected() {
        use EventKind as Event;
        use SessionState as State;
        let way = [
            (Event::CREATED, State::CREATED),
            (Event::CONNECTED, State::CONNECTED),
            (Event::LOGON, State::LOGGED_ON),
            (Event::DISCONNECTED, State::DISCONNECTED_LOGGED_ON),
            (Event::CONNECTED, State::LOGGED_ON),
            (Event::LOGOFF, State::LOGGED_OFF),
            (Event::DISCONNECTED, State::DISCONNECTED),
            (Event::TERMINATED, State::TERMINATED),
        ];
        let mut before = State::INITIALIZED;
        for (event, after) in way {
            assert!(is_expected(before, event, after), "{before:?} {event:?}");
            before = after;
        }
        assert!(!is_expected(State::CONNECTED, Event::CREATED, State::CREATED));
        assert!(!is_expected(State::CONNECTED, Event::LOGON, State::LOGGED_OFF));
        assert!(is_expected(State::UNKNOWN, Event::LOGON, State::LOGGED_OFF));
        assert!(is_expected(State::CONNECTED, EventKind(7), State::LOGGED_OFF));
        assert!(is_expected(State::CONNECTED, Event::LOGON, SessionState(77)));
    }

    /// From each state, each event leads to one state at most, and nothing
    /// leads on from the end.
    #[test]
    fn the_machine_is_deterministic_and_ends() {
        for (place, (before, event, _)) in EXPECTED.iter().enumerate() {
            assert!(EXPECTED[..place].iter().all(|(b, e, _)| (b, e) != (before, event)));
            assert_ne!(*before, SessionState::TERMINATED);
        }
    }
}
