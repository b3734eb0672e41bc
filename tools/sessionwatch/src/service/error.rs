//! Errors of requests to the service manager.

use std::borrow::Cow;

use sessionwatch_failure::{Exit, Failure, WindowsError, code};
use thiserror::Error;

use super::NAME;

/// `ERROR_SERVICE_DOES_NOT_EXIST` of `winerror.h`.
pub const SERVICE_DOES_NOT_EXIST: u32 = 1060;
/// `ERROR_FAILED_SERVICE_CONTROLLER_CONNECT` of `winerror.h`.
const FAILED_SERVICE_CONTROLLER_CONNECT: u32 = 1063;
/// `ERROR_SERVICE_EXISTS` of `winerror.h`.
const SERVICE_EXISTS: u32 = 1073;

/// A request that the service manager rejected.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ServiceError {
    /// The service manager rejected a request.
    #[error("cannot {action} the service: {error}")]
    Rejected {
        /// The request, as a verb.
        action: &'static str,
        /// The reason.
        error: WindowsError,
    },
    /// The service started, and does not write its log.
    #[error("cannot install the service: it does not write its log: {reason}")]
    NotWriting {
        /// The reason.
        reason: String,
    },
    /// A file of the removed service cannot be removed.
    #[error("cannot remove {file}: {reason}")]
    NotPurged {
        /// The file or folder.
        file: String,
        /// The reason.
        reason: String,
    },
}

impl Failure for ServiceError {
    fn exit(&self) -> Exit {
        match self {
            Self::Rejected { error, .. } if error.code == code::ACCESS_DENIED => Exit::AccessDenied,
            Self::Rejected { .. } => Exit::Windows,
            Self::NotWriting { .. } => Exit::NotRunning,
            Self::NotPurged { .. } => Exit::File,
        }
    }

    fn hint(&self) -> Option<Cow<'static, str>> {
        let error = match self {
            Self::Rejected { error, .. } => error,
            Self::NotWriting { .. } => {
                return Some("remove the cause, or name another folder with --folder".into());
            }
            Self::NotPurged { .. } => {
                return Some("close the program that has it open, then remove it by hand".into());
            }
        };
        Some(match error.code {
            code::ACCESS_DENIED => {
                "run this from an elevated prompt (\"Run as administrator\")".into()
            }
            SERVICE_DOES_NOT_EXIST => "install it with `sessionwatch service install`".into(),
            FAILED_SERVICE_CONTROLLER_CONNECT => {
                "only the service manager runs this; use `sessionwatch service install`".into()
            }
            SERVICE_EXISTS => "remove it first with `sessionwatch service remove`".into(),
            _ => format!("look at its state with `sc query {NAME}`").into(),
        })
    }
}

#[cfg(test)]
mod tests {
    use sessionwatch_failure::testing::assert_sentences;

    use super::*;

    #[test]
    fn every_reason_has_its_own_advice() {
        let error = |code| ServiceError::Rejected {
            action: "install",
            error: WindowsError { code, message: "as Windows says it".to_owned() },
        };
        let mut errors = [5, 1060, 1063, 1073, 1053].map(error).to_vec();
        errors.push(ServiceError::NotWriting { reason: "the disk is full".to_owned() });
        let file = "events.ndjson".to_owned();
        errors.push(ServiceError::NotPurged { file, reason: "it is in use".to_owned() });
        assert_sentences(&errors);
        assert_eq!(errors[0].exit(), Exit::AccessDenied);
        assert_eq!(errors[1].exit(), Exit::Windows);
        assert_eq!(errors[4].to_string(), "cannot install the service: as Windows says it (1053)");
    }
}
