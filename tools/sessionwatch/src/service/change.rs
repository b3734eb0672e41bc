//! A session change that user mode reports.

use std::io;

use serde::{Serialize, Serializer};
use sessionwatch_reader::time::SystemTime;
use sessionwatch_reader::{AtEnd, Cursor, Device, Limit, describe, present_sessions};
use sessionwatch_who::{Directory, Who};

/// The number of events since a change that are looked through; more make it uncertain.
const LOOKED_THROUGH: u64 = 4096;

/// A session change that Windows sent to the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    /// The time when the service got it.
    pub time: SystemTime,
    /// The session's id.
    pub session_id: u32,
    /// The change.
    pub reason: Reason,
    /// The state of the driver's journal when the service got the change; `None` if the driver
    /// was not running.
    pub mark: Option<Mark>,
}

/// A `WTS_` reason of `winuser.h`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reason(
    /// The number.
    pub u32,
);

/// A moment in a journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The journal.
    pub journal_id: u64,
    /// The sequence number of the next event.
    pub next: u64,
}

/// A log line for a change that user mode reports. The names of the fields are a promise to
/// programs.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename = "user_mode_event")]
struct Line<'a> {
    source: &'static str,
    time: SystemTime,
    session_id: u32,
    event: Reason,
    /// The session's instance in the driver; `None` if the driver has seen no event of it, or
    /// one after the change.
    instance: Option<u64>,
    who: Option<&'a Who>,
}

impl Mark {
    /// The journal now; `None` if the driver does not answer.
    #[must_use]
    pub fn of(device: &dyn Device) -> Option<Self> {
        let journal = describe(device).ok()?;
        Some(Self { journal_id: journal.journal_id.get(), next: journal.next.get() })
    }
}

impl Change {
    /// The log line of the change. It names the user only if the user is certain: the driver was
    /// loaded before the change, and the session has had no event between the change and the
    /// look-up.
    ///
    /// # Errors
    ///
    /// If the line cannot be rendered.
    pub fn line(
        &self,
        device: Option<&dyn Device>,
        directory: Option<&dyn Directory>,
    ) -> io::Result<Vec<u8>> {
        let session = directory
            .filter(|_| self.mark.is_some())
            .and_then(|directory| directory.session(self.session_id).ok().flatten());
        let logons = directory.and_then(|directory| directory.logons().ok()).unwrap_or_default();
        // Asked last, so that nothing can happen between the answers and this one.
        let unchanged = device.and_then(|device| self.unchanged(device));
        let (instance, who) = match unchanged {
            Some(Unchanged { instance }) => {
                (instance, session.map(|session| Who::of(&session, &logons)))
            }
            None => (None, None),
        };
        let fields = Line {
            source: "service",
            time: self.time,
            session_id: self.session_id,
            event: self.reason,
            instance,
            who: who.as_ref(),
        };
        let mut bytes = serde_json::to_vec(&fields)?;
        bytes.push(b'\n');
        Ok(bytes)
    }

    /// The session, if it has had no event since the change.
    fn unchanged(&self, device: &dyn Device) -> Option<Unchanged> {
        let mark = self.mark?;
        let present = present_sessions(device).ok()?;
        if present.head.journal_id.get() != mark.journal_id {
            return None;
        }
        let last = present.sessions.iter().find(|last| last.session_id.get() == self.session_id);
        let is_unchanged = match last {
            Some(last) => last.sequence.get() < mark.next,
            // The driver forgets a terminated session, so that its events must tell.
            None => self.has_no_event(device, mark, present.head.next.get()),
        };
        is_unchanged.then(|| Unchanged { instance: last.map(|last| last.instance.get()) })
    }

    /// True if no event from `mark` on and before `end` is of the session.
    fn has_no_event(&self, device: &dyn Device, mark: Mark, end: u64) -> bool {
        if end.saturating_sub(mark.next) > LOOKED_THROUGH {
            return false;
        }
        let mut cursor = Cursor::new(mark.journal_id, mark.next, end);
        while cursor.account().next() < end {
            let limit = Limit { before: end, ..Limit::NONE };
            let Ok(batch) = cursor.read(device, AtEnd::Return, limit) else { return false };
            let mut records = batch.records.iter();
            if batch.lost.is_some() || records.any(|of| of.session_id.get() == self.session_id) {
                return false;
            }
        }
        true
    }
}

/// A session without an event since a change.
struct Unchanged {
    /// Its instance, if the driver has seen an event of it.
    instance: Option<u64>,
}

impl Serialize for Reason {
    /// The name without its prefix, or the number of a reason without a name.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let name = match self.0 {
            1 => "console_connect",
            2 => "console_disconnect",
            3 => "remote_connect",
            4 => "remote_disconnect",
            5 => "session_logon",
            6 => "session_logoff",
            7 => "session_lock",
            8 => "session_unlock",
            9 => "session_remote_control",
            10 => "session_create",
            11 => "session_terminate",
            number => return serializer.collect_str(&number),
        };
        serializer.serialize_str(name)
    }
}
