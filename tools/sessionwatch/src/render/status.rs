//! How the driver is.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};
use sessionwatch_protocol::{DescribeReply, EventKind, SettingFlags};
use zerocopy::little_endian::U64;

use super::{Column, People, Row, driver_version, flag_names, journal_name, unnamed_flags};
use crate::time::{SystemTime, elapsed};

/// How the driver is, to be shown.
#[derive(Clone, Copy, Debug)]
pub struct Status(
    /// As the driver says it.
    pub DescribeReply,
);

impl Row for Status {
    const FIELDS: &'static [&'static str] = &[
        "type",
        "driver_version",
        "journal_id",
        "capacity",
        "requested_capacity",
        "settings",
        "loaded",
        "time",
        "up_100ns",
        "first",
        "next",
        "seen",
        "kept",
        "overwritten",
        "malformed",
        "untracked",
        "seen_by_kind.ignore",
        "seen_by_kind.created",
        "seen_by_kind.terminated",
        "seen_by_kind.connected",
        "seen_by_kind.disconnected",
        "seen_by_kind.logon",
        "seen_by_kind.logoff",
        "seen_by_kind.other",
        "registered",
        "event_mask",
        "last_event",
        "last_event_age_100ns",
        "reads_completed",
        "reads_pending",
        "reads_pended",
        "reads_cancelled",
        "maximum_pending_reads",
        "maximum_pending_reads_per_handle",
        "requests_rejected",
    ];

    const COLUMNS: &'static [Column<Self>] = &[
        Column::text("driver version", |status, _| driver_version(&status.0)),
        Column::text("journal", |status, _| journal_name(status.0.journal_id.get())),
        Column::text("watching", |status, _| watching(&status.0)),
        Column::text("capacity", |status, _| capacity(&status.0)),
        Column::text("loaded", |status, people| {
            people.time(SystemTime(status.0.loaded_system_time.get()))
        }),
        Column::text("up for", |status, _| up_for(&status.0)),
        Column::text("last event", |status, people| last_event(&status.0, people)),
        Column::text("events seen", |status, _| seen(&status.0)),
        Column::text("events kept", |status, _| kept(&status.0)),
        Column::text("events overwritten", |status, _| (status.0.first.get() - 1).to_string()),
        Column::text("malformed notifications", |status, _| status.0.malformed.to_string()),
        Column::text("untracked events", |status, _| status.0.untracked.to_string()),
        Column::text("reads answered", |status, _| status.0.reads_completed.to_string()),
        Column::text("reads waiting", |status, _| waiting(&status.0)),
        Column::text("requests refused", |status, _| status.0.requests_rejected.to_string()),
    ];
}

impl Serialize for Status {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Fields::from(&self.0).serialize(serializer)
    }
}

/// What programs get. The field names are a promise to them.
#[derive(Serialize)]
#[serde(tag = "type", rename = "status")]
struct Fields {
    driver_version: String,
    journal_id: String,
    capacity: u32,
    requested_capacity: Option<u32>,
    settings: Vec<String>,
    loaded: SystemTime,
    time: SystemTime,
    up_100ns: u64,
    first: u64,
    next: u64,
    seen: u64,
    kept: u64,
    overwritten: u64,
    malformed: u64,
    untracked: u64,
    seen_by_kind: BTreeMap<&'static str, u64>,
    registered: bool,
    event_mask: u32,
    last_event: Option<SystemTime>,
    last_event_age_100ns: Option<u64>,
    reads_completed: u64,
    reads_pending: u32,
    reads_pended: u64,
    reads_cancelled: u64,
    maximum_pending_reads: u32,
    maximum_pending_reads_per_handle: u32,
    requests_rejected: u64,
}

impl From<&DescribeReply> for Fields {
    fn from(status: &DescribeReply) -> Self {
        let requested = status.requested_capacity.get();
        let settings = status.settings();
        let (first, next) = (status.first.get(), status.next.get());
        let last = status.last_event_system_time.get();
        let age =
            status.monotonic_time.get().saturating_sub(status.last_event_monotonic_time.get());
        Self {
            driver_version: driver_version(status),
            journal_id: journal_name(status.journal_id.get()),
            capacity: status.capacity.get(),
            requested_capacity: (requested != 0).then_some(requested),
            settings: flag_names(settings).collect(),
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
            untracked: status.untracked.get(),
            seen_by_kind: by_kind(status).collect(),
            registered: status.is_registered.get() != 0,
            event_mask: status.event_mask.get(),
            last_event: (last != 0).then_some(SystemTime(last)),
            last_event_age_100ns: (last != 0).then_some(age),
            reads_pending: status.reads_pending.get(),
            reads_pended: status.reads_pended.get(),
            reads_cancelled: status.reads_cancelled.get(),
            maximum_pending_reads: status.maximum_pending_reads.get(),
            maximum_pending_reads_per_handle: status.maximum_pending_reads_per_handle.get(),
            reads_completed: status.reads_completed.get(),
            requests_rejected: status.requests_rejected.get(),
        }
    }
}

