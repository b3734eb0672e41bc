//! The sessions that opened and closed between two looks at a server.
//!
//! Windows gives these sessions no id. A session keeps its client, its user and its transport,
//! but several sessions can share all three, at the same time or one after the other. Their
//! ages tell them apart: the age of a session grows as time passes. Some servers report the age 0
//! for every session. Then the number of sessions that share all three tells what is known.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::session::Session;

/// The rounding between two looks, in seconds: the server counts whole seconds, and so do we.
const TOLERANCE_SECONDS: u64 = 2;

/// The time between two looks, in seconds. The server takes each list at some moment between
/// our question and its answer, so only bounds are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Elapsed {
    /// The lower bound.
    pub least: u64,
    /// The upper bound.
    pub most: u64,
}

/// The sessions that opened and closed between two looks. All others stayed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Difference<'a> {
    /// Sessions of the earlier look that the later one lacks, as they were then.
    pub closed: Vec<&'a Session>,
    /// Sessions of the later look that the earlier one lacks.
    pub opened: Vec<&'a Session>,
}

/// Compares two looks, whose order of sessions does not matter. The result is sorted by client,
/// user and transport, then from the oldest session to the youngest.
#[must_use]
pub fn difference<'a>(
    earlier: &'a [Session],
    later: &'a [Session],
    elapsed: Elapsed,
) -> Difference<'a> {
    let mut groups = BTreeMap::<_, Group<'a>>::new();
    for session in earlier {
        groups.entry(identity(session)).or_default().before.push(session);
    }
    for session in later {
        groups.entry(identity(session)).or_default().after.push(session);
    }
    let mut difference = Difference::default();
    let has_ages = earlier.iter().chain(later).any(|session| session.time != 0);
    for group in groups.into_values() {
        let (closed, opened) = if has_ages {
            // Sessions that aged by the time that passed stayed. If a clock was set, others may
            // have stayed as well.
            let (closed, opened) = group.without_pairs(|before, after| elapsed.ages(before, after));
            let rest = Group { before: closed, after: opened };
            rest.without_pairs(|before, after| elapsed.may_age(before, after))
        } else {
            group.without_pairs(|_, _| Age::Fits)
        };
        difference.closed.extend(closed);
        difference.opened.extend(opened);
    }
    difference
}

/// The fields that a session keeps from look to look.
fn identity(session: &Session) -> [Option<&str>; 3] {
    [&session.cname, &session.username, &session.transport].map(Option::as_deref)
}

/// The age of a later session, compared with the age that an earlier one has reached by then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Age {
    TooYoung,
    Fits,
    TooOld,
}

impl Elapsed {
    /// Compares the ages: a session that stays grows older by the time that passes.
    fn ages(self, before: &Session, after: &Session) -> Age {
        let (before, after) = (u64::from(before.time), u64::from(after.time));
        if after + TOLERANCE_SECONDS < before.saturating_add(self.least) {
            Age::TooYoung
        } else if after > before.saturating_add(self.most).saturating_add(TOLERANCE_SECONDS) {
            Age::TooOld
        } else {
            Age::Fits
        }
    }

    /// Compares the ages in case a clock was set, which makes ages jump. A session that is
    /// older than the time that passed did not open in that time, so it is the earlier one.
    fn may_age(self, before: &Session, after: &Session) -> Age {
        let is_new = u64::from(after.time) <= self.most.saturating_add(TOLERANCE_SECONDS);
        match self.ages(before, after) {
            Age::TooYoung if is_new => Age::TooYoung,
            _ => Age::Fits,
        }
    }
}

/// Sessions that share client, user and transport.
#[derive(Default)]
struct Group<'a> {
    before: Vec<&'a Session>,
    after: Vec<&'a Session>,
}

impl<'a> Group<'a> {
    /// Pairs each earlier session with the later one that it became, from the oldest on.
    /// Returns the earlier and the later sessions without a partner.
    fn without_pairs(
        mut self,
        age: impl Fn(&Session, &Session) -> Age,
    ) -> (Vec<&'a Session>, Vec<&'a Session>) {
        for list in [&mut self.before, &mut self.after] {
            list.sort_by_key(|session| Reverse(session.time));
        }
        let (mut before, mut after) =
            (self.before.into_iter().peekable(), self.after.into_iter().peekable());
        let (mut closed, mut opened) = (Vec::new(), Vec::new());
        while let (Some(earlier), Some(later)) = (before.peek(), after.peek()) {
            match age(earlier, later) {
                Age::TooYoung => closed.extend(before.next()),
                Age::TooOld => opened.extend(after.next()),
                Age::Fits => {
                    before.next();
                    after.next();
                }
            }
        }
        closed.extend(before);
        opened.extend(after);
        (closed, opened)
    }
}

#[cfg(test)]
mod tests {
    use std::slice;

    use proptest::prelude::*;

    use super::*;
    use crate::testing::session;

    const TEN: Elapsed = Elapsed { least: 10, most: 10 };

    fn assert_difference(earlier: &[Session], later: &[Session], closed: &[u32], opened: &[u32]) {
        let difference = difference(earlier, later, TEN);
        let times = |list: &[&Session]| list.iter().map(|session| session.time).collect::<Vec<_>>();
        assert_eq!(
            (times(&difference.closed), times(&difference.opened)),
            (closed.to_vec(), opened.to_vec()),
            "{earlier:?} {later:?}"
        );
    }

    fn at(times: &[u32]) -> Vec<Session> {
        times.iter().map(|time| session("PC", *time)).collect()
    }

