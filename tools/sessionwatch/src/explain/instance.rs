//! One instance of a session id, from what begins it to what ends it.

mod row;

use serde::Serialize;
use sessionwatch_protocol::{EventKind, Locality, Record, SessionState};

use super::step::{Cause, Meaning, Odd, Step};
use super::transition::is_expected;
use super::{Moment, is_logged_on, locality};

/// How an instance began, as far as it was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Began {
    /// With its *created* event.
    Created,
    /// Before the driver was started.
    BeforeTheDriver,
    /// With an event that is lost.
    Lost,
    /// Before the first number that was read.
    NotRead,
    /// With an event that the driver was not asked to record.
    NotAskedFor,
    /// The driver could not tell.
    Untracked,
}

impl Began {
    const fn cause(self) -> Option<Cause> {
        match self {
            Self::Created | Self::Lost => None,
            Self::BeforeTheDriver => Some(Cause::BeforeTheDriver),
            Self::NotRead => Some(Cause::NotRead),
            Self::NotAskedFor => Some(Cause::NotAskedFor),
            Self::Untracked => Some(Cause::Untracked),
        }
    }
}

/// How an instance ended, as far as it was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ended {
    /// With its *terminated* event.
    Terminated,
    /// It had by the time of another instance of the same id; the event itself was not seen.
    NotSeen,
}

/// One instance of a session id.
#[derive(Clone, Debug)]
pub struct Instance {
    session_id: u32,
    number: u64,
    began: Began,
    ended: Option<Ended>,
    first: Moment,
    last: Moment,
    locality: Option<Locality>,
    /// The state after the last event; unknown before the first, and after a loss.
    state: SessionState,
    events: u64,
    /// How many numbers were lost while it was present.
    lost: u64,
    logged_on: Known,
    connected: Known,
    logons: u64,
    logoffs: u64,
    reconnects: u64,
    disconnects: u64,
    first_logon: Option<Moment>,
    last_logoff: Option<Moment>,
    logged_on_100ns: u64,
    connected_100ns: u64,
    oddities: Vec<Odd>,
    pub(super) is_shown: bool,
}

/// Whether something is the case, and since when.
#[derive(Clone, Copy, Debug)]
struct Known {
    is: Option<bool>,
    /// The event that made it so, if it was seen and nothing is lost since.
    since: Option<Moment>,
}

impl Known {
    const NOT: Self = Self { is: None, since: None };

    /// Takes note; says how long the opposite had been so, if that was seen.
    fn set(&mut self, is: bool, now: Moment) -> Option<u64> {
        let before = self.since.filter(|_| self.is == Some(!is));
        if self.is != Some(is) {
            *self = Self { is: Some(is), since: Some(now) };
        }
        before.map(|since| now.monotonic.saturating_sub(since.monotonic))
    }
}

impl Instance {
    pub(super) fn begin(record: &Record, began: Began, lost: u64) -> Self {
        let now = Moment::of(record);
        // A session that has just been created has neither terminal nor user.
        let known = match began {
            Began::Created => Known { is: Some(false), since: None },
            _ => Known::NOT,
        };
        Self {
            session_id: record.session_id.get(),
            number: record.instance.get(),
            began,
            ended: None,
            first: now,
            last: now,
            locality: None,
            state: match began {
                Began::Created => SessionState::INITIALIZED,
                _ => SessionState::UNKNOWN,
            },
            events: 0,
            lost,
            logged_on: known,
            connected: known,
            logons: 0,
            logoffs: 0,
            reconnects: 0,
            disconnects: 0,
            first_logon: None,
            last_logoff: None,
            logged_on_100ns: 0,
            connected_100ns: 0,
            oddities: Vec::new(),
            is_shown: false,
        }
    }

    /// Which instance of its session id this is: the number of the event that began it, as
    /// the driver knows it; 0 where the driver cannot tell.
    #[must_use]
    pub const fn number(&self) -> u64 {
        self.number
    }

    /// The first of its events that was seen.
    #[must_use]
    pub const fn first(&self) -> Moment {
        self.first
    }

    /// Takes note that so many numbers are lost: any of them may have been of this instance.
    pub(super) const fn lose(&mut self, count: u64) {
        self.lost += count;
        self.logged_on = Known::NOT;
        self.connected = Known::NOT;
        self.state = SessionState::UNKNOWN;
    }

    /// Takes note that it is over, whether that was seen or not.
    pub(super) fn end(&mut self) {
        self.ended.get_or_insert(Ended::NotSeen);
    }

    /// Says what an event of this instance means, and takes note of it.
    pub(super) fn step(&mut self, record: &Record, event_mask: u32) -> Step {
        let now = Moment::of(record);
        let (meaning, after_100ns, odd) = match record.kind() {
            EventKind::CREATED => (Meaning::Created, None, self.created()),
            EventKind::CONNECTED => self.connect(record.state(), now),
            EventKind::LOGON => self.logon(now),
            EventKind::DISCONNECTED => self.disconnect(record.state(), now),
            EventKind::LOGOFF => self.logoff(now),
            EventKind::TERMINATED => self.terminate(now),
            _ => (Meaning::Other, None, None),
        };
        let odd = odd
            .or_else(|| self.heed(record))
            .map(|(what, missing)| Odd { what, cause: self.cause(missing, event_mask) });
        let odd = odd.or_else(|| self.unexpected(record));
        self.state = record.state();
        self.oddities.extend(odd);
        self.events += 1;
        self.last = now;
        self.locality = locality(record).or(self.locality);
        Step { meaning, after_100ns, odd }
    }