fn up_for(status: &DescribeReply) -> String {
    let up = elapsed(status.loaded_monotonic_time.get(), status.monotonic_time.get());
    format!("{up:#}")
}

/// Whether the driver is told of events, and of which.
fn watching(status: &DescribeReply) -> String {
    if status.is_registered.get() == 0 {
        return "no: the driver sees nothing; start it again".to_owned();
    }
    let mut text = match status.event_mask.get() {
        u32::MAX => "yes, all events".to_owned(),
        mask => format!("yes, the events of mask {mask:#x}: EventMask"),
    };
    if status.settings().contains(SettingFlags::EVENT_MASK_EMPTY) {
        text += "; the setting EventMask asks for none, so it is not used";
    }
    if status.settings().contains(SettingFlags::EVENT_MASK_UNREADABLE) {
        text += "; the setting EventMask is no REG_DWORD, so it is not used";
    }
    text
}

/// The ring's capacity, and in a sentence what became of the setting.
fn capacity(status: &DescribeReply) -> String {
    let (capacity, requested) = (status.capacity.get(), status.requested_capacity.get());
    let settings = status.settings();
    let mut remarks = Vec::new();
    if settings.contains(SettingFlags::CAPACITY_UNREADABLE) {
        remarks.push("the setting RingCapacity is no REG_DWORD, so the default is used".to_owned());
    }
    if settings.contains(SettingFlags::CAPACITY_CLAMPED) {
        remarks.push(format!(
            "the setting RingCapacity asks for {requested}, which is out of bounds, so the nearest \
             bound is used"
        ));
    }
    if settings.contains(SettingFlags::CAPACITY_REDUCED) {
        remarks.push("there was not enough memory for more".to_owned());
    }
    if let Some(unnamed) = unnamed_flags(settings) {
        remarks.push(format!("the driver adds {unnamed}"));
    }
    if remarks.is_empty() {
        remarks
            .push(if requested == 0 { "the default" } else { "as RingCapacity asks" }.to_owned());
    }
    format!("{capacity} events: {}", remarks.join("; "))
}

/// How long ago the last event was, so that a quiet machine can be told from a
/// driver that sees nothing.
fn last_event(status: &DescribeReply, people: &People) -> String {
    match status.last_event_system_time.get() {
        0 => "none yet".to_owned(),
        system => {
            let last = status.last_event_monotonic_time.get();
            let age = elapsed(last, status.monotonic_time.get());
            format!("{age:#} ago: {}", people.time(SystemTime(system)))
        }
    }
}

fn seen(status: &DescribeReply) -> String {
    let kinds = by_kind(status).filter(|(_, count)| *count != 0);
    let kinds: Vec<String> = kinds.map(|(kind, count)| format!("{count} {kind}")).collect();
    let total = status.next.get() - 1;
    if kinds.is_empty() { total.to_string() } else { format!("{total}: {}", kinds.join(", ")) }
}

/// How many events of each kind were seen; `other` is the last.
fn by_kind(status: &DescribeReply) -> impl Iterator<Item = (&'static str, u64)> {
    let names = (0..).map(|kind| EventKind(kind).name().unwrap_or("other"));
    names.zip(status.seen_by_kind.map(U64::get))
}

fn kept(status: &DescribeReply) -> String {
    let (first, next) = (status.first.get(), status.next.get());
    match next - first {
        0 => "0".to_owned(),
        count => format!("{count}: numbers {first} to {}", next - 1),
    }
}

fn waiting(status: &DescribeReply) -> String {
    let text = format!(
        "{} of at most {}, {} of a handle; {} have waited, of which {} were cancelled",
        status.reads_pending,
        status.maximum_pending_reads,
        status.maximum_pending_reads_per_handle,
        status.reads_pended,
        status.reads_cancelled
    );
    let clamped = "is out of bounds, so the nearest bound is used";
    let unreadable = "is no REG_DWORD, so the default is used";
    let remarks = [
        (SettingFlags::PENDING_READS_CLAMPED, "MaximumPendingReads", clamped),
        (SettingFlags::PENDING_READS_UNREADABLE, "MaximumPendingReads", unreadable),
        (SettingFlags::PENDING_READS_PER_HANDLE_CLAMPED, "MaximumPendingReadsPerHandle", clamped),
        (
            SettingFlags::PENDING_READS_PER_HANDLE_UNREADABLE,
            "MaximumPendingReadsPerHandle",
            unreadable,
        ),
    ];
    let said = remarks.iter().filter(|(flag, ..)| status.settings().contains(*flag));
    said.fold(text, |text, (_, name, remark)| format!("{text}; the setting {name} {remark}"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use zerocopy::FromZeros;

    use super::*;
    use crate::render::leaves;

    #[test]
    fn csv_has_every_field() {
        let mut reply = DescribeReply::new_zeroed();
        reply.first = 1.into();
        reply.next = 1.into();
        let fields: BTreeSet<_> = Status::FIELDS.iter().map(ToString::to_string).collect();
        assert_eq!(leaves(&serde_json::to_value(Status(reply)).unwrap()), fields);
    }
}
