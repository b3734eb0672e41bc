//! Raises events in the host, and reads its reports and verdicts.

use std::thread::sleep;
use std::time::{Duration, Instant};

use kmdf_host_control::client::Client;
use kmdf_host_control::{
    Command, Completion, Counts, DeviceReport, Order, QueueReport, Raise, Reply, Scenario,
    VERDICT_PATH, Verdict, read_verdicts,
};

use crate::clock::Moment;

/// The time limit on requests to enter a queue. Only a failing test waits that long.
const PATIENCE: Duration = Duration::from_secs(20);

/// A raised event, and its time.
#[derive(Clone, Debug)]
pub struct Raised {
    /// The event.
    pub raise: Raise,
    /// The time span in which the host raised it.
    pub moment: Moment,
}

/// The events of a scenario in `tests/scenarios`.
#[must_use]
pub fn scenario(name: &str) -> Vec<Raise> {
    let path = format!(r"scenarios\{name}.json");
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    Scenario::parse(&text).unwrap().raises().unwrap()
}

/// Raises events. Asserts that the driver received each event and returned success.
#[must_use]
pub fn raise(events: &[Raise], order: Order) -> Vec<Raised> {
    raise_to(events, order, |_| true)
}

/// Raises events. Asserts that the driver received exactly the events that it asks for, and
/// returned success.
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

/// The driver's last completion of a request.
#[must_use]
pub fn last_completion() -> Completion {
    match Client::open().unwrap().send(&Command::Completions).unwrap() {
        Reply::Completions { completions } => *completions.last().expect("a completed request"),
        reply => panic!("{reply:?}"),
    }
}

/// The host's counts for the running driver.
#[must_use]
pub fn counts() -> Counts {
    match Client::open().unwrap().send(&Command::Loads).unwrap() {
        Reply::Loads(report) => report.running.expect("the driver runs"),
        reply => panic!("{reply:?}"),
    }
}

/// The queues of the driver's device, in the order of their creation.
///
/// # Panics
///
/// If the host sends no such reply.
#[must_use]
pub fn queues() -> Vec<QueueReport> {
    match Client::open().unwrap().send(&Command::Queues).unwrap() {
        Reply::Queues { queues } => queues,
        reply => panic!("{reply:?}"),
    }
}

/// Waits until the driver's manual queues hold this many requests.
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
        assert!(begin.elapsed() < PATIENCE, "the queues do not hold {count} requests: {queues:?}");
        sleep(Duration::from_millis(1));
    }
}

/// The properties of the driver's device.
pub(crate) fn device_report() -> DeviceReport {
    match Client::open().unwrap().send(&Command::Device).unwrap() {
        Reply::Device(report) => report,
        reply => panic!("{reply:?}"),
    }
}

/// Deletes earlier verdicts.
pub fn clear_verdicts() {
    let _there_may_be_none = std::fs::remove_file(VERDICT_PATH);
}

/// The verdicts since the last [`clear_verdicts`]. Ignores a line that the host has not finished
/// writing.
#[must_use]
pub fn verdicts() -> Vec<Verdict> {
    let text = std::fs::read_to_string(VERDICT_PATH).unwrap_or_default();
    let whole = text.rfind('\n').map_or("", |end| &text[..end]);
    read_verdicts(whole).unwrap()
}
