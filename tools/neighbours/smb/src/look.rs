//! One look at a server.

use jiff::Timestamp;

use crate::difference::Elapsed;
use crate::session::Session;

/// One look at a server: the sessions it had at that time.
#[derive(Clone, Debug)]
pub struct Look {
    /// The time when the server's answer came.
    pub time: Timestamp,
    /// The time since the look before; zero for the first look.
    pub elapsed: Elapsed,
    /// The sessions.
    pub sessions: Vec<Session>,
}
