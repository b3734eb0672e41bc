//! A present session as a row.

use constcat::concat_slices;
use jiff::SignedDuration;
use serde::Serialize;
use sessionwatch_protocol::{Locality, Record};
use sessionwatch_reader::time::SystemTime;
use sessionwatch_sessions::{PresentSession, SessionKind};
use sessionwatch_who::Who;

use super::event::{Flags, Named, WHO_FIELDS, known_locality};
use super::layout::Layout;
use super::row::{Column, Emphasis, Row, or_dash};

impl Row for PresentSession {
    type Fields<'row> = PresentLine<'row>;

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
        WHO_FIELDS,
    );

    const COLUMNS: &'static [Column<Self>] = &[
        Column::number("session", |session, _| session.session_id.to_string()),
        Column::text("kind", |session, _| session.kind().name().to_owned()),
        Column::text("user", |session, _| of_who(session, Who::account)),
        Column::text("idle", |session, _| of_who(session, idle)),
        Column::text("logged on", logged_on),
        Column::text("from", from).wrapping(),
        Column::text("station", |session, _| of_who(session, |who| who.station.clone()))
            .wide_only(),
        Column::text("logon", |session, _| of_who(session, |who| who.logon_type)).wide_only(),
        Column::text("package", |session, _| of_who(session, |who| who.package.clone()))
            .wide_only(),
        Column::text("last event", last_event).wide_only(),
    ];

    fn fields(&self) -> PresentLine<'_> {
        PresentLine {
            r#type: "present_session",
            session_id: self.session_id,
            kind: self.kind(),
            driver: self.driver.as_ref().map(LastEvent::of),
            who: self.who.as_ref(),
        }
    }

    /// Makes users stand out from the sessions of the system.
    fn emphasis(&self) -> Emphasis {
        match self.kind() {
            SessionKind::User | SessionKind::Disconnected | SessionKind::Unknown => Emphasis::None,
            _ => Emphasis::Remark,
        }
    }
}

/// A present session in the output for programs.
#[derive(Serialize)]
pub struct PresentLine<'a> {
    r#type: &'static str,
    session_id: u32,
    kind: SessionKind,
    driver: Option<LastEvent<'a>>,
    who: Option<&'a Who>,
}

/// The driver's view of the session: the last event.
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

fn logged_on(session: &PresentSession, layout: &Layout) -> String {
    of_who(session, |who| Some(layout.time(who.logon_time?)))
}

/// The client, or else the locality.
fn from(session: &PresentSession, _: &Layout) -> String {
    let client = session.who.as_ref().and_then(Who::client);
    let locality = || {
        let locality = session.driver.as_ref()?.locality();
        (locality != Locality::UNKNOWN).then(|| known_locality(locality))
    };
    or_dash(client.or_else(locality))
}

fn last_event(session: &PresentSession, layout: &Layout) -> String {
    or_dash(
        session.driver.as_ref().map(|last| {
            format!("{} {}", last.kind(), layout.time(SystemTime(last.system_time.get())))
        }),
    )
}

#[cfg(test)]
mod tests {
    use sessionwatch_who::{ConnectState, Session};
    use zerocopy::FromZeros;

    use super::*;
    use crate::render::testing::assert_columns;

    #[test]
    fn csv_has_a_column_for_every_field() {
        let session = PresentSession {
            session_id: 3,
            driver: Some(Record::new_zeroed()),
            who: Some(Who::of(&Session::of(3, ConnectState::ACTIVE), &[])),
        };
        assert_columns(PresentSession::FIELDS, [session.fields()]);
    }
}
