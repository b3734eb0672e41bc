//! The interface of the driver for the reader: bytes in, bytes out.

use std::borrow::Cow;
use std::ops::Range;

use sessionwatch_failure::{Exit, Failure, WindowsError, code};
use sessionwatch_protocol::{ControlCode, Rejection};
use thiserror::Error;

/// An open device.
///
/// The tool knows the driver only through this trait, whose values are plain data. So everything
/// above the trait runs on any machine, and so do its tests.
pub trait Device {
    /// Sends a request and waits until the driver completes it. Returns the size of the reply in
    /// `output`, in bytes. A pending read may never complete.
    ///
    /// # Errors
    ///
    /// If the driver rejected the request, or the request did not reach it. The content of
    /// `output` is then undefined.
    fn control(
        &self,
        code: ControlCode,
        input: &[u8],
        output: &mut [u8],
    ) -> Result<usize, DeviceError>;

    /// The sequence numbers of a recording, which has an end. `None` for the driver, which
    /// records more.
    fn extent(&self) -> Option<Range<u64>> {
        None
    }
}

/// The error of opening a device or of a request.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[cfg_attr(
    test,
    derive(strum::EnumDiscriminants),
    strum_discriminants(derive(strum::VariantArray))
)]
pub enum DeviceError {
    /// The device does not exist.
    #[error("cannot open the driver: it is not running")]
    NotRunning,
    /// Windows denies this user access to the device.
    #[error("cannot open the driver: access denied ({})", code::ACCESS_DENIED)]
    AccessDenied,
    /// Windows reported another error when the device was opened.
    #[error("cannot open the driver: {0}")]
    Open(WindowsError),
    /// The driver rejected the request.
    #[error("the driver rejected the request: {0}")]
    Rejected(Rejection),
    /// Windows reported another error for a request.
    #[error("cannot ask the driver: {0}")]
    Request(WindowsError),
    /// The user interrupted the request: Ctrl-C.
    #[error("interrupted")]
    Interrupted,
    /// The recording has no more records, and the read would stay pending.
    #[error("the recording ends")]
    Ended,
    /// The recording cannot be read or written, for this reason.
    #[error("cannot continue with the recording: {0}")]
    Recording(String),
}

impl DeviceError {
    /// The error of opening the device.
    #[must_use]
    pub fn from_open(error: WindowsError) -> Self {
        match error.code {
            code::FILE_NOT_FOUND => Self::NotRunning,
            code::ACCESS_DENIED => Self::AccessDenied,
            _ => Self::Open(error),
        }
    }

    /// The error of a request.
    #[must_use]
    pub fn from_control(error: WindowsError) -> Self {
        match Rejection::from_win32_error(error.code) {
            Some(rejection) => Self::Rejected(rejection),
            None => Self::Request(error),
        }
    }
}

impl Failure for DeviceError {
    fn exit(&self) -> Exit {
        match self {
            Self::NotRunning => Exit::NotRunning,
            Self::AccessDenied => Exit::AccessDenied,
            Self::Rejected(Rejection::UnknownVersion) => Exit::OtherVersion,
            Self::Rejected(_) => Exit::Rejected,
            Self::Open(_) | Self::Request(_) | Self::Interrupted | Self::Ended => Exit::Windows,
            Self::Recording(_) => Exit::File,
        }
    }

    fn hint(&self) -> Option<Cow<'static, str>> {
        Some(
            match self {
                Self::NotRunning => {
                    "start it with `sc start sessionwatch` in an elevated prompt, or install it first"
                }
                Self::AccessDenied => "run this from an elevated prompt (\"Run as administrator\")",
                Self::Rejected(Rejection::TooManyPendingReads) => {
                    "end a program that follows the journal, or use `sessionwatch read`"
                }
                Self::Rejected(_) => "install the driver and the tool of one release",
                Self::Open(_) | Self::Request(_) => {
                    "look at the driver's state with `sc query sessionwatch`"
                }
                Self::Recording(_) => "check that the file was not changed, and that the disk has room",
                Self::Interrupted | Self::Ended => return None,
            }
            .into(),
        )
    }
}

#[cfg(test)]
mod tests {
    use sessionwatch_failure::testing::assert_every_kind;

    use super::*;

    fn error(code: u32) -> WindowsError {
        WindowsError { code, message: "as Windows says it".to_owned() }
    }

    #[test]
    fn an_error_of_opening_depends_on_its_number() {
        assert_eq!(DeviceError::from_open(error(2)), DeviceError::NotRunning);
        assert_eq!(DeviceError::from_open(error(5)), DeviceError::AccessDenied);
        // ERROR_INVALID_FUNCTION is a rejection only of a request.
        assert_eq!(DeviceError::from_open(error(1)), DeviceError::Open(error(1)));
    }

    #[test]
    fn an_error_of_a_request_is_a_rejection_or_the_systems() {
        assert_eq!(
            DeviceError::from_control(error(Rejection::UnknownVersion.win32_error())),
            DeviceError::Rejected(Rejection::UnknownVersion)
        );
        assert_eq!(DeviceError::from_control(error(995)), DeviceError::Request(error(995)));
    }

    #[test]
    fn every_kind_says_what_failed_why_and_what_to_do() {
        let rejections = [
            Rejection::UnknownCode,
            Rejection::Truncated,
            Rejection::Oversized,
            Rejection::Misaligned,
            Rejection::UnknownVersion,
            Rejection::InvalidField,
            Rejection::TooManyPendingReads,
            Rejection::OutputTooSmall { needed: 0 },
        ];
        let mut errors = vec![
            DeviceError::NotRunning,
            DeviceError::AccessDenied,
            DeviceError::Open(error(31)),
            DeviceError::Request(error(995)),
            DeviceError::Interrupted,
            DeviceError::Ended,
            DeviceError::Recording("it was changed".to_owned()),
        ];
        errors.extend(rejections.map(DeviceError::Rejected));
        assert_every_kind::<_, DeviceErrorDiscriminants>(&errors);
        let hint = DeviceError::NotRunning.hint().unwrap();
        assert!(hint.contains("`sc start sessionwatch`"), "{hint}");
        assert_eq!(DeviceError::Rejected(Rejection::UnknownVersion).exit(), Exit::OtherVersion);
    }
}
