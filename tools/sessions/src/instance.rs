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

/// A moment on both clocks, and the event that happened at it.
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

/// How an instance began.
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
    /// With an event that `EventMask` leaves out.
    NotRecorded,
    /// Unknown: the driver could not tell the instances of the session id apart.
    Untracked,
}

/// How an instance ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ended {
    /// With its terminated event.
    Terminated,
    /// Unseen, before another instance of the id began.
    NotSeen,
}

/// An unexpected transition of an instance, and how often it happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Remark {
    /// The transition.
    pub unexpected: Unexpected,
    /// How often.
    pub count: u64,
}

/// One instance of a session id, as the stream shows it.
///
/// Times and counts are of the events in the stream. Sums of spans are "at least": a span
/// counts if both its ends are in the stream and no sequence number between them is lost.
#[derive(Clone, Debug)]
pub struct Instance {
    /// The session id.
    pub session_id: u32,
    /// The instance on the wire: the sequence number of the event that began it; 0 where the
    /// driver could not tell.
    pub number: u64,
    /// How it began.
    pub began: Began,
    /// How it ended; `None` while it is present.
    pub ended: Option<Ended>,
    /// Its first event in the stream.
    pub first: Moment,
    /// Its last event in the stream.
    pub last: Moment,
    /// The last locality that the kernel gave.
    pub locality: Option<Locality>,
    /// Its events.
    pub events: u64,
    /// Sequence numbers that were lost while it was present.
    pub lost: u64,
    /// Logons.
    pub logons: u64,
    /// Logoffs.
    pub logoffs: u64,
    /// Reconnects.
    pub reconnects: u64,
    /// Disconnects.
    pub disconnects: u64,
    /// The first logon.
    pub first_logon: Option<Moment>,
    /// The last logoff.
    pub last_logoff: Option<Moment>,
    /// Time logged on, in 100 ns.
    pub logged_on_100ns: u64,
    /// Time connected, in 100 ns.
    pub connected_100ns: u64,
    /// The session to which it handed its connection last.
    pub handed_to: Option<u32>,
    /// The session from which it got its connection last.
    pub handed_from: Option<u32>,
    /// Unexpected transitions, each once: the first few kinds.
    pub remarks: Vec<Remark>,
    logged_on: Known,
    connected: Known,
    /// The state after the last event; `None` before the first event, and after a loss.
    state: Option<SessionState>,
    pub(crate) is_wanted: bool,
}

/// Something that is so or not so, and since when.
#[derive(Clone, Copy, Debug)]
struct Known {
    is: Option<bool>,
    /// The event that made it so, if it was seen and nothing was lost since.
    since: Option<Moment>,
}

impl Known {
    const UNKNOWN: Self = Self { is: None, since: None };

    /// Sets it, and returns how long the opposite was so, in 100 ns, if that was seen.
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

    /// How long it lasted until `now`, in 100 ns, if its beginning was seen. Loss does not
    /// matter: the driver tells the instance from the others of its id.
    #[must_use]
    pub fn lasted_until(&self, now: Moment) -> Option<u64> {
        let is_known = self.began == Began::Created && self.number != 0;
        is_known.then(|| now.monotonic.saturating_sub(self.first.monotonic))
    }

    /// Books lost sequence numbers: any of them may have been of this instance.
    pub(crate) fn lose(&mut self, count: u64) {
        self.lost += count;
        self.logged_on = Known::UNKNOWN;
        self.connected = Known::UNKNOWN;
        self.state = None;
    }

    /// Ends it, unless its terminated event was seen.
    pub(crate) fn end(&mut self) {
        self.ended.get_or_insert(Ended::NotSeen);
    }

    /// Books an event of this instance, and returns its meaning, the length of the span that
    /// it ends in 100 ns, and the transition if that is unexpected.
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
        // With a mask, an event that would explain the transition may be left out.
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

    /// The side of a hand-over that the event just booked can be.
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

    /// Takes from the kernel's state whether a user is logged on, where the events do not say
    /// it.
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

    /// The kernel's state. *Connected* is *logged on* where a user is: a reconnect may lead
    /// to either.
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

/// True if a user is logged on in this state; `None` if the state does not say.
const fn is_logged_on(state: SessionState) -> Option<bool> {
    match state {
        SessionState::LOGGED_ON | SessionState::DISCONNECTED_LOGGED_ON => Some(true),
        SessionState::CREATED
        | SessionState::INITIALIZED
        | SessionState::DISCONNECTED
        | SessionState::LOGGED_OFF
        | SessionState::TERMINATED => Some(false),
        // A reconnect may lead to *connected*: the documented picture has no way back to
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
        // An answer holds one for each session id that was used.
        let remarks = KEPT_REMARKS * size_of::<Remark>();
        assert!(size_of::<Instance>() + remarks <= 512, "{}", size_of::<Instance>());
    }
}
