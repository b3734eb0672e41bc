//! What the driver's own account of itself means.

use jiff::SignedDuration;
use sessionwatch_protocol::DescribeReply;

use super::finding::Finding;
use crate::render::{driver_version, flag_names};
use crate::time::{SystemTime, elapsed};

/// A ring that does not reach back so far is easily too small.
const SHORT_REACH: SignedDuration = SignedDuration::from_mins(10);
/// Between a logon and its event, both clocks and Windows may take so long.
const SLACK: SignedDuration = SignedDuration::from_secs(30);

pub(super) fn findings(status: &DescribeReply, last_logon: Option<SystemTime>) -> Vec<Finding> {
    vec![
        version(status),
        watching(status),
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
    Finding::warning("version", format!("the driver is {driver}, the tool {tool}"))
        .advise("install both of one release")
}

fn watching(status: &DescribeReply) -> Finding {
    let check = "registered";
    if status.is_registered.get() == 0 {
        return Finding::problem(check, "Windows does not tell the driver of events")
            .advise("`sc stop sessionwatch`, then `sc start sessionwatch`");
    }
    match status.event_mask.get() {
        u32::MAX => Finding::ok(check, "Windows tells the driver of all events"),
        mask => Finding::warning(check, format!("of some events only: mask {mask:#x}"))
            .advise("remove the setting EventMask and start the driver again to see all"),
    }
}

fn events(status: &DescribeReply, last_logon: Option<SystemTime>) -> Finding {
    let check = "events";
    let last = status.last_event_system_time.get();
    // What came before the driver was started, it cannot have seen.
    let seen_until = last.max(status.loaded_system_time.get());
    if let Some(logon) = last_logon
        && logon.0 > seen_until
        && elapsed(seen_until, logon.0) > SLACK
    {
        return Finding::problem(
            check,
            format!("blind: somebody logged on at {logon:.0}, and the driver has seen nothing since before"),
        )
        .advise("start the driver again; if that does not help, please report this");
    }
    if last == 0 {
        let up = elapsed(status.loaded_monotonic_time.get(), status.monotonic_time.get());
        return Finding::ok(
            check,
            format!("none in the {up:#} since the driver was started: quiet"),
        );
    }
    let age = elapsed(status.last_event_monotonic_time.get(), status.monotonic_time.get());
    Finding::ok(check, format!("{} seen, the last one {age:#} ago", status.next.get() - 1))
}

fn losses(status: &DescribeReply) -> Finding {
    let check = "losses";
    let overwritten = status.first.get().saturating_sub(1);
    if overwritten == 0 {
        return Finding::ok(
            check,
            "none: the journal has every event since the driver was started",
        );
    }
    let up = elapsed(status.loaded_monotonic_time.get(), status.monotonic_time.get());
    let (kept, seen) = (status.next.get() - status.first.get(), status.next.get() - 1);
    // On the average: events come in bursts, so this is what is to be expected, not a promise.
    let reach = i128::from(up.as_secs()) * i128::from(kept) / i128::from(seen);
    let reach = SignedDuration::from_secs(i64::try_from(reach).unwrap_or(i64::MAX));
    let found =
        format!("{overwritten} overwritten; the journal reaches back {reach:#} on the average");
    if reach < SHORT_REACH {
        return Finding::warning(check, found).advise(
            "raise the setting RingCapacity and start the driver again, or keep following",
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
    Finding::warning(
        check,
        format!("{malformed} malformed, {untracked} of sessions without an instance"),
    )
    .advise("`sessionwatch read` shows them with their flags; nothing of them was dropped")
}

fn readers(status: &DescribeReply) -> Finding {
    let check = "readers";
    let (waiting, maximum) = (status.reads_pending.get(), status.maximum_pending_reads.get());
    let found = format!(
        "{waiting} of at most {maximum} reads wait; {} requests were refused",
        status.requests_rejected
    );
    // The tenth that is left is soon gone.
    if u64::from(waiting) * 10 >= u64::from(maximum) * 9 {
        return Finding::warning(check, found)
            .advise("end programs that follow, or raise the setting MaximumPendingReads");
    }
    Finding::ok(check, found)
}

fn settings(status: &DescribeReply) -> Finding {
    let check = "settings";
    let settings = status.settings();
    if settings.is_empty() {
        return Finding::ok(check, "all are used as they are set");
    }
    let names: Vec<_> = flag_names(settings).map(|name| name.replace('_', " ")).collect();
    Finding::warning(check, format!("not used as set: {}", names.join(", ")))
        .advise("`sessionwatch status` says what is used; correct them and start the driver again")
}
