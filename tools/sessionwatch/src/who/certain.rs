//! Who is behind events, as far as WTS and LSA certainly speak of the same session.

use std::collections::{HashMap, HashSet};

use sessionwatch_protocol::{EventKind, Record};

use super::{Directory, Users, Who};
use crate::device::Device;
use crate::reader::present_sessions;

/// Who is behind the events that were read last, and who is asked for.
#[derive(Clone, Debug, Default)]
pub struct Known {
    users: Users,
    /// By the number of the event.
    who: HashMap<u64, Who>,
}

impl Known {
    /// Nothing is known yet.
    #[must_use]
    pub fn new(users: Users) -> Self {
        Self { users, who: HashMap::new() }
    }

    /// Looks up who is behind these events, and forgets those before.
    ///
    /// Only the newest event of a session can be told: the driver is asked for the
    /// present sessions, then WTS and LSA for those whose last event is among these,
    /// then the driver again. Where another event of a session has come, the answer
    /// may be of what came after it, and is left out; so is what cannot be asked.
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

    /// Who is behind this event.
    #[must_use]
    pub fn of(&self, event: &Record) -> Option<&Who> {
        self.who.get(&event.sequence.get())
    }

    /// Whether it is somebody who is asked for.
    #[must_use]
    pub fn admits(&self, event: &Record) -> bool {
        self.users.admit(self.of(event))
    }
}

/// The numbers of the last events of the present sessions. What keeps the driver from
/// its answer shows when it is read the next time.
fn newest(device: &dyn Device) -> HashSet<u64> {
    let present = present_sessions(device).map(|present| present.sessions).unwrap_or_default();
    present.iter().map(|last| last.sequence.get()).collect()
}