    fn created(&self) -> Option<Strange> {
        (self.events > 0).then_some(("created again", EventKind::TERMINATED))
    }

    fn connect(&mut self, state: SessionState, now: Moment) -> Explained {
        let odd = self.connected.is == Some(true);
        let away = self.connected.set(true, now);
        let meaning = match is_logged_on(state).or(self.logged_on.is) {
            Some(true) => Meaning::Reconnect,
            Some(false) => Meaning::NewConnection,
            None => Meaning::Connection,
        };
        self.reconnects += u64::from(meaning == Meaning::Reconnect);
        (meaning, away, odd.then_some(("connected while connected", EventKind::DISCONNECTED)))
    }

    fn disconnect(&mut self, state: SessionState, now: Moment) -> Explained {
        let odd = self.connected.is == Some(false) && self.disconnects > 0;
        let connected_for = self.connected.set(false, now);
        self.connected_100ns += connected_for.unwrap_or_default();
        self.disconnects += 1;
        let meaning = match is_logged_on(state).or(self.logged_on.is) {
            Some(true) => Meaning::DisconnectLoggedOn,
            Some(false) => Meaning::Disconnect,
            None => Meaning::Disconnection,
        };
        let odd = odd.then_some(("disconnected while disconnected", EventKind::CONNECTED));
        (meaning, connected_for, odd)
    }

    fn logon(&mut self, now: Moment) -> Explained {
        let odd = self.logged_on.is == Some(true);
        self.logged_on.set(true, now);
        self.logons += 1;
        self.first_logon.get_or_insert(now);
        (Meaning::NewLogon, None, odd.then_some(("logon while logged on", EventKind::LOGOFF)))
    }

    fn logoff(&mut self, now: Moment) -> Explained {
        let odd = self.logged_on.is != Some(true);
        let logged_on_for = self.logged_on.set(false, now);
        self.logged_on_100ns += logged_on_for.unwrap_or_default();
        self.logoffs += 1;
        self.last_logoff = Some(now);
        (Meaning::Logoff, logged_on_for, odd.then_some(("logoff without logon", EventKind::LOGON)))
    }

    fn terminate(&mut self, now: Moment) -> Explained {
        self.ended = Some(Ended::Terminated);
        self.connected_100ns += self.connected.set(false, now).unwrap_or_default();
        self.logged_on_100ns += self.logged_on.set(false, now).unwrap_or_default();
        (Meaning::Terminated, self.lasted_until(now), None)
    }

    /// How long it had lasted, if its beginning was seen. A lost number does not matter:
    /// the driver told it from the other instances of its id.
    fn lasted_until(&self, now: Moment) -> Option<u64> {
        let began = self.began == Began::Created && self.number != 0;
        began.then(|| now.monotonic.saturating_sub(self.first.monotonic))
    }

    /// Heeds what the kernel's state says about who is logged on, beside the events.
    fn heed(&mut self, record: &Record) -> Option<Strange> {
        if !matches!(record.kind(), EventKind::CONNECTED | EventKind::DISCONNECTED) {
            return None;
        }
        let says = is_logged_on(record.state())?;
        let knew = self.logged_on.is;
        if knew != Some(says) {
            self.logged_on = Known { is: Some(says), since: None };
        }
        match (knew, says) {
            (Some(false), true) => Some(("logged on without a logon", EventKind::LOGON)),
            (Some(true), false) => Some(("logged off without a logoff", EventKind::LOGOFF)),
            _ => None,
        }
    }

    /// A transition that nothing above explains. The state before is that of the last event,
    /// unless sequence numbers were lost since.
    fn unexpected(&self, record: &Record) -> Option<Odd> {
        let is_expected = is_expected(self.state, record.kind(), record.state());
        (!is_expected)
            .then_some(Odd { what: "unexpected transition", cause: Cause::NothingMissing })
    }

    /// Why an event of this kind may be missing.
    fn cause(&self, missing: EventKind, event_mask: u32) -> Cause {
        let is_asked_for = event_mask & (1 << (missing.0 - 1)) != 0;
        match self.began.cause() {
            _ if self.lost > 0 => Cause::Lost(self.lost),
            _ if !is_asked_for => Cause::NotAskedFor,
            Some(cause) => cause,
            None => Cause::NothingMissing,
        }
    }
}

/// What is odd, and the kind of event that would explain it.
type Strange = (&'static str, EventKind);
/// What an event means, how long what it ends had lasted, and what is odd.
type Explained = (Meaning, Option<u64>, Option<Strange>);
