//! Readings of the driver's clocks, as the host reports them.

use kmdf_host_control::Clock;
use sessionwatch_protocol::Record;

/// The time span in which the host raised an event.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// The clocks before the call of the driver.
    pub before: Clock,
    /// The clocks after the call.
    pub after: Clock,
}

impl Moment {
    /// True if both times of the record lie in this span.
    #[must_use]
    pub fn covers(&self, record: &Record) -> bool {
        let system = self.before.system..=self.after.system;
        let monotonic = self.before.interrupt..=self.after.interrupt;
        system.contains(&record.system_time.get())
            && monotonic.contains(&record.monotonic_time.get())
    }
}
