//! What is wrong, and what to do: `sessionwatch doctor`.
//!
//! The [`Facts`] are what could be found out, [`diagnose`] says what they mean. It is a
//! function of plain data and is tested on any machine; only the facts are Windows'.
//!
//! *How is a quiet machine told from a blind driver?* The driver says whether Windows
//! tells it of events. Beyond that its word is not taken: where somebody logged on after
//! it was started, as user mode knows, and it has seen no event since, it is blind.

mod diagnosis;
mod facts;
mod finding;
mod journal;

pub use diagnosis::diagnose;
pub use facts::{Facts, Service, ServiceState, StartType, WindowsVersion, examine};
pub use finding::{Finding, State};
