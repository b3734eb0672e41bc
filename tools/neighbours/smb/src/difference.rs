//! What became of the sessions between two looks at a server.
//!
//! A session has no number that would tell it from another: what stays the same
//! is its client, its user and its transport, of which there may be several at a
//! time, or one after the other. So the sessions that have these in common are
//! told apart by their ages, which grow as time passes.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::session::Session;

/// How much the server's clock may differ from ours between two looks: it counts
/// whole seconds, and so do we.
const TOLERANCE_SECONDS: u64 = 2;

/// How much time may have passed at the server between two looks, in seconds:
/// each was at some moment between the question and its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Elapsed {
    /// At least so much.
    pub least: u64,
    /// At most so much.
    pub most: u64,
}

/// What became of the sessions: each is either still there or closed, and was
/// there before or is opened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Difference<'a> {
    /// Sessions of the earlier look, as they were then.
    pub closed: Vec<&'a Session>,
    /// Sessions of the later look.
    pub opened: Vec<&'a Session>,
}

/// What became of the sessions of the earlier look until the later one. The order
/// of the lists means nothing: what is closed and what is opened come by client,
/// user and transport, the oldest first.
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
    for group in groups.into_values() {
        // What aged as time passed stays; what is left may have done so by a clock that was set.
        let (closed, opened) = group.without_pairs(|before, after| elapsed.ages(before, after));
        let rest = Group { before: closed, after: opened };
        let (closed, opened) = rest.without_pairs(|before, after| elapsed.may_age(before, after));
        difference.closed.extend(closed);
        difference.opened.extend(opened);
    }
    difference
}

/// What two sessions have in common that may be one.
fn identity(session: &Session) -> [Option<&str>; 3] {
    [&session.cname, &session.username, &session.transport].map(Option::as_deref)
}

/// Where the age of a later session lies, if it is to be that of an earlier one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Age {
    TooYoung,
    Fits,
    TooOld,
}

impl Elapsed {
    /// A session that stays is older by the time that has passed.
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

    /// Where a clock was set, ages jump. But whatever is older than the time that
    /// has passed cannot have been opened since.
    fn may_age(self, before: &Session, after: &Session) -> Age {
        let is_new = u64::from(after.time) <= self.most.saturating_add(TOLERANCE_SECONDS);
        match self.ages(before, after) {
            Age::TooYoung if is_new => Age::TooYoung,
            _ => Age::Fits,
        }
    }
}

/// Sessions that have client, user and transport in common.
#[derive(Default)]
struct Group<'a> {
    before: Vec<&'a Session>,
    after: Vec<&'a Session>,
}

impl<'a> Group<'a> {
    /// Takes away what is one session in both looks, from the oldest on.
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
            // Closed and opened again between the looks, with an age that is less or more than
            // what was seen.
            (&[100], &[4], &[100], &[4]),
            (&[1], &[4], &[1], &[4]),
            // The one that stays is neither the oldest nor the youngest.
            (&[100, 50, 5], &[60, 3], &[100, 5], &[3]),
            // The server's clock was set, forwards or backwards: nothing was opened since.
            (&[100], &[3710], &[], &[]),
            (&[100_000], &[50_000], &[], &[]),
            (&[u32::MAX], &[u32::MAX], &[], &[]),
        ] {
            assert_difference(&at(earlier), &at(later), closed, opened);
        }
    }

    #[test]
    fn client_user_and_transport_make_a_session_another() {
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

    /// Sessions of few clients and users, so that several have both in common.
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
        /// What was there, without what was closed and with what was opened, is what is there.
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

        /// Of sessions that only grew older nothing is told, in whatever order they come.
        #[test]
        fn what_stays_is_not_told(
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

        /// Which session comes, goes or stays is found, where ages tell: those that are opened are
        /// younger than the time that passed, and no two are as old as each other.
        #[test]
        fn what_happened_is_found(
            fates in prop::collection::vec((0..3_u8, 0..2_u32), 0..12), passed in 10..60_u32,
        ) {
            let (mut earlier, mut later) = (Vec::new(), Vec::new());
            let (mut closed, mut opened) = (0, 0);
            for (place, (fate, client)) in (0_u32..).zip(fates) {
                let client = client.to_string();
                // Far enough apart to be told from each other.
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
