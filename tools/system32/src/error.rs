//! Why a DLL is not usable.

use std::borrow::Cow;

use sessionwatch_failure::{Exit, Failure, WindowsError};
use thiserror::Error;

/// Why a DLL of System32 is not usable.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{attempt} failed: {error}")]
pub struct LoadError {
    /// The attempt: `loading wtsapi32.dll`, or `finding WTSFreeMemory in wtsapi32.dll`.
    pub attempt: &'static str,
    /// Its error.
    pub error: WindowsError,
}

impl Failure for LoadError {
    fn exit(&self) -> Exit {
        Exit::Windows
    }

    fn hint(&self) -> Option<Cow<'static, str>> {
        Some(
            "repair the system files of Windows: run `sfc /scannow` from an elevated prompt".into(),
        )
    }
}

#[cfg(test)]
mod tests {
    use sessionwatch_failure::testing::assert_sentences;

    use super::*;

    #[test]
    fn an_error_names_the_dll_and_the_reason() {
        let error = |attempt, code, message: &str| LoadError {
            attempt,
            error: WindowsError { code, message: message.to_owned() },
        };
        let errors = [
            error("loading wtsapi32.dll", 126, "The specified module could not be found"),
            error("finding WTSFreeMemory in wtsapi32.dll", 127, "Procedure not found"),
        ];
        assert_eq!(
            errors[0].to_string(),
            "loading wtsapi32.dll failed: The specified module could not be found (126)"
        );
        assert_sentences(&errors);
    }
}
