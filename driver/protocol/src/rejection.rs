//! Why a request is refused.

/// Why the driver refuses a request. Each reason has an `NTSTATUS` of its own,
/// and none of them writes a byte of output.
///
/// User mode sees the Win32 error into which Windows translates the status
/// (`RtlNtStatusToDosError`); these differ from each other as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Rejection {
    /// The control code is none of ours.
    UnknownCode,
    /// The request is shorter than its structure.
    Truncated,
    /// The request is longer than its structure.
    Oversized,
    /// The request does not lie on an 8-byte boundary. The I/O manager aligns
    /// its copy of what user mode sends, so only a kernel caller can meet this.
    Misaligned,
    /// The request is of a version that this driver does not speak.
    UnknownVersion,
    /// A field has a value that means nothing: an unknown flag, or number 0.
    InvalidField,
    /// As many reads of this handle, or of all handles, wait as may.
    TooManyPendingReads,
    /// The output buffer cannot hold the smallest reply; the needed size, in
    /// bytes, is in the `Information` of the I/O status block.
    OutputTooSmall {
        /// The smallest output buffer that would do, in bytes.
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

    /// The reason behind a Win32 error of `DeviceIoControl`, if it is one of
    /// these. The needed size does not travel in the error; it comes out as 0.
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
            Self::InvalidField => "a field of the request has a value without a meaning",
            Self::TooManyPendingReads => "too many reads are waiting already",
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
    fn every_reason_has_a_status_and_an_error_of_its_own() {
        assert_eq!(ALL.map(Rejection::ntstatus).iter().collect::<HashSet<_>>().len(), ALL.len());
        for rejection in ALL {
            assert_eq!(Rejection::from_win32_error(rejection.win32_error()), Some(rejection));
            assert_eq!(rejection.ntstatus() >> 30, 3, "{rejection} must be an error status");
        }
        assert_eq!(Rejection::from_win32_error(5), None);
    }

    #[test]
    fn every_reason_reads_as_one_of_its_own() {
        assert_eq!(
            ALL.map(|rejection| rejection.to_string()).iter().collect::<HashSet<_>>().len(),
            8
        );
        assert_eq!(
            Rejection::TooManyPendingReads.to_string(),
            "too many reads are waiting already"
        );
    }
}
