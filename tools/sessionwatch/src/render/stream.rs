//! A stream: events, and the items between them.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io;

use constcat::concat_slices;
use serde::Serialize;
use sessionwatch_protocol::SessionsReply;
use sessionwatch_reader::time::SystemTime;
use sessionwatch_reader::{Account, Lost, Restart, Rewind, journal_name};

use super::event::{Event, EventLine, RECORD_FIELDS, STEP_FIELDS, StepLine, WHO_FIELDS};
use super::layout::Layout;
use super::row::{Emphasis, Row as _};
use super::table::Table;

/// One item of a stream.
#[derive(Clone, Copy, Debug)]
pub enum Item<'a> {
    /// The head of a snapshot, before its sessions.
    Snapshot(&'a SessionsReply),
    /// A session of a snapshot: its last event.
    Session(&'a Event),
    /// A session event.
    Event(&'a Event),
    /// A session event with the sentence on its meaning.
    Step(&'a Event),
    /// Lost sequence numbers.
    Lost(Lost),
    /// The stream continues in another journal.
    Restart(&'a Restart),
    /// The stream continues at an earlier sequence number.
    Rewind(&'a Rewind),
    /// The account at the end.
    Account(Totals<'a>),
}

/// The account of a stream, and the number of its shown events.
#[derive(Clone, Copy, Debug)]
pub struct Totals<'a> {
    /// The account.
    pub account: &'a Account,
    /// The delivered events that were shown; a filter hid the others.
    pub shown: u64,
    /// True if the source is a recording, which has an end.
    pub is_recording: bool,
}

/// The columns of a stream as CSV: the fields of all items, in an order that fits each item.
pub(super) const FIELDS: &[&str] = concat_slices!([&str]:
    &["type"],
    RECORD_FIELDS,
    STEP_FIELDS,
    &["first", "last", "count", "previous_time", "next_time"],
    ACCOUNT_FIELDS,
    &["present", "untracked"],
    &["previous_journal_id", "previous_next", "position", "end"],
    WHO_FIELDS,
);

/// The fields of an account. Other items share some of them.
pub(super) const ACCOUNT_FIELDS: &[&str] =
    &["journal_id", "from", "next", "delivered", "lost", "shown"];

/// An item in the output for programs.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Line<'a> {
    Snapshot {
        r#type: &'static str,
        journal_id: String,
        next: u64,
        present: u32,
        untracked: u64,
    },
    Event(EventLine<'a>),
    Step(StepLine<'a>),
    Lost {
        r#type: &'static str,
        first: u64,
        last: u64,
        count: u64,
        previous_time: Option<SystemTime>,
        next_time: Option<SystemTime>,
    },
    Restart {
        r#type: &'static str,
        journal_id: String,
        previous_journal_id: &'a str,
        previous_next: u64,
    },
    Rewind {
        r#type: &'static str,
        journal_id: String,
        next: u64,
        position: u64,
        end: u64,
    },
    Account {
        r#type: &'static str,
        journal_id: String,
        from: u64,
        next: u64,
        delivered: u64,
        lost: u64,
        shown: u64,
    },
}

impl<'a> Item<'a> {
    /// The item in the form for programs.
    pub(super) fn line(&self) -> Line<'a> {
        match *self {
            Self::Snapshot(head) => Line::Snapshot {
                r#type: "snapshot",
                journal_id: journal_name(head.journal_id.get()),
                next: head.next.get(),
                present: head.present.get(),
                untracked: head.untracked.get(),
            },
            Self::Session(event) => Line::Event(EventLine::new("session", event)),
            Self::Event(event) => Line::Event(event.fields()),
            Self::Step(event) => Line::Step(StepLine::new(event)),
            Self::Lost(lost) => Line::Lost {
                r#type: "lost",
                first: lost.first,
                last: lost.last(),
                count: lost.count,
                previous_time: lost.previous_time,
                next_time: lost.next_time,
            },
            Self::Restart(restart) => Line::Restart {
                r#type: "restart",
                journal_id: journal_name(restart.journal_id),
                previous_journal_id: &restart.previous_journal,
                previous_next: restart.previous_next,
            },
            Self::Rewind(rewind) => Line::Rewind {
                r#type: "rewind",
                journal_id: journal_name(rewind.journal_id),
                next: rewind.next,
                position: rewind.position,
                end: rewind.end,
            },
            Self::Account(Totals { account, shown, .. }) => Line::Account {
                r#type: "account",
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

/// Writes the titles of a stream's columns, including one for users if the stream shows them.
pub(super) fn titles(table: &Table, shows_users: bool, out: &mut Vec<u8>) -> io::Result<()> {
    let title = shows_users && table.layout().is_wide();
    table.write_titles_with::<Event>(title.then_some("user"), out)
}

/// Writes an item for people.
pub(super) fn write(table: &Table, item: &Item<'_>, out: &mut Vec<u8>) -> io::Result<()> {
    match item {
        Item::Session(event) | Item::Event(event) => {
            table.write_row_with(*event, event.user().into_iter().chain(event.remarks()), out)
        }
        Item::Step(event) => {
            table.write_row(*event, out)?;
            let sentence = event.step.map(|step| step.sentence()).unwrap_or_default();
            let emphasis = match event.emphasis() {
                Emphasis::None => Emphasis::Remark,
                emphasis => emphasis,
            };
            table.paragraph(emphasis, 8, &sentence, out)
        }
        Item::Lost(lost) => {
            table.paragraph(Emphasis::Warning, 0, &lost_sentence(lost, table.layout()), out)
        }
        Item::Restart(restart) => {
            table.paragraph(Emphasis::Warning, 0, &restart_sentence(restart), out)
        }
        Item::Rewind(rewind) => {
            table.paragraph(Emphasis::Warning, 0, &rewind_sentence(rewind), out)
        }
        Item::Snapshot(head) => table.remark(&snapshot_sentence(head), out),
        Item::Account(totals) => table.remark(&account_sentence(totals), out),
    }
}

/// Lost sequence numbers, as a sentence.
pub(crate) fn lost_sentence(lost: &Lost, layout: &Layout) -> String {
    let range = match lost.count {
        1 => format!("sequence number {}", lost.first),
        _ => format!("sequence numbers {} to {}", lost.first, lost.last()),
    };
    let mut text = format!("-- {} lost: {range}", events(lost.count));
    for (word, time) in [("after", lost.previous_time), ("before", lost.next_time)] {
        if let Some(time) = time {
            // Writing to a string cannot fail.
            let _ = write!(text, ", {word} {}", layout.time(time));
        }
    }
    text
}

fn restart_sentence(restart: &Restart) -> String {
    format!(
        "-- the driver was restarted: this is journal {}; of journal {}, nothing is known from \
         sequence number {} on",
        journal_name(restart.journal_id),
        restart.previous_journal,
        restart.previous_next
    )
}

fn rewind_sentence(rewind: &Rewind) -> String {
    format!(
        "-- the saved position, sequence number {}, is past the end of journal {}, whose next is {}: \
         reading again from sequence number {}",
        rewind.position,
        journal_name(rewind.journal_id),
        rewind.end,
        rewind.next
    )
}

fn snapshot_sentence(head: &SessionsReply) -> String {
    let sessions = match head.present.get() {
        1 => Cow::Borrowed("1 session"),
        present => Cow::Owned(format!("{present} sessions")),
    };
    let mut text = format!("-- {sessions} present: snapshot at sequence number {}", head.next);
    if head.untracked != 0 {
        // Writing to a string cannot fail.
        let _ = write!(text, "; {} of sessions missing here", events(head.untracked.get()));
    }
    text
}

fn account_sentence(totals: &Totals<'_>) -> String {
    let Totals { account, shown, is_recording } = *totals;
    let (from, next) = (account.from(), account.next());
    if next == from {
        let source = if is_recording { "recording" } else { "journal" };
        return match account.end() {
            0 | 1 => format!("-- the {source} has no events"),
            end => format!("-- the {source} ends with sequence number {}", end - 1),
        };
    }
    let hidden = account.delivered().saturating_sub(shown);
    let delivered = match hidden {
        0 => format!("{shown} delivered"),
        hidden => format!("{shown} shown, {hidden} hidden by the filter"),
    };
    format!(
        "-- {delivered}, {} lost: sequence numbers {from} to {} of journal {}",
        account.lost(),
        next - 1,
        journal_name(account.journal_id())
    )
}

fn events(count: u64) -> Cow<'static, str> {
    match count {
        1 => "1 event".into(),
        count => format!("{count} events").into(),
    }
}

#[cfg(test)]
mod tests {
    use sessionwatch_protocol::Record;
    use sessionwatch_sessions::{HandOver, Meaning, Step};
    use sessionwatch_who::{ConnectState, Session, Who};
    use zerocopy::FromZeros;

    use super::*;
    use crate::render::testing::assert_columns;

    #[test]
    fn csv_has_a_column_for_every_field_of_every_item() {
        let head = SessionsReply::new_zeroed();
        let hand_over = Some(HandOver { from: 1, to: 2 });
        let step = Step { meaning: Meaning::Other, after_100ns: None, hand_over, unexpected: None };
        let event = Event {
            record: Record::new_zeroed(),
            who: Some(Who::of(&Session::of(3, ConnectState::ACTIVE), &[])),
            step: Some(step),
        };
        let lost = Lost { first: 1, count: 1, previous_time: None, next_time: None };
        let restart =
            Restart { journal_id: 2, previous_journal: journal_name(1), previous_next: 7 };
        let rewind = Rewind { journal_id: 2, position: 9, end: 3, next: 1 };
        let account = Account::new(1, 1, 1);
        let items = [
            Item::Snapshot(&head),
            Item::Session(&event),
            Item::Event(&event),
            Item::Step(&event),
            Item::Lost(lost),
            Item::Restart(&restart),
            Item::Rewind(&rewind),
            Item::Account(Totals { account: &account, shown: 0, is_recording: false }),
        ];
        assert_columns(FIELDS, items.iter().map(Item::line));
    }

    #[test]
    fn a_count_names_the_events_that_a_filter_hid() {
        let mut account = Account::new(7, 1, 5);
        let sentence = |account: &Account, shown, is_recording| {
            account_sentence(&Totals { account, shown, is_recording })
        };
        assert_eq!(sentence(&account, 0, true), "-- the recording ends with sequence number 4");
        assert_eq!(sentence(&account, 0, false), "-- the journal ends with sequence number 4");
        let empty = Account::new(7, 1, 1);
        assert_eq!(sentence(&empty, 0, false), "-- the journal has no events");
        account.book(1, 3);
        assert_eq!(
            sentence(&account, 3, false),
            "-- 3 delivered, 1 lost: sequence numbers 1 to 4 of journal 0000000000000007"
        );
        assert_eq!(
            sentence(&account, 1, false),
            "-- 1 shown, 2 hidden by the filter, 1 lost: sequence numbers 1 to 4 of journal \
             0000000000000007"
        );
    }
}
