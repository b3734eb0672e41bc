//! The Windows half: WTS and LSA of this machine.

mod logons;
mod memory;
mod secur32;
mod stations;
mod wtsapi32;

use sessionwatch_failure::WindowsError;
use sessionwatch_system32::LoadError;

use self::secur32::Lsa;
use self::wtsapi32::Wts;
use crate::directory::{Directory, DirectoryError};
use crate::logon::Logon;
use crate::session::Session;

/// WTS and LSA of this machine.
#[derive(Clone, Copy, Debug)]
pub struct ThisMachine {
    wts: &'static Wts,
    lsa: &'static Lsa,
}

impl ThisMachine {
    /// Loads the DLLs of WTS and LSA from System32.
    ///
    /// # Errors
    ///
    /// If Windows lacks one of their functions.
    pub fn new() -> Result<Self, DirectoryError> {
        let failed = |LoadError { attempt, error }| failed(attempt, error);
        Ok(Self { wts: Wts::load().map_err(failed)?, lsa: Lsa::load().map_err(failed)? })
    }
}

impl Directory for ThisMachine {
    fn sessions(&self) -> Result<Vec<Session>, DirectoryError> {
        stations::sessions(self.wts)
    }

    fn session(&self, session_id: u32) -> Result<Option<Session>, DirectoryError> {
        stations::session(self.wts, session_id)
    }

    fn logons(&self) -> Result<Vec<Logon>, DirectoryError> {
        logons::logons(self.lsa)
    }
}

/// The error of a call.
const fn failed(call: &'static str, error: WindowsError) -> DirectoryError {
    DirectoryError { call, error }
}
