//! One instance of a session id, from its created to its terminated event.

use serde::Serialize;
use sessionwatch_protocol::{EventKind, Locality, Record, SessionState};
use sessionwatch_reader::time::SystemTime;

use crate::hand_over::{Candidate, Side};
use crate::step::Meaning;
use crate::transition::Unexpected;

/// The number of different remarks that an instance keeps, which bounds its memory.
const KEPT_REMARKS: usize = 4;

/// The bits of `EventMask` for the six documented events.
const ALL_EVENTS: u32 = 0x3F;

/// An event, and its time on both clocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// The event's sequence number.
    pub sequence: u64,
    /// The wall clock's time.
    pub time: SystemTime,
    /// The monotonic clock's time, in 100 ns since the machine started.
    pub monotonic: u64,
}

impl Moment {
    pub(crate) fn of(record: &Record) -> Self {
        Self {
            sequence: record.sequence.get(),
            time: SystemTime(record.system_time.get()),
            monotonic: record.monotonic_time.get(),
        }
    }
}

/// The beginning of an instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Began {
    /// With its created event.
    Created,
    /// Before the driver was loaded.
    BeforeDriver,
    /// With a lost event.
    Lost,
    /// Before the first sequence number that was read.
    NotRead,
    /// With an event that `EventMask` excludes.
    NotRecorded,
    /// Unknown: the driver could not tell the instances of the session id apart.
    Untracked,
}

/// The end of an instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ended {
    /// With its terminated event.
    Terminated,
    /// With an unseen event, before another instance of the id began.
    NotSeen,
}

/// An unexpected transition of an instance, and its count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Remark {
    /// The transition.
    pub unexpected: Unexpected,
    /// The number of times that it happened.
    pub count: u64,
}

/// One instance of a session id, as the stream shows it.
///
/// Times and counts are those of the events in the stream. Sums of spans are lower bounds: a span
/// counts only if both its ends are in the stream and no sequence number between them is lost.
#[derive(Clone, Debug)]
pub struct Instance {
    /// The session id.
    pub session_id: u32,
    /// The instance on the wire: the sequence number of the event that began it; 0 if the driver
    /// could not tell.
    pub number: u64,
    /// The beginning.
    pub began: Began,
    /// The end; `None` while the instance is present.
    pub ended: Option<Ended>,
    /// The first event in the stream.
    pub first: Moment,
    /// The last event in the stream.
    pub last: Moment,
    /// The last locality that the kernel gave.
    pub locality: Option<Locality>,
    /// The number of events.
    pub events: u64,
    /// The number of sequence numbers lost while the instance was present.
    pub lost: u64,
    /// The number of logons.
    pub logons: u64,
    /// The number of logoffs.
    pub logoffs: u64,
    /// The number of reconnects.
    pub reconnects: u64,
    /// The number of disconnects.
    pub disconnects: u64,
    /// The first logon.
    pub first_logon: Option<Moment>,
    /// The last logoff.
    pub last_logoff: Option<Moment>,
    /// Time logged on, in 100 ns.
    pub logged_on_100ns: u64,
    /// Time connected, in 100 ns.
    pub connected_100ns: u64,
    /// The session of the last hand-over from this one.
    pub handed_to: Option<u32>,
    /// The session of the last hand-over to this one.
    pub handed_from: Option<u32>,
    /// The first few different unexpected transitions, each with its count.
    pub remarks: Vec<Remark>,
    logged_on: Known,
    connected: Known,
    /// The state after the last event; `None` before the first event, and after a loss.
    state: Option<SessionState>,
    pub(crate) is_wanted: bool,
}

/// A condition, and the event since which it is true or false.
#[derive(Clone, Copy, Debug)]
struct Known {
    is: Option<bool>,
    /// The event of the last change, if it is in the stream and nothing was lost since.
    since: Option<Moment>,
}

impl Known {
    const UNKNOWN: Self = Self { is: None, since: None };

    /// Sets the condition. Returns the length of the opposite condition in 100 ns, if its
    /// beginning is known.
    fn set(&mut self, is: bool, now: Moment) -> Option<u64> {
        let before = self.since.filter(|_| self.is == Some(!is));
        if self.is != Some(is) {
            *self = Self { is: Some(is), since: Some(now) };
        }
        before.map(|since| now.monotonic.saturating_sub(since.monotonic))
    }
}

