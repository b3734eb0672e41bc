//! An instance as a row.

use constcat::concat_slices;
use serde::{Serialize, Serializer};
use sessionwatch_protocol::Locality;

use super::{Began, Ended, Instance, Odd};
use crate::render::{ACCOUNT, Column, Emphasis, People, Row, or_dash};
use crate::time::{SystemTime, span};

/// What programs get. The field names are a promise to them.
#[derive(Serialize)]
#[serde(tag = "type", rename = "instance")]
struct Fields<'a> {
    session_id: u32,
    instance: u64,
    locality: Option<&'static str>,
    began: Option<SystemTime>,
    began_how: Began,
    first_number: u64,
    first_logon: Option<SystemTime>,
    last_logoff: Option<SystemTime>,
    ended: Option<SystemTime>,
    ended_how: Option<Ended>,
    last_number: u64,
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
    odd: &'a [Odd],
}

/// The names of the [`Fields`].
const FIELDS: &[&str] = &[
    "session_id",
    "instance",
    "locality",
    "began",
    "began_how",
    "first_number",
    "first_logon",
    "last_logoff",
    "ended",
    "ended_how",
    "last_number",
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
    "odd",
];

impl Serialize for Instance {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let is_present = self.ended.is_none();
        Fields {
            session_id: self.session_id,
            instance: self.number,
            locality: self.locality.and_then(Locality::name),
            began: (self.began == Began::Created).then_some(self.first.time),
            began_how: self.began,
            first_number: self.first.sequence,
            first_logon: self.first_logon.map(|moment| moment.time),
            last_logoff: self.last_logoff.map(|moment| moment.time),
            ended: self.ended_at(),
            ended_how: self.ended,
            last_number: self.last.sequence,
            last_event: self.last.time,
            lasted_100ns: self.ended_at().and_then(|_| self.lasted_until(self.last)),
            logged_on: self.logged_on.is.filter(|_| is_present),
            connected: self.connected.is.filter(|_| is_present),
            logged_on_100ns: self.logged_on_100ns,
            connected_100ns: self.connected_100ns,
            events: self.events,
            logons: self.logons,
            logoffs: self.logoffs,
            disconnects: self.disconnects,
            reconnects: self.reconnects,
            lost_meanwhile: self.lost,
            odd: &self.oddities,
        }
        .serialize(serializer)
    }
}

impl Instance {
    fn ended_at(&self) -> Option<SystemTime> {
        (self.ended == Some(Ended::Terminated)).then_some(self.last.time)
    }

    fn began_text(&self, people: &People) -> String {
        match self.began {
            Began::Created => people.time(self.first.time),
            Began::BeforeTheDriver => "before the driver".to_owned(),
            Began::Lost => "lost".to_owned(),
            Began::NotRead => "not read".to_owned(),
            Began::NotAskedFor | Began::Untracked => "not known".to_owned(),
        }
    }

    fn ended_text(&self, people: &People) -> String {
        match self.ended {
            Some(Ended::Terminated) => people.time(self.last.time),
            Some(Ended::NotSeen) => "not seen".to_owned(),
            None => "present".to_owned(),
        }
    }

    /// What is worth a word beside the columns.
    fn remarks(&self) -> String {
        let count = |count: u64, one: &str, many: &str| match count {
            0 => None,
            1 => Some(one.to_owned()),
            count => Some(format!("{count} {many}")),
        };
        let counted = [
            count(self.reconnects, "1 reconnect", "reconnects"),
            count(self.lost, "1 event lost meanwhile", "events lost meanwhile"),
        ];
        let odd = self.oddities.iter().map(Odd::sentence);
        counted.into_iter().flatten().chain(odd).collect::<Vec<_>>().join("; ")
    }
}

/// Whole spans, as people write them; a dash for none.
fn spans(units: u64) -> String {
    or_dash((units > 0).then(|| format!("{:#}", span(units))))
}

impl Row for Instance {
    // The account comes behind the instances.
    const FIELDS: &'static [&'static str] = concat_slices!([&str]: &["type"], FIELDS, ACCOUNT);

    const COLUMNS: &'static [Column<Self>] = &[
        Column::number("session", |instance, _| instance.session_id.to_string()),
        Column::number("instance", |instance: &Self, _: &People| {
            or_dash((instance.number != 0).then_some(instance.number))
        })
        .wide_only(),
        Column::text("where", |instance: &Self, _: &People| or_dash(instance.locality)).wide_only(),
        Column::text("began", Self::began_text),
        Column::text("logon", |instance: &Self, people: &People| {
            or_dash(instance.first_logon.map(|moment| people.time(moment.time)))
        })
        .wide_only(),
        Column::text("ended", Self::ended_text),
        Column::text("logged on", |instance, _| spans(instance.logged_on_100ns)),
        Column::text("connected", |instance: &Self, _: &People| spans(instance.connected_100ns))
            .wide_only(),
        Column::text("remarks", |instance, _| instance.remarks()),
    ];

    fn emphasis(&self) -> Emphasis {
        if self.oddities.is_empty() && self.lost == 0 { Emphasis::None } else { Emphasis::Warning }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use sessionwatch_protocol::Record;
    use zerocopy::FromZeros;

    use super::*;
    use crate::render::leaves;

    #[test]
    fn the_columns_of_csv_are_the_leaves_of_json_and_the_account() {
        let instance = Instance::begin(&Record::new_zeroed(), Began::Created, 0);
        let mut names = leaves(&serde_json::to_value(instance).unwrap());
        names.extend(ACCOUNT.iter().map(ToString::to_string));
        assert_eq!(
            names,
            Instance::FIELDS.iter().map(ToString::to_string).collect::<BTreeSet<_>>()
        );
    }
}
