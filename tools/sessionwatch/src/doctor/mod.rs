//! The diagnosis of `sessionwatch doctor`.
//!
//! [`diagnose`] turns the [`Facts`] about a machine into findings with advice. It is a function
//! of plain data, and tested on any machine; only the facts come from Windows.
//!
//! *How does it tell a quiet machine from a blind driver?* The driver says whether it is
//! registered. Its word is not enough: if user mode knows a logon after the driver was loaded,
//! and the driver has seen no event since, the driver is blind.

mod diagnosis;
mod facts;
mod finding;
mod journal;

pub use diagnosis::diagnose;
pub use facts::{Facts, Service, ServiceState, StartType, WindowsVersion};
pub use finding::{Finding, State};
