//! Rows for the sessions of an SMB server, and for their openings and closings.

use constcat::concat_slices;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use sessionwatch_reader::flag_names;
use sessionwatch_reader::time::SystemTime;
use sessionwatch_smb::{Call, Session};

use super::row::{Column, Emphasis, Row, or_dash};

/// The row of a session.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "type", rename = "smb_session")]
pub struct SmbSession {
    #[serde(flatten)]
    fields: Fields,
}

/// The JSON object of a session. The field names are a promise to programs.
#[derive(Clone, Debug, Serialize)]
struct Fields {
    server: Option<String>,
    source: &'static str,
    level: u32,
    cname: Option<String>,
    username: Option<String>,
    num_opens: u32,
    time_seconds: u32,
    idle_time_seconds: u32,
    user_flags: Vec<String>,
    cltype_name: Option<String>,
    transport: Option<String>,
    #[serde(skip)]
    is_suspicious: bool,
}

/// The names of the [`Fields`].
const FIELDS: &[&str] = &[
    "server",
    "source",
    "level",
    "cname",
    "username",
    "num_opens",
    "time_seconds",
    "idle_time_seconds",
    "user_flags",
    "cltype_name",
    "transport",
];

impl SmbSession {
    /// The row of a session that a call returned.
    #[must_use]
    pub fn new(server: Option<&str>, call: Call, session: Session) -> Self {
        let fields = Fields {
            server: server.map(str::to_owned),
            source: call.name(),
            level: call.level().number(),
            cname: session.cname,
            username: session.username,
            num_opens: session.num_opens,
            time_seconds: session.time,
            idle_time_seconds: session.idle_time,
            user_flags: flag_names(session.user_flags).collect(),
            cltype_name: session.cltype_name,
            transport: session.transport,
            is_suspicious: !session.user_flags.is_empty(),
        };
        Self { fields }
    }
}

impl Fields {
    fn client(&self) -> String {
        name(self.cname.as_ref())
    }

    fn user(&self) -> String {
        name(self.username.as_ref())
    }

    fn client_type(&self) -> String {
        name(self.cltype_name.as_ref())
    }

    fn transport(&self) -> String {
        name(self.transport.as_ref())
    }

    fn flags(&self) -> String {
        or_dash((!self.user_flags.is_empty()).then(|| self.user_flags.join(", ")))
    }

    const fn emphasis(&self) -> Emphasis {
        if self.is_suspicious { Emphasis::Warning } else { Emphasis::None }
    }
}

fn name(text: Option<&String>) -> String {
    or_dash(text.filter(|text| !text.is_empty()))
}

/// The time as a system time, because all rows show times in the same form.
fn system_time(time: Timestamp) -> SystemTime {
    // Only a clock before 1601 has no system time.
    SystemTime::from_timestamp(time).unwrap_or(SystemTime(0))
}

fn span(seconds: u32) -> String {
    format!("{:#}", SignedDuration::from_secs(seconds.into()))
}

impl Row for SmbSession {
    type Fields<'row> = &'row Self;

    const FIELDS: &'static [&'static str] = concat_slices!([&str]: &["type"], FIELDS);

    const COLUMNS: &'static [Column<Self>] = &[
        Column::text("client", |row: &Self, _| row.fields.client()),
        Column::text("user", |row: &Self, _| row.fields.user()),
        Column::number("opens", |row: &Self, _| row.fields.num_opens.to_string()).not_narrow(),
        Column::number("time", |row: &Self, _| span(row.fields.time_seconds)).not_narrow(),
        Column::number("idle time", |row: &Self, _| span(row.fields.idle_time_seconds)),
        Column::text("user flags", |row: &Self, _| row.fields.flags()).at_least(0, 29).wrapping(),
        Column::text("client type", |row: &Self, _| row.fields.client_type()).wide_only(),
        Column::text("transport", |row: &Self, _| row.fields.transport()).wide_only(),
    ];

    fn fields(&self) -> &Self {
        self
    }

    fn emphasis(&self) -> Emphasis {
        self.fields.emphasis()
    }
}

/// The change that an event reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SmbChange {
    /// The first look found the session.
    Present,
    /// This look found the session, the look before did not.
    Opened,
    /// The look before found the session, this look did not.
    Closed,
}

impl SmbChange {
    const fn name(self) -> &'static str {
        match self {
            Self::Present => "present",
            Self::Opened => "opened",
            Self::Closed => "closed",
        }
    }
}

/// The row of a session that is present, opened or closed.
#[derive(Clone, Debug)]
pub struct SmbEvent {
    /// The change.
    pub change: SmbChange,
    /// The time of the look that found the change.
    pub time: Timestamp,
    /// The time of the look before. The change happened after it.
    pub previous_time: Option<Timestamp>,
    /// The session, as the last look that found it saw it.
    pub session: SmbSession,
}

impl Serialize for SmbEvent {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        #[serde(tag = "type", rename = "smb_event")]
        struct Line<'a> {
            event: SmbChange,
            time: SystemTime,
            previous_time: Option<SystemTime>,
            #[serde(flatten)]
            session: &'a Fields,
        }
        let line = Line {
            event: self.change,
            time: system_time(self.time),
            previous_time: self.previous_time.map(system_time),
            session: &self.session.fields,
        };
        line.serialize(serializer)
    }
}

impl Row for SmbEvent {
    type Fields<'row> = &'row Self;

    const FIELDS: &'static [&'static str] =
        concat_slices!([&str]: &["type", "event", "time", "previous_time"], FIELDS);

    const COLUMNS: &'static [Column<Self>] = &[
        Column::text("seen", |row: &Self, people| people.time(system_time(row.time)))
            .at_least(20, 28),
        Column::text("event", |row: &Self, _| row.change.name().to_owned()).at_least(7, 7),
        Column::text("client", |row: &Self, _| row.session.fields.client()).at_least(15, 26),
        Column::text("user", |row: &Self, _| row.session.fields.user()).at_least(15, 15),
        Column::number("opens", |row: &Self, _| row.session.fields.num_opens.to_string())
            .at_least(0, 5)
            .wide_only(),
        Column::number("time", |row: &Self, _| span(row.session.fields.time_seconds))
            .at_least(0, 11)
            .wide_only(),
        Column::number("idle time", |row: &Self, _| span(row.session.fields.idle_time_seconds))
            .at_least(0, 11)
            .wide_only(),
        Column::text("user flags", |row: &Self, _| row.session.fields.flags()).at_least(0, 29),
        Column::text("client type", |row: &Self, _| row.session.fields.client_type())
            .at_least(0, 11)
            .wide_only(),
        Column::text("transport", |row: &Self, _| row.session.fields.transport()).wide_only(),
    ];

    fn fields(&self) -> &Self {
        self
    }

    fn emphasis(&self) -> Emphasis {
        match self.change {
            SmbChange::Closed => Emphasis::Remark,
            SmbChange::Present | SmbChange::Opened => self.session.fields.emphasis(),
        }
    }
}

#[cfg(test)]
mod tests {
    use sessionwatch_smb::Query;

    use super::*;
    use crate::render::testing::assert_columns;

    #[test]
    fn csv_has_a_column_for_every_field() {
        let session = SmbSession::new(None, Query::default().call(), Session::default());
        let event = SmbEvent {
            change: SmbChange::Present,
            time: Timestamp::UNIX_EPOCH,
            previous_time: None,
            session: session.clone(),
        };
        assert_columns(SmbSession::FIELDS, [&session]);
        assert_columns(SmbEvent::FIELDS, [&event]);
    }
}
