//! Controls the KMDF host from tests: commands, scenarios, verdicts.
//!
//! [`Command`] and [`Reply`] are JSON, sent with one buffered control code of `\\.\KmdfHost`. A
//! [`Scenario`] is a file of session events. This crate checks it and fills in its defaults, so
//! the host raises exactly the events that it gets. A [`Verdict`] is one line of the host's
//! verdict file. The module `client` exists on Windows only; everything else is pure and works on
//! any machine.

#[cfg(windows)]
pub mod client;
mod command;
mod injection;
mod rule;
mod scenario;
mod session;
mod trace;
mod verdict;

pub use command::{
    Clock, Command, Completion, DeviceReport, LoadReport, Order, Outcome, Payload, QueueReport,
    Raise, RaiseReport, Reply,
};
pub use injection::{INJECTION_PATH, Injection, Plan, SITES_PATH, Site};
pub use rule::Rule;
pub use scenario::{CustomPayload, Flag, Information, PayloadPlan, Scenario, ScenarioError, Step};
pub use session::{Event, State};
pub use trace::{LISTENER_PATH, Listener, TRACE_PATH, TraceBlock, TraceEvent};
pub use verdict::{Counts, Verdict, read_verdicts};

/// The device of the host, as a Win32 path.
pub const DEVICE_PATH: &str = r"\\.\KmdfHost";

/// The host's only control code: `CTL_CODE(FILE_DEVICE_UNKNOWN, 0x801, METHOD_BUFFERED,
/// FILE_ANY_ACCESS)`. The input is a [`Command`], the output a [`Reply`], both as JSON.
pub const CONTROL_CODE: u32 = 0x0022_2004;

/// The file with the host's verdicts, one line of JSON each, newest last.
pub const VERDICT_PATH: &str = r"C:\kmdf-host\verdict.json";
