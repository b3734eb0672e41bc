//! Event tracing: the listening trace session, and the events of a driver.

use serde::{Deserialize, Serialize};

/// The file with the [`Listener`], as JSON, at the moment when a driver registers as a provider.
/// Without the file, no session listens.
pub const LISTENER_PATH: &str = r"C:\kmdf-host\listener.json";

/// The file with every event that a driver wrote, even without a listener: one [`TraceEvent`] per
/// line, oldest first.
pub const TRACE_PATH: &str = r"C:\kmdf-host\trace.json";

/// A trace session that listens to a provider: the arguments of the enable callback.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Listener {
    /// Events up to this level.
    pub level: u8,
    /// Events with one of these keywords, that is `MatchAnyKeyword`.
    pub any_keyword: u64,
    /// Of those, events that have all of these keywords, that is `MatchAllKeyword`.
    pub all_keywords: u64,
}

/// An event of a driver: its `EVENT_DESCRIPTOR`, and its data, not decoded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TraceEvent {
    /// The provider's GUID, as Windows writes it.
    pub provider: String,
    /// The event's id; 0 for self-describing events.
    pub id: u16,
    /// The event's version.
    pub version: u8,
    /// The channel; 11 for self-describing events.
    pub channel: u8,
    /// The level, from 1, critical, to 5, verbose.
    pub level: u8,
    /// The opcode.
    pub opcode: u8,
    /// The task.
    pub task: u16,
    /// The keywords.
    pub keyword: u64,
    /// The blocks of data, in order.
    pub blocks: Vec<TraceBlock>,
}

/// A block of data of an event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TraceBlock {
    /// `EVENT_DATA_DESCRIPTOR_TYPE_...`: 0 for data, 1 for the event's own description, 2 for the
    /// provider's traits.
    pub kind: u8,
    /// The bytes in hexadecimal digits.
    pub bytes: String,
}