impl Instance {
    pub(crate) fn begin(record: &Record, began: Began, lost: u64) -> Self {
        let now = Moment::of(record);
        // A session that has just been created has neither client nor user.
        let (known, state) = match began {
            Began::Created => {
                (Known { is: Some(false), since: None }, Some(SessionState::INITIALIZED))
            }
            _ => (Known::UNKNOWN, None),
        };
        Self {
            session_id: record.session_id.get(),
            number: record.instance.get(),
            began,
            ended: None,
            first: now,
            last: now,
            locality: None,
            events: 0,
            lost,
            logons: 0,
            logoffs: 0,
            reconnects: 0,
            disconnects: 0,
            first_logon: None,
            last_logoff: None,
            logged_on_100ns: 0,
            connected_100ns: 0,
            handed_to: None,
            handed_from: None,
            remarks: Vec::new(),
            logged_on: known,
            connected: known,
            state,
            is_wanted: false,
        }
    }

    /// True if a user is logged on; `None` if that is unknown.
    #[must_use]
    pub const fn is_logged_on(&self) -> Option<bool> {
        self.logged_on.is
    }

    /// True if a client or the console is attached; `None` if that is unknown.
    #[must_use]
    pub const fn is_connected(&self) -> Option<bool> {
        self.connected.is
    }

    /// The length of the instance up to `now` in 100 ns, if its beginning was seen. Loss does
    /// not matter, because the driver distinguishes the instances of an id.
    #[must_use]
    pub fn lasted_until(&self, now: Moment) -> Option<u64> {
        let is_known = self.began == Began::Created && self.number != 0;
        is_known.then(|| now.monotonic.saturating_sub(self.first.monotonic))
    }

    /// Counts lost sequence numbers. Any of them may belong to this instance.
    pub(crate) fn lose(&mut self, count: u64) {
        self.lost += count;
        self.logged_on = Known::UNKNOWN;
        self.connected = Known::UNKNOWN;
        self.state = None;
    }

    /// Ends the instance, unless its terminated event was seen.
    pub(crate) fn end(&mut self) {
        self.ended.get_or_insert(Ended::NotSeen);
    }

    /// Counts an event of this instance. Returns its meaning, the length in 100 ns of the span
    /// that it ends, and the transition if it is unexpected.
    pub(crate) fn book(
        &mut self,
        record: &Record,
        event_mask: u32,
    ) -> (Meaning, Option<u64>, Option<Unexpected>) {
        let (now, kind) = (Moment::of(record), record.kind());
        let before = self.state;
        let (meaning, after_100ns) = match kind {
            EventKind::CREATED => (Meaning::Created, None),
            EventKind::CONNECTED => self.connect(record.state(), now),
            EventKind::LOGON => self.logon(now),
            EventKind::DISCONNECTED => self.disconnect(record.state(), now),
            EventKind::LOGOFF => self.logoff(now),
            EventKind::TERMINATED => self.terminate(now),
            _ => (Meaning::Other, None),
        };
        self.heed(record);
        let after = self.effective(record.state());
        // A mask may exclude an event that would explain the transition.
        let is_complete = event_mask & ALL_EVENTS == ALL_EVENTS;
        let unexpected = Unexpected::judge(before.filter(|_| is_complete), kind, Some(after));
        if let Some(unexpected) = unexpected {
            self.remark(unexpected);
        }
        self.state = Some(after);
        self.events += 1;
        self.last = now;
        self.locality = locality(record).or(self.locality);
        (meaning, after_100ns, unexpected)
    }

    /// The last event as a side of a hand-over, if it can be one.
    pub(crate) fn candidate(&self, meaning: Meaning) -> Option<Candidate> {
        let side = match meaning {
            Meaning::Reconnect => Side::Took,
            // A temporary session: nobody has ever logged on.
            Meaning::Disconnect if self.logons == 0 && self.began == Began::Created => Side::Gave,
            _ => return None,
        };
        Some(Candidate {
            side,
            session_id: self.session_id,
            monotonic: self.last.monotonic,
            locality: self.locality,
        })
    }

