//! The service: what only a service is told, and the driver's events, in one log.
//!
//! The kernel has no event for locking, unlocking or watching a session. Windows tells
//! services of them, with nothing but the id of the session. A [`Change`] is what the
//! service was told, marked as user mode's; the driver's events come into the same
//! log as `follow` shows them, from where the service ended the last time.

mod log;

use std::io;

use serde::Serialize;
use thiserror::Error;

pub use log::{Bounds, Log, SharedLog};

use crate::device::Device;
use crate::reader::{describe, present_sessions};
use crate::time::SystemTime;
use crate::who::{Directory, Who};

/// The service's name to the service manager.
pub const NAME: &str = "SessionWatchLog";

/// The service's name for people.
pub const DISPLAY_NAME: &str = "Session Watch log";

/// What the service manager refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("the service could not be {doing}: {message} (error {code}){}", remedy(*code))]
pub struct ServiceError {
    /// What was to become of the service.
    pub doing: &'static str,
    /// The Win32 error; 0 where it was not Windows that refused.
    pub code: u32,
    /// What is said about it.
    pub message: String,
}

/// What to do about a Win32 error.
const fn remedy(code: u32) -> &'static str {
    match code {
        ERROR_ACCESS_DENIED => {
            "; run this from a prompt that was started with \"Run as administrator\""
        }
        ERROR_SERVICE_DOES_NOT_EXIST => "; `sessionwatch service install` makes it",
        ERROR_FAILED_SERVICE_CONTROLLER_CONNECT => {
            "; the service manager runs this: use `sessionwatch service install`"
        }
        ERROR_SERVICE_EXISTS => "; `sessionwatch service remove` removes it first",
        _ => "; `sc query SessionWatchLog` tells how it is",
    }
}

/// `ERROR_ACCESS_DENIED` of `winerror.h`.
pub(crate) const ERROR_ACCESS_DENIED: u32 = 5;
/// `ERROR_SERVICE_DOES_NOT_EXIST` of `winerror.h`.
pub(crate) const ERROR_SERVICE_DOES_NOT_EXIST: u32 = 1060;
/// `ERROR_FAILED_SERVICE_CONTROLLER_CONNECT` of `winerror.h`.
const ERROR_FAILED_SERVICE_CONTROLLER_CONNECT: u32 = 1063;
/// `ERROR_SERVICE_EXISTS` of `winerror.h`.
const ERROR_SERVICE_EXISTS: u32 = 1073;

/// How the service is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServiceReport {
    /// Its state; none where it is not installed.
    pub state: Option<&'static str>,
    /// Its process, where there is one.
    pub process_id: Option<u32>,
}

/// What the service was told of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    /// When the service was told.
    pub time: SystemTime,
    /// The session's id.
    pub session_id: u32,
    /// What has happened: the name of a `WTS_` reason of `winuser.h`.
    pub event: &'static str,
}

/// A line of the log that is not the driver's. The names of the fields are a promise
/// to programs.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename = "user_mode_event")]
struct Line<'a> {
    source: &'static str,
    time: SystemTime,
    session_id: u32,
    event: &'static str,
    /// The instance that the driver knows of the session; none where it has seen no event
    /// of it, or a later one.
    instance: Option<u64>,
    who: Option<&'a Who>,
}

impl Change {
    /// Its line in the log, with who is in the session as far as that is certain: where
    /// the driver was there before and says, after the look-up, that the session has had
    /// no event since the change.
    ///
    /// # Errors
    ///
    /// If it cannot be rendered.
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

    /// The session, if nothing has happened to it since the change.
    fn unchanged(&self, device: &dyn Device) -> Option<Unchanged> {
        let loaded = describe(device).ok()?.loaded_system_time.get();
        let present = present_sessions(device).ok()?.sessions;
        let last = present.iter().find(|last| last.session_id.get() == self.session_id);
        let since = last.map_or(loaded, |last| last.system_time.get());
        let instance = last.map(|last| last.instance.get());
        (since <= self.time.0).then_some(Unchanged { instance })
    }
}

/// A session to which nothing has happened since a change.
struct Unchanged {
    /// Its instance, if the driver has seen an event of it.
    instance: Option<u64>,
}
