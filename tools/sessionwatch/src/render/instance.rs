//! An instance of a session id as a row.

use constcat::concat_slices;
use serde::Serialize;
use sessionwatch_protocol::Locality;
use sessionwatch_reader::time::{SystemTime, span};
use sessionwatch_sessions::{Began, Ended, Instance, Remark};

use super::layout::Layout;
use super::row::{Column, Emphasis, Row, or_dash};
use super::stream::ACCOUNT_FIELDS;

/// An instance in the output for programs.
#[derive(Serialize)]
pub struct InstanceLine {
    r#type: &'static str,
    session_id: u32,
    instance: u64,
    locality: Option<&'static str>,
    began: Option<SystemTime>,
    began_how: Began,
    first_sequence: u64,
    first_logon: Option<SystemTime>,
    last_logoff: Option<SystemTime>,
    ended: Option<SystemTime>,
    ended_how: Option<Ended>,
    last_sequence: u64,
    last_event: SystemTime,
    lasted_100ns: Option<u64>,
    logged_on: Option<bool>,
    connected: Option<bool>,
    logged_on_100ns: u64,
    connected_100ns: u64,
    events: u64,
    logons: u64,
    logoffs: u64,
    disconnects: u64,
    reconnects: u64,
    lost_meanwhile: u64,
    handed_to: Option<u32>,
    handed_from: Option<u32>,
    unexpected: Vec<String>,
}

/// The names of the fields of an [`InstanceLine`].
const FIELDS: &[&str] = &[
    "type",
    "session_id",
    "instance",
    "locality",
    "began",
    "began_how",
    "first_sequence",
    "first_logon",
    "last_logoff",
    "ended",
    "ended_how",
    "last_sequence",
    "last_event",
    "lasted_100ns",
    "logged_on",
    "connected",
    "logged_on_100ns",
    "connected_100ns",
    "events",
    "logons",
    "logoffs",
    "disconnects",
    "reconnects",
    "lost_meanwhile",
    "handed_to",
    "handed_from",
    "unexpected",
];

impl Row for Instance {
    type Fields<'row> = InstanceLine;

    // The account follows the instances.
    const FIELDS: &'static [&'static str] = concat_slices!([&str]: FIELDS, ACCOUNT_FIELDS);

    const COLUMNS: &'static [Column<Self>] = &[
        Column::number("session", |row, _| row.session_id.to_string()),
        Column::number("instance", |row: &Self, _| {
            or_dash((row.number != 0).then_some(row.number))
        })
        .wide_only(),
        Column::text("where", |row: &Self, _| or_dash(row.locality)).not_narrow(),
        Column::text("began", began),
        Column::text("logon", |row: &Self, layout: &Layout| {
            or_dash(row.first_logon.map(|moment| layout.time(moment.time)))
        })
        .wide_only(),
        Column::text("ended", ended),
        Column::text("logged on", |row: &Self, _| spent(row.logged_on_100ns)).not_narrow(),
        Column::text("connected", |row: &Self, _| spent(row.connected_100ns)).wide_only(),
        Column::text("remarks", |row: &Self, _| remarks(row)).wrapping(),
    ];

    fn fields(&self) -> InstanceLine {
        let ended = terminated(self);
        let is_present = self.ended.is_none();
        InstanceLine {
            r#type: "instance",
            session_id: self.session_id,
            instance: self.number,
            locality: self.locality.and_then(Locality::name),
            began: (self.began == Began::Created).then_some(self.first.time),
            began_how: self.began,
            first_sequence: self.first.sequence,
            first_logon: self.first_logon.map(|moment| moment.time),
            last_logoff: self.last_logoff.map(|moment| moment.time),
            ended,
            ended_how: self.ended,
            last_sequence: self.last.sequence,
            last_event: self.last.time,
            lasted_100ns: ended.and_then(|_| self.lasted_until(self.last)),
            logged_on: self.is_logged_on().filter(|_| is_present),
            connected: self.is_connected().filter(|_| is_present),
            logged_on_100ns: self.logged_on_100ns,
            connected_100ns: self.connected_100ns,
            events: self.events,
            logons: self.logons,
            logoffs: self.logoffs,
            disconnects: self.disconnects,
            reconnects: self.reconnects,
            lost_meanwhile: self.lost,
            handed_to: self.handed_to,
            handed_from: self.handed_from,
            unexpected: self.remarks.iter().map(counted).collect(),
        }
    }

    fn emphasis(&self) -> Emphasis {
        if self.remarks.is_empty() && self.lost == 0 { Emphasis::None } else { Emphasis::Warning }
    }
}

fn terminated(row: &Instance) -> Option<SystemTime> {
    (row.ended == Some(Ended::Terminated)).then_some(row.last.time)
}

fn began(row: &Instance, layout: &Layout) -> String {
    match row.began {
        Began::Created => layout.time(row.first.time),
        Began::BeforeDriver => "before the driver".to_owned(),
        Began::Lost => "lost".to_owned(),
        Began::NotRead => "not read".to_owned(),
        Began::NotRecorded | Began::Untracked => "unknown".to_owned(),
    }
}

fn ended(row: &Instance, layout: &Layout) -> String {
    match row.ended {
        Some(Ended::Terminated) => layout.time(row.last.time),
        Some(Ended::NotSeen) => "not seen".to_owned(),
        None => "present".to_owned(),
    }
}

/// A span, in whole seconds; a dash if it is zero.
fn spent(units: u64) -> String {
    or_dash((units > 0).then(|| format!("{:#}", span(units))))
}

fn remarks(row: &Instance) -> String {
    let count = |count: u64, one: &str, many: &str| match count {
        0 => None,
        1 => Some(one.to_owned()),
        count => Some(format!("{count} {many}")),
    };
    let facts = [
        count(row.reconnects, "1 reconnect", "reconnects"),
        row.handed_to.map(|to| format!("handed its connection to {to}")),
        count(row.lost, "1 event lost meanwhile", "events lost meanwhile"),
    ];
    let remarks = row.remarks.iter().map(counted);
    facts.into_iter().flatten().chain(remarks).collect::<Vec<_>>().join("; ")
}

fn counted(remark: &Remark) -> String {
    match remark.count {
        1 => remark.unexpected.to_string(),
        count => format!("{}, {count} times", remark.unexpected),
    }
}

#[cfg(test)]
mod tests {
    use sessionwatch_protocol::{EventKind, Record};
    use sessionwatch_sessions::Explainer;
    use zerocopy::FromZeros;

    use super::*;
    use crate::render::testing::assert_columns;

    #[test]
    fn csv_has_a_column_for_every_field() {
        let mut record = Record::new_zeroed();
        record.kind = EventKind::CREATED.0.into();
        let mut explainer = Explainer::new(1, u32::MAX);
        explainer.explain(&record, true, drop);
        let instance = explainer.into_present().next().unwrap();
        assert_columns(FIELDS, [instance.fields()]);
    }
}
