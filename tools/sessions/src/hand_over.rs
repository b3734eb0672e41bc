//! Hand-overs: a session passes its connection to another session.
//!
//! When a user returns to a session, Windows first connects the client or the console to a
//! temporary session with the logon screen. After the logon, Windows connects the user's session.
//! It disconnects and terminates the temporary one. (Observed in user mode; no page promises it.
//! The kernel does not order events of different sessions, so either may come first.)
//!
//! A hand-over consists of two events: the disconnect of a session in which nobody has logged on,
//! and a reconnect at the same locality within [`WITHIN_100NS`]. No third event may fit.

use std::collections::VecDeque;
use std::fmt;

use serde::Serialize;
use sessionwatch_protocol::Locality;
use sessionwatch_reader::time::UNITS_PER_SECOND;

/// The longest time between the two events, in 100 ns.
const WITHIN_100NS: u64 = 5 * UNITS_PER_SECOND;
/// The number of events to remember. More events within five seconds are too many to tell apart.
const REMEMBERED: usize = 16;

/// The hand-over of a connection between two sessions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct HandOver {
    /// The session that had the connection.
    pub from: u32,
    /// The session that has it now.
    pub to: u32,
}

impl fmt::Display for HandOver {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "session {} handed its connection to {}", self.from, self.to)
    }
}

/// One side of a hand-over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    /// A disconnect in which nobody is logged on.
    Gave,
    /// A reconnect.
    Took,
}

/// An event that can be one side of a hand-over.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Candidate {
    pub(crate) side: Side,
    pub(crate) session_id: u32,
    /// The time of the event, in 100 ns since the machine started.
    pub(crate) monotonic: u64,
    pub(crate) locality: Option<Locality>,
}

impl Candidate {
    fn fits(&self, other: &Self) -> bool {
        self.side != other.side
            && self.session_id != other.session_id
            && other.monotonic.abs_diff(self.monotonic) <= WITHIN_100NS
            && (self.locality.is_none() || self.locality == other.locality)
    }
}

/// The latest candidates, in the order of their events.
#[derive(Clone, Debug, Default)]
pub(crate) struct Candidates(VecDeque<Candidate>);

impl Candidates {
    /// Returns the hand-over that this event completes, if exactly one earlier event fits.
    pub(crate) fn complete(&mut self, event: Candidate) -> Option<HandOver> {
        self.0.retain(|earlier| event.monotonic.saturating_sub(earlier.monotonic) <= WITHIN_100NS);
        let mut fitting = self.0.iter().enumerate().filter(|(_, earlier)| event.fits(earlier));
        let (Some((place, &earlier)), None) = (fitting.next(), fitting.next()) else {
            // No event fits, or several do.
            self.remember(event);
            return None;
        };
        self.0.remove(place);
        let (gave, took) = match event.side {
            Side::Gave => (event, earlier),
            Side::Took => (earlier, event),
        };
        Some(HandOver { from: gave.session_id, to: took.session_id })
    }

    /// Forgets all events, because sequence numbers after them are lost.
    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    fn remember(&mut self, event: Candidate) {
        if self.0.len() == REMEMBERED {
            self.0.pop_front();
        }
        self.0.push_back(event);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(side: Side, session_id: u32, seconds: u64) -> Candidate {
        let monotonic = seconds * UNITS_PER_SECOND;
        Candidate { side, session_id, monotonic, locality: Some(Locality::REMOTE) }
    }

    #[test]
    fn a_hand_over_is_complete_with_its_second_event_in_either_order() {
        for sides in [[Side::Gave, Side::Took], [Side::Took, Side::Gave]] {
            let mut candidates = Candidates::default();
            let ids = sides.map(|side| if side == Side::Gave { 3 } else { 2 });
            assert_eq!(candidates.complete(event(sides[0], ids[0], 10)), None);
            let hand_over = candidates.complete(event(sides[1], ids[1], 12)).unwrap();
            assert_eq!(hand_over, HandOver { from: 3, to: 2 });
            assert_eq!(hand_over.to_string(), "session 3 handed its connection to 2");
            assert_eq!(candidates.complete(event(sides[1], ids[1], 12)), None, "already complete");
        }
    }

    #[test]
    fn events_that_do_not_fit_are_no_hand_over() {
        let gave = event(Side::Gave, 3, 10);
        for other in [
            event(Side::Took, 2, 16),
            event(Side::Took, 3, 10),
            event(Side::Gave, 2, 10),
            Candidate { locality: Some(Locality::LOCAL), ..event(Side::Took, 2, 10) },
        ] {
            let mut candidates = Candidates::default();
            candidates.complete(gave);
            assert_eq!(candidates.complete(other), None, "{other:?}");
        }
        let mut candidates = Candidates::default();
        candidates.complete(gave);
        candidates.clear();
        assert_eq!(candidates.complete(event(Side::Took, 2, 10)), None);
    }

    #[test]
    fn two_fitting_events_make_no_hand_over() {
        let mut candidates = Candidates::default();
        candidates.complete(event(Side::Gave, 3, 10));
        candidates.complete(event(Side::Gave, 4, 10));
        assert_eq!(candidates.complete(event(Side::Took, 2, 11)), None);
        for second in 0..100 {
            candidates.complete(event(Side::Gave, second, 11));
        }
        assert!(candidates.0.len() <= REMEMBERED);
    }
}
