//! The state of the driver as a row.

use serde::{Serialize, Serializer};
use sessionwatch_protocol::{DescribeReply, EventKind, SettingFlags};
use sessionwatch_reader::time::{SystemTime, elapsed};
use sessionwatch_reader::{driver_version, flag_names, journal_name, unnamed_flags};
use zerocopy::little_endian::U64;

use super::layout::Layout;
use super::row::{Column, Row};

/// The state of the driver, from its describe reply.
#[derive(Clone, Copy, Debug)]
pub struct Status(
    /// The reply.
    pub DescribeReply,
);

impl Row for Status {
    type Fields<'row> = StatusLine;

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
        Column::text("registered", |status, _| registered(&status.0)),
        Column::text("capacity", |status, _| capacity(&status.0)),
        Column::text("loaded", |status, layout| {
            layout.time(SystemTime(status.0.loaded_system_time.get()))
        }),
        Column::text("up for", |status, _| up_for(&status.0)),
        Column::text("last event", |status, layout| last_event(&status.0, layout)),
        Column::text("events seen", |status, _| seen(&status.0)),
        Column::text("events kept", |status, _| kept(&status.0)),
        Column::text("events overwritten", |status, _| (status.0.first.get() - 1).to_string()),
        Column::text("malformed notifications", |status, _| status.0.malformed.to_string()),
        Column::text("untracked events", |status, _| status.0.untracked.to_string()),
        Column::text("reads completed", |status, _| status.0.reads_completed.to_string()),
        Column::text("reads pending", |status, _| pending(&status.0)),
        Column::text("requests rejected", |status, _| status.0.requests_rejected.to_string()),
    ];

    fn fields(&self) -> StatusLine {
        StatusLine::from(&self.0)
    }
}

/// The state of the driver in the output for programs.
#[derive(Serialize)]
pub struct StatusLine {
    r#type: &'static str,
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
    seen_by_kind: SeenByKind,
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

/// The number of events of each kind.
struct SeenByKind([U64; 8]);

impl Serialize for SeenByKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(by_kind(&self.0))
    }
}

impl From<&DescribeReply> for StatusLine {
    fn from(status: &DescribeReply) -> Self {
        let requested = status.requested_capacity.get();
        let settings = status.settings();
        let (first, next) = (status.first.get(), status.next.get());
        let last = status.last_event_system_time.get();
        let age =
            status.monotonic_time.get().saturating_sub(status.last_event_monotonic_time.get());
        Self {
            r#type: "status",
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
            seen_by_kind: SeenByKind(status.seen_by_kind),
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

/// The registration and the event mask, in words.
fn registered(status: &DescribeReply) -> String {
    if status.is_registered.get() == 0 {
        return "no: the driver sees no events; restart it".to_owned();
    }
    let mut text = match status.event_mask.get() {
        u32::MAX => "yes, for all events".to_owned(),
        mask => format!("yes, for the events of EventMask {mask:#x}"),
    };
    if status.settings().contains(SettingFlags::EVENT_MASK_EMPTY) {
        text += "; the setting EventMask is 0 and therefore ignored";
    }
    if status.settings().contains(SettingFlags::EVENT_MASK_UNREADABLE) {
        text += "; the setting EventMask is not a REG_DWORD and therefore ignored";
    }
    text
}

/// The ring's capacity, and its source.
fn capacity(status: &DescribeReply) -> String {
    let (capacity, requested) = (status.capacity.get(), status.requested_capacity.get());
    let settings = status.settings();
    let mut remarks = Vec::new();
    if settings.contains(SettingFlags::CAPACITY_UNREADABLE) {
        remarks
            .push("the setting RingCapacity is not a REG_DWORD, so the default is used".to_owned());
    }
    if settings.contains(SettingFlags::CAPACITY_CLAMPED) {
        remarks.push(format!(
            "the setting RingCapacity asks for {requested}, which is out of bounds, so the nearest \
             bound is used"
        ));
    }
    if settings.contains(SettingFlags::CAPACITY_REDUCED) {
        remarks.push("there was no memory for more".to_owned());
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

/// The age of the last event, which tells a quiet machine from a blind driver.
fn last_event(status: &DescribeReply, layout: &Layout) -> String {
    match status.last_event_system_time.get() {
        0 => "none yet".to_owned(),
        system => {
            let last = status.last_event_monotonic_time.get();
            let age = elapsed(last, status.monotonic_time.get());
            format!("{age:#} ago: {}", layout.time(SystemTime(system)))
        }
    }
}

fn seen(status: &DescribeReply) -> String {
    let kinds = by_kind(&status.seen_by_kind).filter(|(_, count)| *count != 0);
    let kinds: Vec<String> = kinds.map(|(kind, count)| format!("{count} {kind}")).collect();
    let total = status.next.get() - 1;
    if kinds.is_empty() { total.to_string() } else { format!("{total}: {}", kinds.join(", ")) }
}

/// The number of events of each kind; `other` comes last.
fn by_kind(counts: &[U64; 8]) -> impl Iterator<Item = (&'static str, u64)> {
    let names = (0..).map(|kind| EventKind(kind).name().unwrap_or("other"));
    names.zip(counts.map(U64::get))
}

fn kept(status: &DescribeReply) -> String {
    let (first, next) = (status.first.get(), status.next.get());
    match next - first {
        0 => "0".to_owned(),
        count => format!("{count}: sequence numbers {first} to {}", next - 1),
    }
}

fn pending(status: &DescribeReply) -> String {
    let text = format!(
        "{} of at most {} ({} of one handle); {} so far, {} of them cancelled",
        status.reads_pending,
        status.maximum_pending_reads,
        status.maximum_pending_reads_per_handle,
        status.reads_pended,
        status.reads_cancelled
    );
    let clamped = "is out of bounds, so the nearest bound is used";
    let unreadable = "is not a REG_DWORD, so the default is used";
    let (total, per_handle) = ("MaximumPendingReads", "MaximumPendingReadsPerHandle");
    let remarks = [
        (SettingFlags::PENDING_READS_CLAMPED, total, clamped),
        (SettingFlags::PENDING_READS_UNREADABLE, total, unreadable),
        (SettingFlags::PENDING_READS_PER_HANDLE_CLAMPED, per_handle, clamped),
        (SettingFlags::PENDING_READS_PER_HANDLE_UNREADABLE, per_handle, unreadable),
    ];
    let made = remarks.iter().filter(|(flag, ..)| status.settings().contains(*flag));
    made.fold(text, |text, (_, name, remark)| format!("{text}; the setting {name} {remark}"))
}

#[cfg(test)]
mod tests {
    use zerocopy::FromZeros;

    use super::*;
    use crate::render::testing::assert_columns;

    #[test]
    fn csv_has_a_column_for_every_field() {
        let mut reply = DescribeReply::new_zeroed();
        reply.first = 1.into();
        reply.next = 1.into();
        assert_columns(Status::FIELDS, [Status(reply).fields()]);
    }
}
