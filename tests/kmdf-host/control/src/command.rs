//! Commands to the host, and its replies.

use serde::{Deserialize, Serialize};

use crate::{Counts, Event, Listener, State, Verdict};

/// A command to the host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Command {
    /// Test the connection. The reply is [`Reply::Pong`].
    Ping,
    /// Raise session events.
    Raise {
        /// The order of the events.
        order: Order,
        /// The events.
        events: Vec<Raise>,
    },
    /// Advance the clocks of the machine.
    AdvanceClocks {
        /// The time by which to advance them, in milliseconds.
        by_ms: u64,
    },
    /// Return the parameters of the driver's device.
    Device,
    /// Return the counts of the running load, and the verdicts on earlier ones.
    Loads,
    /// Return the requests that the driver completed last, oldest first.
    Completions,
    /// Return the state of the device's queues.
    Queues,
    /// Replace the trace session that listens.
    Listen {
        /// The new session; `None` ends the tracing.
        listener: Option<Listener>,
    },
}

/// The order of the events of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    /// One after the other, in the order of the batch.
    Serial,
    /// In order within a session, and different sessions at the same time, as on Windows.
    Concurrent,
}

/// One session event, with every default filled in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Raise {
    /// The session id.
    pub session: u32,
    /// The event code.
    pub event: Event,
    /// The session's state, which the host sets before it calls the driver.
    pub state: State,
    /// The `LocalSession` byte that `IoGetContainerInformation` returns.
    pub local: u8,
    /// The payload for the callback.
    pub payload: Payload,
    /// True to make `IoGetContainerInformation` fail inside this callback.
    pub information_fails: bool,
}

/// The payload of one event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Payload {
    /// The bytes in hexadecimal digits; `None` passes a NULL pointer.
    pub bytes: Option<String>,
    /// The length that the callback gets. It may differ from the number of bytes.
    pub length: u32,
}

/// A reply of the host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "reply", rename_all = "kebab-case")]
pub enum Reply {
    /// The reply to [`Command::Ping`].
    Pong,
    /// The reply to [`Command::Raise`].
    Raised(RaiseReport),
    /// The reply to [`Command::AdvanceClocks`].
    Advanced {
        /// The clocks afterwards.
        now: Clock,
    },
    /// The reply to [`Command::Device`].
    Device(DeviceReport),
    /// The reply to [`Command::Loads`].
    Loads(LoadReport),
    /// The reply to [`Command::Completions`].
    Completions {
        /// The completed requests, oldest first.
        completions: Vec<Completion>,
    },
    /// The reply to [`Command::Queues`].
    Queues {
        /// The queues, in the order in which the driver created them.
        queues: Vec<QueueReport>,
    },
    /// The reply to [`Command::Listen`].
    Listening {
        /// The number of providers whose enable callback was called.
        providers: usize,
    },
    /// The host rejected the command.
    Refused {
        /// The reason.
        reason: String,
    },
}

/// The outcomes of a batch of events.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RaiseReport {
    /// One entry for each event, in the order of the batch.
    pub outcomes: Vec<Outcome>,
}

/// The outcome of one event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// The status that each callback returned; empty if no registration covers the event.
    pub statuses: Vec<i32>,
    /// The clocks before the first callback was called.
    pub before: Clock,
    /// The clocks after the last callback returned.
    pub after: Clock,
}

/// The two clocks of the kernel, in units of 100 ns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clock {
    /// Since 1601, UTC.
    pub system: u64,
    /// Since the machine started; never set back.
    pub interrupt: u64,
}

/// The parameters with which the driver created its device.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceReport {
    /// The name in the object manager's namespace.
    pub name: Option<String>,
    /// The symbolic link.
    pub symbolic_link: Option<String>,
    /// The security descriptor, as the driver wrote it.
    pub sddl: String,
    /// `FILE_DEVICE_...`.
    pub device_type: u32,
    /// `FILE_...` characteristics, including those that the framework adds.
    pub characteristics: u32,
    /// `WDF_DEVICE_IO_TYPE`.
    pub io_type: u32,
    /// True if at most one handle may be open.
    pub exclusive: bool,
    /// True once the device can be opened.
    pub finished: bool,
    /// The number of open handles.
    pub open_handles: u32,
}

/// The loads of this process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoadReport {
    /// The counts of the running load, if there is one.
    pub running: Option<Counts>,
    /// The verdicts on earlier loads.
    pub verdicts: Vec<Verdict>,
}

/// A queue of the device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueueReport {
    /// True for the queue of new requests.
    pub is_default: bool,
    /// True if the driver retrieves the requests itself.
    pub is_manual: bool,
    /// True if the queue accepts requests.
    pub accepting: bool,
    /// The number of requests in the queue.
    pub waiting: u32,
    /// The number of requests that the driver got from it and has neither completed nor
    /// forwarded.
    pub owned: u32,
}

/// The completion of a request. With an error, Wine drops the `Information`, and Windows stores
/// it in the I/O status block of an overlapped request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Completion {
    /// The control code, or 0 for another request.
    pub code: u32,
    /// The `NTSTATUS`.
    pub status: u32,
    /// The `Information`.
    pub information: u64,
}
