//! The users behind the newest events.
//!
//! *Why only the newest event of a session?* WTS and LSA know only the present. Their answer
//! belongs to an event only if the session has had no event since. So a look-up asks the driver
//! before and after them, and omits an uncertain answer.

use std::collections::{HashMap, HashSet};

use sessionwatch_protocol::{EventKind, Record};
use sessionwatch_reader::{Device, present_sessions};
use sessionwatch_who::{Directory, Users, Who};

/// The users behind the last events read, and the users to show.
#[derive(Clone, Debug, Default)]
pub struct Attribution {
    users: Users,
    /// The users, by the event's sequence number.
    who: HashMap<u64, Who>,
}

impl Attribution {
    /// An attribution without users so far, which shows only these users.
    #[must_use]
    pub fn new(users: Users) -> Self {
        Self { users, who: HashMap::new() }
    }

    /// Looks up the users behind these events, and forgets those of earlier events.
    ///
    /// Asks the driver for the present sessions. Then asks WTS and LSA about the sessions whose
    /// last event is among these, and the driver again. Omits the answer for a session that has
    /// had another event meanwhile, because the answer may belong to that event. Also omits a
    /// failed look-up.
    pub fn look_up<'events>(
        &mut self,
        device: &dyn Device,
        directory: Option<&dyn Directory>,
        events: impl IntoIterator<Item = &'events Record>,
    ) {
        self.who.clear();
        let Some(directory) = directory else { return };
        let mut events = events.into_iter().peekable();
        if events.peek().is_none() {
            return;
        }
        let newest = newest(device);
        let is_newest = |event: &&Record| {
            newest.contains(&event.sequence.get()) && event.kind() != EventKind::TERMINATED
        };
        let sessions: Vec<_> = events
            .filter(is_newest)
            .filter_map(|event| {
                let session = directory.session(event.session_id.get()).ok().flatten()?;
                Some((event.sequence.get(), session))
            })
            .collect();
        if sessions.is_empty() {
            return;
        }
        let logons = directory.logons().unwrap_or_default();
        let newest = self::newest(device);
        self.who = sessions
            .into_iter()
            .filter(|(sequence, _)| newest.contains(sequence))
            .map(|(sequence, session)| (sequence, Who::of(&session, &logons)))
            .collect();
    }

    /// The user behind this event, if certain.
    #[must_use]
    pub fn of(&self, event: &Record) -> Option<&Who> {
        self.who.get(&event.sequence.get())
    }

    /// True if the event belongs to a user to show.
    #[must_use]
    pub fn admits(&self, event: &Record) -> bool {
        self.users.admit(self.of(event))
    }
}

/// The sequence numbers of the last events of the present sessions; empty if the driver does not
/// answer. The next read then reports the error.
fn newest(device: &dyn Device) -> HashSet<u64> {
    let present = present_sessions(device).map(|present| present.sessions).unwrap_or_default();
    present.iter().map(|last| last.sequence.get()).collect()
}
