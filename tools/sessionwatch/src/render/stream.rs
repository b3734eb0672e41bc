//! What programs get of a stream. The field names are a promise to them.

use constcat::concat_slices;
use serde::{Serialize, Serializer};
use sessionwatch_protocol::{EventKind, Locality, Record, SessionState};

use super::{Item, journal_name, record_flags};
use crate::explain::{Meaning, Odd};
use crate::time::SystemTime;
use crate::who::Who;

/// The columns of a stream as CSV: the fields of all items.
pub(super) const FIELDS: &[&str] = concat_slices!([&str]:
    &["type"],
    EVENT,
    &["meaning", "after_100ns", "odd"],
    &["first", "last", "count", "previous_time", "next_time"],
    ACCOUNT,
    &["present", "untracked"],
    &["previous_journal_id", "previous_next"],
    WHO,
);

/// The fields of a record.
const EVENT: &[&str] = &[
    "sequence",
    "time",
    "monotonic_100ns",
    "session_id",
    "instance",
    "event",
    "state",
    "locality",
    "flags",
];

/// The fields of an account, of which other items have some.
pub(crate) const ACCOUNT: &[&str] = &["journal_id", "from", "next", "delivered", "lost", "shown"];

/// The fields of [`Who`], where it is the field `who`.
pub(super) const WHO: &[&str] = &[
    "who.source",
    "who.user",
    "who.domain",
    "who.sid",
    "who.connect_state",
    "who.station",
    "who.locked",
    "who.client_name",
    "who.client_address",
    "who.logon_time",
    "who.last_input_time",
    "who.idle_seconds",
    "who.logon_type",
    "who.package",
    "who.logon_id",
];

/// An item, as programs get it.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Line<'a> {
    Snapshot {
        journal_id: String,
        next: u64,
        present: u32,
        untracked: u64,
    },
    Session {
        #[serde(flatten)]
        event: Fields<'a>,
        who: Option<&'a Who>,
    },
    Event {
        #[serde(flatten)]
        event: Fields<'a>,
        who: Option<&'a Who>,
    },
    Step {
        #[serde(flatten)]
        event: Fields<'a>,
        meaning: Meaning,
        after_100ns: Option<u64>,
        odd: Option<Odd>,
    },
    Lost {
        first: u64,
        last: u64,
        count: u64,
        previous_time: Option<SystemTime>,
        next_time: Option<SystemTime>,
    },
    Restart {
        journal_id: String,
        previous_journal_id: &'a str,
        previous_next: u64,
    },
    Account {
        journal_id: String,
        from: u64,
        next: u64,
        delivered: u64,
        lost: u64,
        shown: u64,
    },
}

/// A value of an open set: its name, or its number where it has none.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Named {
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
pub(super) struct Fields<'a> {
    sequence: u64,
    time: SystemTime,
    monotonic_100ns: u64,
    session_id: u32,
    instance: u64,
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
            instance: record.instance.get(),
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
pub(super) struct Flags<'a>(pub(super) &'a Record);

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
            Item::Session(record, who) => Self::Session { event: Fields::of(record), who },
            Item::Event(record, who) => Self::Event { event: Fields::of(record), who },
            Item::Step(record, step) => Self::Step {
                event: Fields::of(record),
                meaning: step.meaning,
                after_100ns: step.after_100ns,
                odd: step.odd,
            },
            Item::Lost(lost) => Self::Lost {
                first: lost.first,
                last: lost.last(),
                count: lost.count,
                previous_time: lost.previous_time,
                next_time: lost.next_time,
            },
            Item::Restart(restart) => Self::Restart {
                journal_id: journal_name(restart.journal_id),
                previous_journal_id: &restart.previous_journal,
                previous_next: restart.previous_next,
            },
            Item::Account { account, shown } => Self::Account {
                journal_id: journal_name(account.journal_id()),
                from: account.from(),
                next: account.next(),
                delivered: account.delivered(),
                lost: account.lost(),
                shown,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use sessionwatch_protocol::SessionsReply;
    use zerocopy::FromZeros;

    use super::*;
    use crate::account::Account;
    use crate::explain::Step;
    use crate::reader::{Lost, Restart};
    use crate::render::leaves;
    use crate::who::{ConnectState, Session};

    #[test]
    fn the_columns_of_csv_are_the_leaves_of_all_items() {
        let (record, head) = (Record::new_zeroed(), SessionsReply::new_zeroed());
        let who = Who::of(&Session::of(3, ConnectState::ACTIVE), &[]);
        let step = Step { meaning: Meaning::Other, after_100ns: None, odd: None };
        let lost = Lost { first: 1, count: 1, previous_time: None, next_time: None };
        let restart =
            Restart { journal_id: 2, previous_journal: journal_name(1), previous_next: 7 };
        let items = [
            Item::Snapshot(&head),
            Item::Session(&record, Some(&who)),
            Item::Event(&record, Some(&who)),
            Item::Step(&record, &step),
            Item::Lost(lost),
            Item::Restart(&restart),
            Item::Account { account: &Account::new(1, 1, 1), shown: 0 },
        ];
        let leaves_of = |item| leaves(&serde_json::to_value(Line::from(item)).unwrap());
        let all: BTreeSet<_> = items.iter().flat_map(leaves_of).collect();
        assert_eq!(all, FIELDS.iter().map(ToString::to_string).collect());
    }
}
