//! Raising events in the host, and its verdict.

use std::thread::sleep;
use std::time::{Duration, Instant};

use kmdf_host_control::client::Client;
use kmdf_host_control::{
    Command, Completion, Counts, DeviceReport, Order, QueueReport, Raise, Reply, Scenario,
    VERDICT_PATH, Verdict, read_verdicts,
};

use crate::clock::Moment;

/// How long requests may take to their place. Only a failure takes so long.
const PATIENCE: Duration = Duration::from_secs(20);

/// An event that was raised, and when.
#[derive(Clone, Debug)]
pub struct Raised {
    /// What the driver was told.
    pub raise: Raise,
    /// When.
    pub moment: Moment,
}

/// The events of a scenario in `tests/scenarios`.
#[must_use]
pub fn scenario(name: &str) -> Vec<Raise> {
    let path = format!(r"scenarios\{name}.json");
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    Scenario::parse(&text).unwrap().raises().unwrap()
}

/// Raises events, and asserts that the driver took each of them.
#[must_use]
pub fn raise(events: &[Raise], order: Order) -> Vec<Raised> {
    raise_to(events, order, |_| true)
}

/// Raises events, and asserts that the driver was told of those that it asks
/// for, and took them.
#[must_use]
pub fn raise_to(events: &[Raise], order: Order, asks_for: impl Fn(&Raise) -> bool) -> Vec<Raised> {
    let client = Client::open().unwrap();
    let mut raised = Vec::new();
    for batch in events.chunks(Client::BATCH) {
        let command = Command::Raise { order, events: batch.to_vec() };
        let reply = client.send(&command).unwrap();
        let Reply::Raised(report) = reply else { panic!("{reply:?}") };
        assert_eq!(report.outcomes.len(), batch.len());
        for (raise, outcome) in batch.iter().zip(report.outcomes) {
            let told: &[i32] = if asks_for(raise) { &[0] } else { &[] };
            assert_eq!(outcome.statuses, told, "{raise:?}");
            let moment = Moment { before: outcome.before, after: outcome.after };
            raised.push(Raised { raise: raise.clone(), moment });
        }
    }
    raised
}

/// How the driver completed the last request.
#[must_use]
pub fn last_completion() -> Completion {
    match Client::open().unwrap().send(&Command::Completions).unwrap() {
        Reply::Completions { completions } => *completions.last().expect("no request yet"),
        reply => panic!("{reply:?}"),
    }
}

/// What the driver has done so far.
#[must_use]
pub fn counts() -> Counts {
    match Client::open().unwrap().send(&Command::Loads).unwrap() {
        Reply::Loads(report) => report.running.expect("the driver runs"),
        reply => panic!("{reply:?}"),
    }
}

/// The queues of the driver's device, in the order in which it made them.
///
/// # Panics
///
/// If the host does not answer.
#[must_use]
pub fn queues() -> Vec<QueueReport> {
    match Client::open().unwrap().send(&Command::Queues).unwrap() {
        Reply::Queues { queues } => queues,
        reply => panic!("{reply:?}"),
    }
}

/// Waits until this many requests wait in the driver's manual queues.
///
/// # Panics
///
/// If it takes too long.
pub fn wait_for_waiting(count: u32) {
    let begin = Instant::now();
    loop {
        let queues = queues();
        let waiting: u32 =
            queues.iter().filter(|queue| queue.is_manual).map(|queue| queue.waiting).sum();
        if waiting == count {
            return;
        }
        assert!(begin.elapsed() < PATIENCE, "{count} are to wait: {queues:?}");
        sleep(Duration::from_millis(1));
    }
}

/// What the driver asked for when it made its device.
pub(crate) fn device_report() -> DeviceReport {
    match Client::open().unwrap().send(&Command::Device).unwrap() {
        Reply::Device(report) => report,
        reply => panic!("{reply:?}"),
    }
}

/// Forgets earlier verdicts.
pub fn clear_verdicts() {
    let _there_may_be_none = std::fs::remove_file(VERDICT_PATH);
}

/// The verdicts since they were cleared. A line that is just being written is
/// not one yet.
#[must_use]
pub fn verdicts() -> Vec<Verdict> {
    let text = std::fs::read_to_string(VERDICT_PATH).unwrap_or_default();
    let whole = text.rfind('\n').map_or("", |end| &text[..end]);
    read_verdicts(whole).unwrap()
}
