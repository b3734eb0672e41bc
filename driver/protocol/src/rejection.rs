//! Reasons for rejecting a request.

/// The reason why the driver rejected a request. Each reason has its own `NTSTATUS`. A
/// rejected request writes no byte of output.
///
/// User mode sees the Win32 error to which Windows translates the status
/// (`RtlNtStatusToDosError`). Each reason has its own error, too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Rejection {
    /// The control code is not in the contract.
    UnknownCode,
    /// The request is shorter than its structure.
    Truncated,
    /// The request is longer than its structure.
    Oversized,
    /// The request is not on an 8-byte boundary. The I/O manager aligns its copy of a
    /// user-mode request, so this happens to kernel callers only.
    Misaligned,
    /// The request is of another version.
    UnknownVersion,
    /// A field has an invalid value: an unknown flag, or sequence number 0.
    InvalidField,
    /// The handle, or the driver, has reached its limit on pending reads.
    TooManyPendingReads,
    /// The output buffer cannot hold the smallest reply. The `Information` of the I/O status
    /// block has the needed size.
    OutputTooSmall {
        /// The size of the smallest output buffer, in bytes.
        needed: usize,
    },
}

impl Rejection {
    /// The `NTSTATUS` that completes the request (`ntstatus.h`).
    #[must_use]
    pub const fn ntstatus(self) -> u32 {
        match self {
            // STATUS_INVALID_DEVICE_REQUEST
            Self::UnknownCode => 0xC000_0010,
            // STATUS_INFO_LENGTH_MISMATCH
            Self::Truncated => 0xC000_0004,
            // STATUS_INVALID_BUFFER_SIZE
            Self::Oversized => 0xC000_0206,
            // STATUS_DATATYPE_MISALIGNMENT_ERROR
            Self::Misaligned => 0xC000_02C5,
            // STATUS_REVISION_MISMATCH
            Self::UnknownVersion => 0xC000_0059,
            // STATUS_INVALID_PARAMETER
            Self::InvalidField => 0xC000_000D,
            // STATUS_QUOTA_EXCEEDED
            Self::TooManyPendingReads => 0xC000_0044,
            // STATUS_BUFFER_TOO_SMALL
            Self::OutputTooSmall { .. } => 0xC000_0023,
        }
    }

    /// The Win32 error that user mode sees (`winerror.h`).
    #[must_use]
    pub const fn win32_error(self) -> u32 {
        match self {
            // ERROR_INVALID_FUNCTION
            Self::UnknownCode => 1,
            // ERROR_BAD_LENGTH
            Self::Truncated => 24,
            // ERROR_INVALID_USER_BUFFER
            Self::Oversized => 1784,
            // ERROR_NOACCESS
            Self::Misaligned => 998,
            // ERROR_REVISION_MISMATCH
            Self::UnknownVersion => 1306,
            // ERROR_INVALID_PARAMETER
            Self::InvalidField => 87,
            // ERROR_NOT_ENOUGH_QUOTA
            Self::TooManyPendingReads => 1816,
            // ERROR_INSUFFICIENT_BUFFER
            Self::OutputTooSmall { .. } => 122,
        }
    }

    /// The rejection with this Win32 error, if there is one. The error does not carry the
    /// needed size of the output, so it is 0.
    #[must_use]
    pub const fn from_win32_error(error: u32) -> Option<Self> {
        Some(match error {
            1 => Self::UnknownCode,
            24 => Self::Truncated,
            1784 => Self::Oversized,
            998 => Self::Misaligned,
            1306 => Self::UnknownVersion,
            87 => Self::InvalidField,
            1816 => Self::TooManyPendingReads,
            122 => Self::OutputTooSmall { needed: 0 },
            _ => return None,
        })
    }
}

impl core::fmt::Display for Rejection {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.write_str(match self {
            Self::UnknownCode => "the driver does not know this operation",
            Self::Truncated => "the request is shorter than its structure",
            Self::Oversized => "the request is longer than its structure",
            Self::Misaligned => "the request is not aligned to 8 bytes",
            Self::UnknownVersion => "the driver speaks another version of the contract",
            Self::InvalidField => "a field of the request has an invalid value",
            Self::TooManyPendingReads => "too many reads are pending",
            Self::OutputTooSmall { .. } => "the output buffer is too small for the smallest reply",
        })
    }
}

impl core::error::Error for Rejection {}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::string::ToString;

    use super::*;

    const ALL: [Rejection; 8] = [
        Rejection::UnknownCode,
        Rejection::Truncated,
        Rejection::Oversized,
        Rejection::Misaligned,
        Rejection::UnknownVersion,
        Rejection::InvalidField,
        Rejection::TooManyPendingReads,
        Rejection::OutputTooSmall { needed: 0 },
    ];

    #[test]
    fn every_rejection_has_its_own_status_and_error() {
        assert_eq!(ALL.map(Rejection::ntstatus).iter().collect::<HashSet<_>>().len(), ALL.len());
        for rejection in ALL {
            assert_eq!(Rejection::from_win32_error(rejection.win32_error()), Some(rejection));
            assert_eq!(rejection.ntstatus() >> 30, 3, "{rejection} must be an error status");
        }
        assert_eq!(Rejection::from_win32_error(5), None);
    }

    #[test]
    fn every_rejection_has_its_own_message() {
        assert_eq!(
            ALL.map(|rejection| rejection.to_string()).iter().collect::<HashSet<_>>().len(),
            8
        );
        assert_eq!(Rejection::TooManyPendingReads.to_string(), "too many reads are pending");
    }
}
