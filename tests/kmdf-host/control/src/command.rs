//! What is asked of the host, and what it answers.

use serde::{Deserialize, Serialize};

use crate::{Counts, Event, Listener, State, Verdict};

/// A command to the host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Command {
    /// Answered with [`Reply::Pong`].
    Ping,
    /// Raise session events.
    Raise {
        /// How the events of the batch follow each other.
        order: Order,
        /// The events.
        events: Vec<Raise>,
    },
    /// What the driver asked for when it made its device.
    Device,
    /// The load that is running and what was said of those before it.
    Loads,
    /// The requests that the driver completed last, oldest first.
    Completions,
    /// What waits in the device's queues.
    Queues,
    /// A trace session begins to listen, in place of the one before.
    Listen {
        /// Nobody listens any more if there is none.
        listener: Option<Listener>,
    },
}

/// How the events of a batch follow each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    /// One after the other, as written.
    Serial,
    /// In order within a session; sessions at the same time, as Windows does.
    Concurrent,
}

/// One session event, with nothing left to guess.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Raise {
    /// The session id.
    pub session: u32,
    /// The event number.
    pub event: Event,
    /// The state that is stored before anybody is told.
    pub state: State,
    /// The byte that `IoGetContainerInformation` gives as `LocalSession`.
    pub local: u8,
    /// What the callback gets as payload.
    pub payload: Payload,
    /// Whether `IoGetContainerInformation` fails inside this callback.
    pub information_fails: bool,
}

/// The payload of one event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Payload {
    /// The bytes in hexadecimal digits; without them the pointer is NULL.
    pub bytes: Option<String>,
    /// The length the callback is told, whatever the bytes are.
    pub length: u32,
}

/// What the host answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "reply", rename_all = "kebab-case")]
pub enum Reply {
    /// The answer to a ping.
    Pong,
    /// The answer to a raise.
    Raised(RaiseReport),
    /// The answer to the question for the device.
    Device(DeviceReport),
    /// The answer to the question for loads.
    Loads(LoadReport),
    /// The answer to the question for completions.
    Completions {
        /// Oldest first.
        completions: Vec<Completion>,
    },
    /// The answer to the question for queues.
    Queues {
        /// In the order in which the driver made them.
        queues: Vec<QueueReport>,
    },
    /// The answer to a trace session that listens.
    Listening {
        /// How many providers were told.
        providers: usize,
    },
    /// The command could not be carried out.
    Refused {
        /// Why not.
        reason: String,
    },
}

/// What came of a batch of events, in the order in which they were asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RaiseReport {
    /// One entry for each event.
    pub outcomes: Vec<Outcome>,
}

/// What came of one event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// What each callback returned; empty when nobody was registered for the event.
    pub statuses: Vec<i32>,
    /// The clocks before the first callback was called.
    pub before: Clock,
    /// The clocks after the last callback returned.
    pub after: Clock,
}

/// The two clocks a driver can read, in units of 100 ns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clock {
    /// Since 1601, UTC.
    pub system: u64,
    /// Since the machine started; never set back.
    pub interrupt: u64,
}

/// What the driver asked for when it made its device.
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
    /// `FILE_...` characteristics, with what the framework adds.
    pub characteristics: u32,
    /// `WDF_DEVICE_IO_TYPE`.
    pub io_type: u32,
    /// Whether only one handle may be open.
    pub exclusive: bool,
    /// Whether the device can be opened yet.
    pub finished: bool,
    /// How many handles are open.
    pub open_handles: u32,
}

/// The load that is running and what was said of those before it in this process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoadReport {
    /// The counts of the load that is running, if one is.
    pub running: Option<Counts>,
    /// The verdicts on earlier loads.
    pub verdicts: Vec<Verdict>,
}

/// A queue of the device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueueReport {
    /// Whether new requests come to it.
    pub is_default: bool,
    /// Whether the driver has to ask for its requests.
    pub is_manual: bool,
    /// Whether it takes requests.
    pub accepting: bool,
    /// How many requests wait in it.
    pub waiting: u32,
    /// How many requests the driver got out of it and has not completed or forwarded.
    pub owned: u32,
}

/// How the driver completed a request. Wine passes no `Information` on with an error; Windows
/// puts it into the I/O status block of an overlapped request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Completion {
    /// The control code, or 0 for another request.
    pub code: u32,
    /// The `NTSTATUS`.
    pub status: u32,
    /// The `Information`.
    pub information: u64,
}
