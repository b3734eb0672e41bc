//! What WTS and LSA know of the sessions of this machine.

use super::{logons, stations};
use crate::who::{self, DirectoryError, Logon, Session};

/// WTS and LSA of this machine.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Directory;

impl who::Directory for Directory {
    fn sessions(&self) -> Result<Vec<Session>, DirectoryError> {
        stations::sessions()
    }

    fn session(&self, session_id: u32) -> Result<Option<Session>, DirectoryError> {
        stations::session(session_id)
    }

    fn logons(&self) -> Result<Vec<Logon>, DirectoryError> {
        logons::logons()
    }
}