    fn connect(&mut self, state: SessionState, now: Moment) -> (Meaning, Option<u64>) {
        let away = self.connected.set(true, now);
        let meaning = match is_logged_on(state).or(self.logged_on.is) {
            Some(true) => Meaning::Reconnect,
            Some(false) => Meaning::NewConnection,
            None => Meaning::Connection,
        };
        self.reconnects += u64::from(meaning == Meaning::Reconnect);
        (meaning, away)
    }

    fn disconnect(&mut self, state: SessionState, now: Moment) -> (Meaning, Option<u64>) {
        let connected_for = self.connected.set(false, now);
        self.connected_100ns += connected_for.unwrap_or_default();
        self.disconnects += 1;
        let meaning = match is_logged_on(state).or(self.logged_on.is) {
            Some(true) => Meaning::DisconnectLoggedOn,
            Some(false) => Meaning::Disconnect,
            None => Meaning::Disconnection,
        };
        (meaning, connected_for)
    }

    fn logon(&mut self, now: Moment) -> (Meaning, Option<u64>) {
        self.logged_on.set(true, now);
        self.logons += 1;
        self.first_logon.get_or_insert(now);
        (Meaning::NewLogon, None)
    }

    fn logoff(&mut self, now: Moment) -> (Meaning, Option<u64>) {
        let logged_on_for = self.logged_on.set(false, now);
        self.logged_on_100ns += logged_on_for.unwrap_or_default();
        self.logoffs += 1;
        self.last_logoff = Some(now);
        (Meaning::Logoff, logged_on_for)
    }

    fn terminate(&mut self, now: Moment) -> (Meaning, Option<u64>) {
        self.ended = Some(Ended::Terminated);
        self.connected_100ns += self.connected.set(false, now).unwrap_or_default();
        self.logged_on_100ns += self.logged_on.set(false, now).unwrap_or_default();
        (Meaning::Terminated, self.lasted_until(now))
    }

    /// Updates the logon from the kernel's state, if the events have not shown it.
    fn heed(&mut self, record: &Record) {
        if !matches!(record.kind(), EventKind::CONNECTED | EventKind::DISCONNECTED) {
            return;
        }
        if let Some(is) = is_logged_on(record.state())
            && self.logged_on.is != Some(is)
        {
            self.logged_on = Known { is: Some(is), since: None };
        }
    }

    /// The kernel's state, but *logged on* instead of *connected* while a user is logged on: a
    /// reconnect may lead to either.
    fn effective(&self, state: SessionState) -> SessionState {
        match (state, self.logged_on.is) {
            (SessionState::CONNECTED, Some(true)) => SessionState::LOGGED_ON,
            (state, _) => state,
        }
    }

    fn remark(&mut self, unexpected: Unexpected) {
        if let Some(remark) = self.remarks.iter_mut().find(|remark| remark.unexpected == unexpected)
        {
            remark.count += 1;
        } else if self.remarks.len() < KEPT_REMARKS {
            self.remarks.push(Remark { unexpected, count: 1 });
        }
    }
}

/// True if a user is logged on in this state; `None` if the state does not tell.
const fn is_logged_on(state: SessionState) -> Option<bool> {
    match state {
        SessionState::LOGGED_ON | SessionState::DISCONNECTED_LOGGED_ON => Some(true),
        SessionState::CREATED
        | SessionState::INITIALIZED
        | SessionState::DISCONNECTED
        | SessionState::LOGGED_OFF
        | SessionState::TERMINATED => Some(false),
        // A reconnect may lead to *connected*: the documented diagram has no way back to
        // *logged on*.
        _ => None,
    }
}

/// The locality, if the kernel gave one.
fn locality(record: &Record) -> Option<Locality> {
    Some(record.locality()).filter(|locality| *locality != Locality::UNKNOWN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instance_is_small() {
        // `explain` keeps one instance for each use of a session id.
        let remarks = KEPT_REMARKS * size_of::<Remark>();
        assert!(size_of::<Instance>() + remarks <= 512, "{}", size_of::<Instance>());
    }
}
