//! Looks at a server, one after the other.

use super::{Elapsed, Session};
use crate::error::Error;
use crate::time::SystemTime;

/// A look at the server.
#[derive(Clone, Debug)]
pub struct Look {
    /// When its answer came.
    pub time: SystemTime,
    /// How much time may have passed since the look before it.
    pub elapsed: Elapsed,
    /// The sessions.
    pub sessions: Vec<Session>,
}

/// Looks at a server, one after the other.
pub trait Looks {
    /// The next look; returns when it is time for it.
    ///
    /// # Errors
    ///
    /// If there is no list, or the user wants no more.
    fn next(&mut self) -> Result<Look, Error>;
}
