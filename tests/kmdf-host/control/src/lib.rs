//! How tests talk to the KMDF host: commands, scenarios, verdicts.
//!
//! [`Command`] and [`Reply`] travel as JSON over one buffered control code of `\\.\KmdfHost`.
//! A [`Scenario`] is a file of session events; it is checked and completed here, so the host
//! raises exactly what it is told. A [`Verdict`] is one line of the host's verdict file.
//! Everything but `client`, which is there on Windows only, is pure and works on any machine.

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

/// The one control code of the host: `CTL_CODE(FILE_DEVICE_UNKNOWN, 0x801, METHOD_BUFFERED,
/// FILE_ANY_ACCESS)`. The input is a [`Command`], the output a [`Reply`], both as JSON.
pub const CONTROL_CODE: u32 = 0x0022_2004;

/// Where the host writes its verdicts, one line of JSON each, newest last.
pub const VERDICT_PATH: &str = r"C:\kmdf-host\verdict.json";
