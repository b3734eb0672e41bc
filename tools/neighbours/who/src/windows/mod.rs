//! The Windows half: WTS and LSA of this machine.

mod logons;
mod memory;
mod stations;

use sessionwatch_failure::WindowsError;

use crate::directory::{Directory, DirectoryError};
use crate::logon::Logon;
use crate::session::Session;

/// WTS and LSA of this machine.
#[derive(Clone, Copy, Debug)]
pub struct ThisMachine;

impl Directory for ThisMachine {
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

/// The error of a call.
const fn failed(call: &'static str, error: WindowsError) -> DirectoryError {
    DirectoryError { call, error }
}
