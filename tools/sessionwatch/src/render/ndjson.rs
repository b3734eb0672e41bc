//! One JSON object a line. The field names are a promise to programs.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::{Serialize, Serializer};
use sessionwatch_protocol::{DescribeReply, EventKind, Locality, Record, SessionState};

use super::status::by_kind;
use super::{Item, Render, driver_version, flag_names, journal_name, record_flags};
use crate::time::SystemTime;

/// Newline-delimited JSON.
#[derive(Clone, Copy, Debug)]
pub struct Ndjson;

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Line<'a> {
    Snapshot {
        journal_id: String,
        next: u64,
        present: u32,
        untracked: u64,
    },
    Session(Fields<'a>),
    Event(Fields<'a>),
    Lost {
        first: u64,
        last: u64,
        count: u64,
        previous_time: Option<SystemTime>,
        next_time: Option<SystemTime>,
    },
    Account {
        journal_id: String,
        from: u64,
        next: u64,
        delivered: u64,
        lost: u64,
    },
    Status {
        driver_version: String,
        journal_id: String,
        capacity: u32,
        requested_capacity: Option<u32>,
        settings: Vec<Cow<'static, str>>,
        loaded: SystemTime,
        time: SystemTime,
        up_100ns: u64,
        first: u64,
        next: u64,
        seen: u64,
        kept: u64,
        overwritten: u64,
        malformed: u64,
        undocumented_steps: u64,
        untracked: u64,
        seen_by_kind: BTreeMap<&'static str, u64>,
        watching: bool,
        event_mask: u32,
        last_event: Option<SystemTime>,
        last_event_age_100ns: Option<u64>,
        reads: u64,
        waiting: u32,
        waited: u64,
        cancelled: u64,
        maximum_waits: u32,
        maximum_waits_per_handle: u32,
        refused: u64,
    },
}

/// A value of an open set: its name, or its number where it has none.
#[derive(Serialize)]
#[serde(untagged)]
enum Named {
    Name(&'static str),
    Number(u32),
}

impl Named {
    fn new(name: Option<&'static str>, number: u32) -> Self {
        name.map_or(Self::Number(number), Self::Name)
    }
}

impl From<EventKind> for Named {
    fn from(kind: EventKind) -> Self {
        Self::new(kind.name(), kind.0)
    }
}

/// The fields of a record.
#[derive(Serialize)]
struct Fields<'a> {
    sequence: u64,
    time: SystemTime,
    monotonic_100ns: u64,
    session_id: u32,
    life: u64,
    event: Named,
    state: Named,
    locality: Named,
    flags: Flags<'a>,
}

impl<'a> Fields<'a> {
    fn of(record: &'a Record) -> Self {
        Self {
            sequence: record.sequence.get(),
            time: SystemTime(record.system_time.get()),
            monotonic_100ns: record.monotonic_time.get(),
            session_id: record.session_id.get(),
            life: record.life.get(),
            event: record.kind().into(),
            state: record.state().into(),
            locality: record.locality().into(),
            flags: Flags(record),
        }
    }
}

impl From<SessionState> for Named {
    fn from(state: SessionState) -> Self {
        Self::new(state.name(), state.0)
    }
}

impl From<Locality> for Named {
    fn from(locality: Locality) -> Self {
        Self::new(locality.name(), locality.0.into())
    }
}

/// The flags of a record, written without a list in between.
struct Flags<'a>(&'a Record);

impl Serialize for Flags<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(record_flags(self.0))
    }
}

impl<'a> From<&Item<'a>> for Line<'a> {
    fn from(item: &Item<'a>) -> Self {
        match *item {
            Item::Snapshot(head) => Self::Snapshot {
                journal_id: journal_name(head.journal_id.get()),
                next: head.next.get(),
                present: head.present.get(),
                untracked: head.untracked.get(),
            },
            Item::Session(record) => Self::Session(Fields::of(record)),
            Item::Event(record) => Self::Event(Fields::of(record)),
            Item::Lost(lost) => Self::Lost {
                first: lost.first,
                last: lost.last(),
                count: lost.count,
                previous_time: lost.previous_time,
                next_time: lost.next_time,
            },
            Item::Account(account) => Self::Account {
                journal_id: journal_name(account.journal_id()),
                from: account.from(),
                next: account.next(),
                delivered: account.delivered(),
                lost: account.lost(),
            },
        }
    }
}

impl From<&DescribeReply> for Line<'_> {
    fn from(status: &DescribeReply) -> Self {
        let requested = status.requested_capacity.get();
        let settings = status.settings();
        let (first, next) = (status.first.get(), status.next.get());
        let last = status.last_event_system_time.get();
        let age =
            status.monotonic_time.get().saturating_sub(status.last_event_monotonic_time.get());
        Self::Status {
            driver_version: driver_version(status),
            journal_id: journal_name(status.journal_id.get()),
            capacity: status.capacity.get(),
            requested_capacity: (requested != 0).then_some(requested),
            settings: flag_names(settings.names(), settings.unnamed()).collect(),
            loaded: SystemTime(status.loaded_system_time.get()),
            time: SystemTime(status.system_time.get()),
            up_100ns: status
                .monotonic_time
                .get()
                .saturating_sub(status.loaded_monotonic_time.get()),
            first,
            next,
            seen: next - 1,
            kept: next - first,
            overwritten: first - 1,
            malformed: status.malformed.get(),
            undocumented_steps: status.undocumented_steps.get(),
            untracked: status.untracked.get(),
            seen_by_kind: by_kind(status).collect(),
            watching: status.is_watching.get() != 0,
            event_mask: status.event_mask.get(),
            last_event: (last != 0).then_some(SystemTime(last)),
            last_event_age_100ns: (last != 0).then_some(age),
            waiting: status.waiting.get(),
            waited: status.waited.get(),
            cancelled: status.cancelled.get(),
            maximum_waits: status.maximum_waits.get(),
            maximum_waits_per_handle: status.maximum_waits_per_handle.get(),
            reads: status.reads.get(),
            refused: status.refused.get(),
        }
    }
}

impl Line<'_> {
    fn write(&self, out: &mut Vec<u8>) -> io::Result<()> {
        serde_json::to_writer(&mut *out, self)?;
        out.write_all(b"\n")
    }
}

impl Render for Ndjson {
    fn begin(&self, _out: &mut Vec<u8>) -> io::Result<()> {
        Ok(())
    }

    fn item(&self, item: &Item<'_>, out: &mut Vec<u8>) -> io::Result<()> {
        Line::from(item).write(out)
    }

    fn status(&self, status: &DescribeReply, out: &mut Vec<u8>) -> io::Result<()> {
        Line::from(status).write(out)
    }
}
