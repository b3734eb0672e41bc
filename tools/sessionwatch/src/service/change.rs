//! A session change that user mode reports.

use std::io;

use serde::Serialize;
use sessionwatch_reader::time::SystemTime;
use sessionwatch_reader::{Device, describe, present_sessions};
use sessionwatch_who::{Directory, Who};

/// A session change that Windows sent to the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    /// The time when the service got it.
    pub time: SystemTime,
    /// The session's id.
    pub session_id: u32,
    /// The name of a `WTS_` reason of `winuser.h`, without its prefix.
    pub event: &'static str,
}

/// A log line for a change that user mode reports. The names of the fields are a promise to
/// programs.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename = "user_mode_event")]
struct Line<'a> {
    source: &'static str,
    time: SystemTime,
    session_id: u32,
    event: &'static str,
    /// The session's instance in the driver; `None` if the driver has seen no event of it, or an
    /// event after the change.
    instance: Option<u64>,
    who: Option<&'a Who>,
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
        let known = device.zip(directory).and_then(|(device, directory)| {
            let session = directory.session(self.session_id).ok().flatten();
            let logons = directory.logons().unwrap_or_default();
            let Unchanged { instance } = self.unchanged(device)?;
            Some((instance, session.map(|session| Who::of(&session, &logons))))
        });
        let (instance, who) = known.unwrap_or_default();
        let fields = Line {
            source: "service",
            time: self.time,
            session_id: self.session_id,
            event: self.event,
            instance,
            who: who.as_ref(),
        };
        let mut bytes = serde_json::to_vec(&fields)?;
        bytes.push(b'\n');
        Ok(bytes)
    }

    /// The session, if it has had no event since the change.
    fn unchanged(&self, device: &dyn Device) -> Option<Unchanged> {
        let loaded = describe(device).ok()?.loaded_system_time.get();
        let present = present_sessions(device).ok()?.sessions;
        let last = present.iter().find(|last| last.session_id.get() == self.session_id);
        let since = last.map_or(loaded, |last| last.system_time.get());
        let instance = last.map(|last| last.instance.get());
        (since <= self.time.0).then_some(Unchanged { instance })
    }
}

/// A session without an event since a change.
struct Unchanged {
    /// Its instance, if the driver has seen an event of it.
    instance: Option<u64>,
}
