//! Errors of requests.

use std::borrow::Cow;

use sessionwatch_failure::{Exit, Failure};
use sessionwatch_protocol::{DecodeError, VERSION};
use thiserror::Error;

use crate::account::Imbalance;
use crate::device::DeviceError;

/// The error of a request.
#[derive(Debug, Error)]
#[cfg_attr(
    test,
    derive(strum::EnumDiscriminants),
    strum_discriminants(derive(strum::VariantArray))
)]
pub enum ReadError {
    /// The device failed.
    #[error(transparent)]
    Device(#[from] DeviceError),
    /// The reply is of another version of the contract.
    #[error("the driver speaks version {0} of the contract, this tool speaks version {VERSION}")]
    OtherVersion(u32),
    /// The bytes are not a reply.
    #[error("cannot use the driver's reply: {0}; nothing of it was shown")]
    BadReply(DecodeError),
    /// The reply does not continue the account.
    #[error("the driver's reply does not continue the last one: {0}; nothing of it was shown")]
    Unbalanced(#[from] Imbalance),
}

impl From<DecodeError> for ReadError {
    /// Distinguishes a reply of another version from bytes that are not a reply.
    fn from(error: DecodeError) -> Self {
        match error {
            DecodeError::Version(version) => Self::OtherVersion(version),
            other => Self::BadReply(other),
        }
    }
}

impl ReadError {
    /// True if the user interrupted the request.
    #[must_use]
    pub const fn is_interrupted(&self) -> bool {
        matches!(self, Self::Device(DeviceError::Interrupted))
    }
}

impl Failure for ReadError {
    fn exit(&self) -> Exit {
        match self {
            Self::Device(error) => error.exit(),
            Self::OtherVersion(_) => Exit::OtherVersion,
            Self::BadReply(_) | Self::Unbalanced(_) => Exit::BadReply,
        }
    }

    fn hint(&self) -> Option<Cow<'static, str>> {
        match self {
            Self::Device(error) => error.hint(),
            Self::OtherVersion(_) => Some("install the driver and the tool of one release".into()),
            Self::BadReply(_) | Self::Unbalanced(_) => {
                Some("report this as a bug, with the output of `sessionwatch status`".into())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use sessionwatch_failure::testing::assert_every_kind;

    use super::*;

    #[test]
    fn every_kind_says_what_failed_why_and_what_to_do() {
        let errors = [
            DeviceError::NotRunning.into(),
            DecodeError::Version(2).into(),
            DecodeError::Account.into(),
            Imbalance::NotContinued { expected: 1, actual: 2 }.into(),
        ];
        assert_every_kind::<_, ReadErrorDiscriminants>(&errors);
        assert_eq!(errors[1].exit(), Exit::OtherVersion);
        assert_eq!(errors[2].exit(), Exit::BadReply);
        assert!(!errors[0].is_interrupted());
        assert!(ReadError::from(DeviceError::Interrupted).is_interrupted());
    }
}
