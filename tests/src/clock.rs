//! Moments on the clocks that the driver reads, as the host reports them.

use kmdf_host_control::Clock;
use sessionwatch_protocol::Record;

/// The stretch of time in which an event was raised.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// Before the driver was called.
    pub before: Clock,
    /// After it returned.
    pub after: Clock,
}

impl Moment {
    /// Whether both times of a record lie within.
    #[must_use]
    pub fn covers(&self, record: &Record) -> bool {
        let system = self.before.system..=self.after.system;
        let monotonic = self.before.interrupt..=self.after.interrupt;
        system.contains(&record.system_time.get())
            && monotonic.contains(&record.monotonic_time.get())
    }
}