    #[test]
    fn sessions_of_one_client_and_user_are_told_apart_by_their_ages() {
        for (earlier, later, closed, opened) in [
            (&[][..], &[3][..], &[][..], &[3][..]),
            (&[100], &[], &[100], &[]),
            (&[100], &[110], &[], &[]),
            (&[100], &[110, 4], &[], &[4]),
            // A session closed and opened again between the looks: its new age is below or
            // above the old one.
            (&[100], &[4], &[100], &[4]),
            (&[1], &[4], &[1], &[4]),
            // The remaining session is neither the oldest nor the youngest.
            (&[100, 50, 5], &[60, 3], &[100, 5], &[3]),
            // The server's clock was set, forwards or backwards: no session opened.
            (&[100], &[3710], &[], &[]),
            (&[100_000], &[50_000], &[], &[]),
            (&[u32::MAX], &[u32::MAX], &[], &[]),
        ] {
            assert_difference(&at(earlier), &at(later), closed, opened);
        }
    }

    #[test]
    fn a_server_without_ages_keeps_its_sessions() {
        for (earlier, later, closed, opened) in [
            (&[0][..], &[0][..], &[][..], &[][..]),
            (&[0, 0], &[0], &[0], &[]),
            (&[0], &[0, 0], &[], &[0]),
        ] {
            assert_difference(&at(earlier), &at(later), closed, opened);
        }
        // Another session has an age, so this server counts: one closed, and another opened.
        let (other, older) = (session("OTHER", 100), session("OTHER", 110));
        assert_difference(&[session("PC", 0), other], &[session("PC", 0), older], &[0], &[0]);
    }

    #[test]
    fn another_client_user_or_transport_is_another_session() {
        let name = |name: &str| Some(name.to_owned());
        let here = session("PC", 100);
        for other in [
            Session { cname: name("pc"), time: 110, ..here.clone() },
            Session { cname: None, time: 110, ..here.clone() },
            Session { username: name("eve"), time: 110, ..here.clone() },
            Session { transport: name("tcp"), time: 110, ..here.clone() },
        ] {
            assert_difference(slice::from_ref(&here), &[other], &[100], &[110]);
        }
        let busy = Session { num_opens: 9, idle_time: 7, time: 110, ..here.clone() };
        assert_difference(&[here], &[busy], &[], &[]);
    }

    /// Sessions of few clients and users, so that several share both.
    fn lists() -> impl Strategy<Value = Vec<Session>> {
        let one =
            (0..3_u32, prop::option::of(0..2_u32), 0..200_u32).prop_map(|(client, user, time)| {
                Session {
                    username: user.map(|user| user.to_string()),
                    ..session(&client.to_string(), time)
                }
            });
        prop::collection::vec(one, 0..12)
    }

    fn elapsed() -> impl Strategy<Value = Elapsed> {
        (0..60_u64, 0..5_u64).prop_map(|(least, more)| Elapsed { least, most: least + more })
    }

    fn count(list: &[&Session], one: &Session) -> usize {
        list.iter().filter(|session| identity(session) == identity(one)).count()
    }

    proptest! {
        /// The earlier sessions, less the closed, plus the opened, are the later sessions.
        #[test]
        fn the_difference_accounts_for_every_session(
            earlier in lists(), later in lists(), elapsed in elapsed(),
        ) {
            let Difference { closed, opened } = difference(&earlier, &later, elapsed);
            let (before, after): (Vec<_>, Vec<_>) =
                (earlier.iter().collect(), later.iter().collect());
            for one in earlier.iter().chain(&later) {
                prop_assert_eq!(
                    count(&before, one) + count(&opened, one),
                    count(&after, one) + count(&closed, one)
                );
            }
        }

        /// Sessions that only grow older neither open nor close, whatever their order in the list.
        #[test]
        fn sessions_that_stay_are_not_reported(
            earlier in lists().prop_shuffle(), elapsed in elapsed(), more in 0..5_u64,
        ) {
            let passed = u32::try_from(elapsed.least + more.min(elapsed.most - elapsed.least));
            let passed = passed.unwrap();
            let mut later = earlier.clone();
            later.reverse();
            for session in &mut later {
                session.time += passed;
            }
            prop_assert_eq!(difference(&earlier, &later, elapsed), Difference::default());
        }

        /// Every opening and closing is found if ages tell the sessions apart: new sessions are
        /// younger than the time that passed, and no two sessions have the same age.
        #[test]
        fn openings_and_closings_are_found(
            fates in prop::collection::vec((0..3_u8, 0..2_u32), 0..12), passed in 10..60_u32,
        ) {
            let (mut earlier, mut later) = (Vec::new(), Vec::new());
            let (mut closed, mut opened) = (0, 0);
            for (place, (fate, client)) in (0_u32..).zip(fates) {
                let client = client.to_string();
                // Far enough apart to tell sessions from each other.
                let age = 1 + place * 100;
                match fate {
                    0 => {
                        earlier.push(session(&client, age));
                        later.push(session(&client, age + passed));
                    }
                    1 => {
                        earlier.push(session(&client, age));
                        closed += 1;
                    }
                    _ => {
                        later.push(session(&client, place.min(passed - 5)));
                        opened += 1;
                    }
                }
            }
            let elapsed = Elapsed { least: passed.into(), most: passed.into() };
            let found = difference(&earlier, &later, elapsed);
            prop_assert_eq!((found.closed.len(), found.opened.len()), (closed, opened));
        }
    }
}
