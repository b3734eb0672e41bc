//! How the driver is, as rows of a name and a text for people.

use sessionwatch_protocol::{DescribeReply, EventKind, SettingFlags};
use zerocopy::little_endian::U64;

use super::{driver_version, journal_name};
use crate::time::{SystemTime, elapsed};

/// The rows, in their order; `time` writes a time.
pub(super) fn rows(
    status: &DescribeReply,
    time: impl Fn(SystemTime) -> String,
) -> Vec<(&'static str, String)> {
    let (first, next) = (status.first.get(), status.next.get());
    let up = elapsed(status.loaded_monotonic_time.get(), status.monotonic_time.get());
    vec![
        ("driver version", driver_version(status)),
        ("journal", journal_name(status.journal_id.get())),
        ("watching", watching(status)),
        ("capacity", capacity(status)),
        ("loaded", time(SystemTime(status.loaded_system_time.get()))),
        ("up for", format!("{up:#}")),
        ("last event", last_event(status, time)),
        ("events seen", seen(status)),
        ("events kept", kept(first, next)),
        ("events overwritten", (first - 1).to_string()),
        ("malformed notifications", status.malformed.to_string()),
        ("undocumented steps", status.undocumented_steps.to_string()),
        ("untracked events", status.untracked.to_string()),
        ("reads answered", status.reads.to_string()),
        ("reads waiting", waiting(status)),
        ("requests refused", status.refused.to_string()),
    ]
}

/// Whether the driver is told of events, and of which.
fn watching(status: &DescribeReply) -> String {
    if status.is_watching.get() == 0 {
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
    if settings.unnamed() != 0 {
        remarks.push(format!("the driver adds {:#06x}", settings.unnamed()));
    }
    if remarks.is_empty() {
        remarks
            .push(if requested == 0 { "the default" } else { "as RingCapacity asks" }.to_owned());
    }
    format!("{capacity} events: {}", remarks.join("; "))
}

/// How long ago the last event was, so that a quiet machine can be told from a
/// driver that sees nothing.
fn last_event(status: &DescribeReply, time: impl Fn(SystemTime) -> String) -> String {
    match status.last_event_system_time.get() {
        0 => "none yet".to_owned(),
        system => {
            let last = status.last_event_monotonic_time.get();
            let age = elapsed(last, status.monotonic_time.get());
            format!("{age:#} ago: {}", time(SystemTime(system)))
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
pub(super) fn by_kind(status: &DescribeReply) -> impl Iterator<Item = (&'static str, u64)> {
    let names = (0..).map(|kind| EventKind(kind).name().unwrap_or("other"));
    names.zip(status.seen_by_kind.map(U64::get))
}

fn kept(first: u64, next: u64) -> String {
    match next - first {
        0 => "0".to_owned(),
        count => format!("{count}: numbers {first} to {}", next - 1),
    }
}

fn waiting(status: &DescribeReply) -> String {
    let text = format!(
        "{} of at most {}, {} of a handle; {} have waited, of which {} were cancelled",
        status.waiting,
        status.maximum_waits,
        status.maximum_waits_per_handle,
        status.waited,
        status.cancelled
    );
    let clamped = "is out of bounds, so the nearest bound is used";
    let unreadable = "is no REG_DWORD, so the default is used";
    let remarks = [
        (SettingFlags::WAITS_CLAMPED, "MaximumWaits", clamped),
        (SettingFlags::WAITS_UNREADABLE, "MaximumWaits", unreadable),
        (SettingFlags::WAITS_PER_HANDLE_CLAMPED, "MaximumWaitsPerHandle", clamped),
        (SettingFlags::WAITS_PER_HANDLE_UNREADABLE, "MaximumWaitsPerHandle", unreadable),
    ];
    let said = remarks.iter().filter(|(flag, ..)| status.settings().contains(*flag));
    said.fold(text, |text, (_, name, remark)| format!("{text}; the setting {name} {remark}"))
}
