//! The interface of user mode, as a trait of plain data.

use std::borrow::Cow;
use std::fmt;

use sessionwatch_failure::{Exit, Failure, WindowsError};

use crate::logon::Logon;
use crate::session::Session;

/// The sessions and logons that user mode knows.
pub trait Directory {
    /// The sessions that WTS lists, including listeners. Only the fields of the list are set:
    /// names, state and station.
    ///
    /// # Errors
    ///
    /// If Windows returns no list.
    fn sessions(&self) -> Result<Vec<Session>, DirectoryError>;

    /// Everything that WTS knows about a session; `None` if WTS has no such session or no
    /// information about it.
    ///
    /// # Errors
    ///
    /// If Windows does not answer.
    fn session(&self, session_id: u32) -> Result<Option<Session>, DirectoryError>;

    /// The logon sessions of LSA that this user may see. Administrators see all of them, other
    /// users their own.
    ///
    /// # Errors
    ///
    /// If Windows returns no list.
    fn logons(&self) -> Result<Vec<Logon>, DirectoryError>;
}

/// A failed call of Windows, so a [`Directory`] has no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirectoryError {
    /// The name of the function.
    pub call: &'static str,
    /// Its error.
    pub error: WindowsError,
}

impl fmt::Display for DirectoryError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.error.code {
            0 => formatter.write_str("Windows returned no session list and no reason"),
            _ => write!(
                formatter,
                "cannot look up who is in the sessions: {} failed: {}",
                self.call, self.error
            ),
        }
    }
}

impl std::error::Error for DirectoryError {}

impl Failure for DirectoryError {
    fn exit(&self) -> Exit {
        Exit::Windows
    }

    fn hint(&self) -> Option<Cow<'static, str>> {
        Some("to see the driver's sessions alone, use `sessionwatch follow --snapshot`".into())
    }
}

#[cfg(test)]
mod tests {
    use sessionwatch_failure::testing::assert_sentences;

    use super::*;

    #[test]
    fn an_error_names_the_call_and_the_reason_if_there_is_one() {
        let error = |code| DirectoryError {
            call: "WTSEnumerateSessionsExW",
            error: WindowsError { code, message: "Access is denied".to_owned() },
        };
        assert_eq!(error(0).to_string(), "Windows returned no session list and no reason");
        let denied = error(5).to_string();
        assert!(
            denied.ends_with("WTSEnumerateSessionsExW failed: Access is denied (5)"),
            "{denied}"
        );
        assert_sentences(&[error(0), error(5)]);
    }
}
