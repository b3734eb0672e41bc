//! The present sessions.

use constcat::concat_slices;
use jiff::SignedDuration;
use serde::{Serialize, Serializer};
use sessionwatch_protocol::{Locality, Record};

use super::stream::{Flags, Named, WHO};
use super::{Column, Emphasis, People, Row, or_dash};
use crate::present::{PresentSession, SessionKind};
use crate::time::SystemTime;
use crate::who::Who;

impl Row for PresentSession {
    const FIELDS: &'static [&'static str] = concat_slices!([&str]:
        &["type", "session_id", "kind"],
        &[
            "driver.instance",
            "driver.sequence",
            "driver.time",
            "driver.event",
            "driver.state",
            "driver.locality",
            "driver.flags",
        ],
        WHO,
    );

    const COLUMNS: &'static [Column<Self>] = &[
        Column::number("session", |session, _| session.session_id.to_string()),
        Column::text("kind", |session, _| session.kind().name().to_owned()),
        Column::text("user", |session, _| of_who(session, Who::account)),
        Column::text("idle", |session, _| of_who(session, idle)),
        Column::text("logged on", logged_on),
        Column::text("from", from),
        Column::text("station", |session, _| of_who(session, |who| who.station.clone()))
            .wide_only(),
        Column::text("logon", |session, _| of_who(session, |who| who.logon_type)).wide_only(),
        Column::text("package", |session, _| of_who(session, |who| who.package.clone()))
            .wide_only(),
        Column::text("last event", last_event).wide_only(),
    ];

    /// People are what one looks for.
    fn emphasis(&self) -> Emphasis {
        match self.kind() {
            SessionKind::User | SessionKind::Disconnected | SessionKind::Unknown => Emphasis::None,
            _ => Emphasis::Remark,
        }
    }
}

impl Serialize for PresentSession {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (kind, who) = (self.kind(), self.who.as_ref());
        let driver = self.driver.as_ref().map(LastEvent::of);
        Line { session_id: self.session_id, kind, driver, who }.serialize(serializer)
    }
}

/// What programs get. The field names are a promise to them.
#[derive(Serialize)]
#[serde(tag = "type", rename = "present_session")]
struct Line<'a> {
    session_id: u32,
    kind: SessionKind,
    driver: Option<LastEvent<'a>>,
    who: Option<&'a Who>,
}

/// What the driver knows of the session: its last event.
#[derive(Serialize)]
struct LastEvent<'a> {
    instance: u64,
    sequence: u64,
    time: SystemTime,
    event: Named,
    state: Named,
    locality: Named,
    flags: Flags<'a>,
}

impl<'a> LastEvent<'a> {
    fn of(record: &'a Record) -> Self {
        Self {
            instance: record.instance.get(),
            sequence: record.sequence.get(),
            time: SystemTime(record.system_time.get()),
            event: record.kind().into(),
            state: record.state().into(),
            locality: record.locality().into(),
            flags: Flags(record),
        }
    }
}

fn of_who<T: ToString>(session: &PresentSession, part: impl FnOnce(&Who) -> Option<T>) -> String {
    or_dash(session.who.as_ref().and_then(part))
}

fn idle(who: &Who) -> Option<String> {
    let seconds = i64::try_from(who.idle_seconds?).ok()?;
    Some(format!("{:#}", SignedDuration::from_secs(seconds)))
}

fn logged_on(session: &PresentSession, people: &People) -> String {
    of_who(session, |who| Some(people.time(who.logon_time?)))
}

/// The client, or else at least whether it is this machine's console.
fn from(session: &PresentSession, _: &People) -> String {
    let client = session.who.as_ref().and_then(Who::client);
    let locality = || {
        let locality = session.driver.as_ref()?.locality();
        (locality != Locality::UNKNOWN).then(|| locality.to_string())
    };
    or_dash(client.or_else(locality))
}

fn last_event(session: &PresentSession, people: &People) -> String {
    or_dash(
        session.driver.as_ref().map(|last| {
            format!("{} {}", last.kind(), people.time(SystemTime(last.system_time.get())))
        }),
    )
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use zerocopy::FromZeros;

    use super::*;
    use crate::render::leaves;
    use crate::who::{ConnectState, Session};

    #[test]
    fn csv_has_every_field() {
        let session = PresentSession {
            session_id: 3,
            driver: Some(Record::new_zeroed()),
            who: Some(Who::of(&Session::of(3, ConnectState::ACTIVE), &[])),
        };
        let fields: BTreeSet<_> = PresentSession::FIELDS.iter().map(ToString::to_string).collect();
        assert_eq!(leaves(&serde_json::to_value(session).unwrap()), fields);
    }
}
