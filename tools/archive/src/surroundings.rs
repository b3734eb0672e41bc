//! The world around the log, as a trait, so that a test can stop it, advance its clocks, and look at
//! it.

use std::time::Duration;

use sessionwatch_reader::time::SystemTime;

/// The world around the log: clocks, the wish to stop, and the place for its state.
pub trait Surroundings: Send + Sync {
    /// The wall clock.
    fn now(&self) -> SystemTime;

    /// A clock that never steps, from any beginning.
    fn monotonic(&self) -> Duration;

    /// Waits this long, or until the service stops; true if it stops.
    fn stops_within(&self, time: Duration) -> bool;

    /// The session changes since the start that were dropped, because too many waited.
    fn dropped_changes(&self) -> u64;

    /// Publishes the trouble for `service status` and `doctor`; `None` clears it.
    fn show(&self, trouble: Option<&Trouble>);
}

/// The reason why the log cannot be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// The time of the first failure.
    pub since: SystemTime,
    /// The failed operation and its error.
    pub reason: String,
}
