//! Who is behind the newest events.
//!
//! *Why only the newest event of a session?* WTS and LSA know the present. Their answer
//! belongs to an event only if nothing has happened to the session since, so the driver is
//! asked before and after them. An uncertain answer is left out.

use std::collections::{HashMap, HashSet};

use sessionwatch_protocol::{EventKind, Record};
use sessionwatch_reader::{Device, present_sessions};
use sessionwatch_who::{Directory, Users, Who};

/// Who is behind the events that were read last, and which users to show.
#[derive(Clone, Debug, Default)]
pub struct Attribution {
    users: Users,
    /// By the event's sequence number.
    who: HashMap<u64, Who>,
}

impl Attribution {
    /// Knows nobody yet, and shows these users.
    #[must_use]
    pub fn new(users: Users) -> Self {
        Self { users, who: HashMap::new() }
    }

    /// Looks up who is behind these events, and forgets the events before.
    ///
    /// Asks the driver for the present sessions, then WTS and LSA about those whose last event
    /// is among these, then the driver again. If a session has had another event by then, the
    /// answer may be of that event, and is left out. So is an answer that cannot be had.
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

    /// Who is behind this event, if that is certain.
    #[must_use]
    pub fn of(&self, event: &Record) -> Option<&Who> {
        self.who.get(&event.sequence.get())
    }

    /// True if the event is of a user to show.
    #[must_use]
    pub fn admits(&self, event: &Record) -> bool {
        self.users.admit(self.of(event))
    }
}

/// The sequence numbers of the last events of the present sessions. If the driver does not
/// answer, the next read says why.
fn newest(device: &dyn Device) -> HashSet<u64> {
    let present = present_sessions(device).map(|present| present.sessions).unwrap_or_default();
    present.iter().map(|last| last.sequence.get()).collect()
}
