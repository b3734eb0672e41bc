//! Sessions, derived from the records of the driver and the answers of user mode.
//!
//! The [`Explainer`] takes a stream of records, lost sequence numbers included. It returns the
//! meaning of each event ([`Step`]), and a summary of each instance of a session id
//! ([`Instance`]). [`join`] puts the driver's and user mode's view of the present sessions
//! side by side, and [`Attribution`] finds the users behind the newest events.
//!
//! The crate claims only facts that the records show. A span has both its ends in the stream and
//! no lost sequence number between them. A transition is unexpected only if no event is missing.
//! This crate does no I/O, and knows no form of output and no command line.

mod attribution;
mod explainer;
mod hand_over;
mod instance;
mod present;
mod step;
mod transition;

pub use attribution::Attribution;
pub use explainer::Explainer;
pub use hand_over::HandOver;
pub use instance::{Began, Ended, Instance, Moment, Remark};
pub use present::{PresentSession, SessionKind, join};
pub use step::{Meaning, Step};
pub use transition::Unexpected;
