//! The requests of a reader.

use core::mem::{offset_of, size_of};

use bitflags::bitflags;
use zerocopy::little_endian::{U32, U64};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use crate::version::VERSION;

/// The first eight bytes of every request.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned,
)]
#[repr(C)]
pub struct RequestHeader {
    /// [`VERSION`]. The driver rejects any other version.
    pub version: U32,
    /// The operation's flags. The driver rejects a flag that the operation does not have.
    pub flags: U32,
}

/// Requests a [`DescribeReply`](crate::DescribeReply). Has no flags.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned,
)]
#[repr(C)]
pub struct DescribeRequest {
    /// Version and flags.
    pub header: RequestHeader,
}

impl DescribeRequest {
    /// The request of this version.
    #[must_use]
    pub const fn new() -> Self {
        Self { header: RequestHeader { version: U32::new(VERSION), flags: U32::ZERO } }
    }
}

impl Default for DescribeRequest {
    fn default() -> Self {
        Self::new()
    }
}

/// Requests a [`SessionsReply`](crate::SessionsReply). Has no flags.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned,
)]
#[repr(C)]
pub struct SessionsRequest {
    /// Version and flags.
    pub header: RequestHeader,
}

impl SessionsRequest {
    /// The request of this version.
    #[must_use]
    pub const fn new() -> Self {
        Self { header: RequestHeader { version: U32::new(VERSION), flags: U32::ZERO } }
    }
}

impl Default for SessionsRequest {
    fn default() -> Self {
        Self::new()
    }
}

bitflags! {
    /// The flags of a read.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
    pub struct ReadFlags: u32 {
        /// Stay pending until record `from` exists. The read may complete without a
        /// record if many readers start and cancel reads during an event.
        const WAIT = 0x0001;
    }
}

/// Requests the records from a sequence number on.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned,
)]
#[repr(C)]
pub struct ReadRequest {
    /// Version and [`ReadFlags`].
    pub header: RequestHeader,
    /// The sequence number of the first record wanted, at least 1. A sequence number
    /// that no record has yet is not an error: the reply is empty, or the read stays pending.
    pub from: U64,
}

impl ReadRequest {
    /// Requests the records from sequence number `from` on.
    #[must_use]
    pub const fn new(from: u64) -> Self {
        Self {
            header: RequestHeader { version: U32::new(VERSION), flags: U32::ZERO },
            from: U64::new(from),
        }
    }

    /// Requests the records from sequence number `from` on, and stays pending until record
    /// `from` exists.
    #[must_use]
    pub const fn waiting(from: u64) -> Self {
        let flags = U32::new(ReadFlags::WAIT.bits());
        Self { header: RequestHeader { version: U32::new(VERSION), flags }, from: U64::new(from) }
    }

    /// The flags; `None` if a bit is set that this version does not have.
    #[must_use]
    pub const fn flags(&self) -> Option<ReadFlags> {
        ReadFlags::from_bits(self.header.flags.get())
    }
}

const _: () = {
    assert!(size_of::<RequestHeader>() == 8);
    assert!(size_of::<DescribeRequest>() == 8);
    assert!(size_of::<SessionsRequest>() == 8);
    assert!(size_of::<ReadRequest>() == 16);
    assert!(offset_of!(ReadRequest, from) == 8);
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bytes_of_the_requests_are_stable() {
        assert_eq!(DescribeRequest::new().as_bytes(), [1, 0, 0, 0, 0, 0, 0, 0]);
        assert_eq!(
            ReadRequest::new(0x0102_0304_0506_0708).as_bytes(),
            [1, 0, 0, 0, 0, 0, 0, 0, 8, 7, 6, 5, 4, 3, 2, 1]
        );
        assert_eq!(
            ReadRequest::waiting(9).as_bytes(),
            [1, 0, 0, 0, 1, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0]
        );
        assert_eq!(DescribeRequest::default(), DescribeRequest::new());
        assert_eq!(SessionsRequest::new().as_bytes(), [1, 0, 0, 0, 0, 0, 0, 0]);
        assert_eq!(SessionsRequest::default(), SessionsRequest::new());
    }

    #[test]
    fn an_unknown_flag_of_a_read_is_detected() {
        assert_eq!(ReadRequest::new(1).flags(), Some(ReadFlags::empty()));
        let mut request = ReadRequest::waiting(1);
        assert_eq!(request.flags(), Some(ReadFlags::WAIT));
        request.header.flags = 0x8001.into();
        assert_eq!(request.flags(), None);
    }
}
