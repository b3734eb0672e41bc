//! The diagnosis of `sessionwatch doctor`.
//!
//! [`diagnose`] turns the [`Facts`] about a machine into findings with advice. Only the facts come
//! from Windows, so the tests of the diagnosis run on any machine.
//!
//! *How does it tell a quiet machine from a blind driver?* The driver reports that it is
//! registered, but that is not enough. The driver is blind if user mode knows a logon after the
//! driver's load, and the driver has seen no event since that logon.

mod diagnosis;
mod facts;
mod finding;
mod journal;

pub use diagnosis::diagnose;
pub use facts::{Facts, Service, ServiceState, StartType, WindowsVersion};
pub use finding::{Finding, State};
