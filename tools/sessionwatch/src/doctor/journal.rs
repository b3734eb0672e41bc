//! Findings about the driver's journal.

use jiff::SignedDuration;
use sessionwatch_protocol::DescribeReply;
use sessionwatch_reader::time::{SystemTime, UNITS_PER_SECOND, elapsed};
use sessionwatch_reader::{driver_version, flag_names};

use super::finding::Finding;

/// The reach below which a ring may be too small.
const SHORT_REACH: SignedDuration = SignedDuration::from_mins(10);
/// The longest time between a logon and its event, including differences of the clocks.
const SLACK: SignedDuration = SignedDuration::from_secs(30);

pub(super) fn findings(status: &DescribeReply, last_logon: Option<SystemTime>) -> Vec<Finding> {
    vec![
        version(status),
        registration(status),
        events(status, last_logon),
        losses(status),
        notifications(status),
        readers(status),
        settings(status),
    ]
}

fn version(status: &DescribeReply) -> Finding {
    let (driver, tool) = (driver_version(status), env!("CARGO_PKG_VERSION"));
    if driver == tool {
        return Finding::ok("version", format!("driver and tool are {tool}"));
    }
    Finding::warning("version", format!("the driver is {driver}, the tool is {tool}"))
        .advise("install the driver and the tool of one release")
}

fn registration(status: &DescribeReply) -> Finding {
    let check = "registered";
    if status.is_registered.get() == 0 {
        return Finding::problem(check, "the driver is not registered: it sees no events")
            .advise("restart it: `sc stop sessionwatch`, then `sc start sessionwatch`");
    }
    match status.event_mask.get() {
        u32::MAX => Finding::ok(check, "the driver is registered for all events"),
        mask => Finding::warning(
            check,
            format!("the driver is registered for some events only: EventMask {mask:#x}"),
        )
        .advise("to see all events, remove the setting EventMask and restart the driver"),
    }
}

fn events(status: &DescribeReply, last_logon: Option<SystemTime>) -> Finding {
    let check = "events";
    let last = status.last_event_system_time.get();
    // The driver cannot have seen a logon before its load.
    let seen_until = last.max(status.loaded_system_time.get());
    if let Some(step) = clock_step(status)
        && last_logon.is_some()
    {
        let direction = if step.is_negative() { "back" } else { "forward" };
        let size = step.abs();
        return Finding::unknown(
            check,
            format!(
                "the clock stepped {direction} by {size:#}: logons and events cannot be compared"
            ),
        );
    }
    if let Some(logon) = last_logon
        && logon.0 > seen_until
        && elapsed(seen_until, logon.0) > SLACK
    {
        return Finding::problem(
            check,
            format!(
                "blind: a user logged on at {logon:.0}, and the driver has seen no event since"
            ),
        )
        .advise("restart the driver; if that does not help, report this as a bug");
    }
    if last == 0 {
        let up = elapsed(status.loaded_monotonic_time.get(), status.monotonic_time.get());
        return Finding::ok(
            check,
            format!("none in the {up:#} since the driver was loaded: a quiet machine"),
        );
    }
    let age = elapsed(status.last_event_monotonic_time.get(), status.monotonic_time.get());
    Finding::ok(check, format!("{} seen, the last one {age:#} ago", status.next.get() - 1))
}

/// The step of the wall clock since the last event, or since the load if there was none. The
/// monotonic clock never steps, so the difference between both shows it.
fn clock_step(status: &DescribeReply) -> Option<SignedDuration> {
    let offset = |system: u64, monotonic: u64| i128::from(system) - i128::from(monotonic);
    let then = if status.last_event_system_time.get() == 0 {
        offset(status.loaded_system_time.get(), status.loaded_monotonic_time.get())
    } else {
        offset(status.last_event_system_time.get(), status.last_event_monotonic_time.get())
    };
    let now = offset(status.system_time.get(), status.monotonic_time.get());
    let seconds = (now - then) / i128::from(UNITS_PER_SECOND);
    let step = SignedDuration::from_secs(i64::try_from(seconds).unwrap_or(i64::MAX));
    (step.abs() > SLACK).then_some(step)
}

fn losses(status: &DescribeReply) -> Finding {
    let check = "losses";
    let overwritten = status.first.get().saturating_sub(1);
    if overwritten == 0 {
        return Finding::ok(check, "none: the journal has every event since the driver was loaded");
    }
    let up = elapsed(status.loaded_monotonic_time.get(), status.monotonic_time.get());
    let (kept, seen) = (status.next.get() - status.first.get(), status.next.get() - 1);
    // This average is only an estimate, because events come in bursts.
    let reach = i128::from(up.as_secs()) * i128::from(kept) / i128::from(seen);
    let reach = SignedDuration::from_secs(i64::try_from(reach).unwrap_or(i64::MAX));
    let found = format!("{overwritten} overwritten; the journal reaches back {reach:#} on average");
    if reach < SHORT_REACH {
        return Finding::warning(check, found).advise(
            "raise the setting RingCapacity and restart the driver, or install the service",
        );
    }
    Finding::ok(check, found)
}

fn notifications(status: &DescribeReply) -> Finding {
    let check = "notifications";
    let (malformed, untracked) = (status.malformed.get(), status.untracked.get());
    if malformed == 0 && untracked == 0 {
        return Finding::ok(check, "all as documented");
    }
    Finding::warning(check, format!("{malformed} malformed, {untracked} of untracked sessions"))
        .advise("look at their flags with `sessionwatch read`; none was dropped")
}

fn readers(status: &DescribeReply) -> Finding {
    let check = "readers";
    let (pending, maximum) = (status.reads_pending.get(), status.maximum_pending_reads.get());
    let found = format!(
        "{pending} of at most {maximum} reads are pending; {} requests were rejected",
        status.requests_rejected
    );
    // Warn at nine tenths, because the rest fills up quickly.
    if u64::from(pending) * 10 >= u64::from(maximum) * 9 {
        return Finding::warning(check, found)
            .advise("end programs that follow, or raise the setting MaximumPendingReads");
    }
    Finding::ok(check, found)
}

fn settings(status: &DescribeReply) -> Finding {
    let check = "settings";
    let settings = status.settings();
    if settings.is_empty() {
        return Finding::ok(check, "all are in use as set");
    }
    let names: Vec<_> = flag_names(settings).map(|name| name.replace('_', " ")).collect();
    Finding::warning(check, format!("not in use as set: {}", names.join(", "))).advise(
        "correct them and restart the driver; `sessionwatch status` shows the values in use",
    )
}
