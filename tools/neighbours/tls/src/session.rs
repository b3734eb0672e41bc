//! What the system says of a TLS session: `SecPkgContext_SessionInfo`.

use bitflags::bitflags;
use thiserror::Error;

/// The most bytes that an id has: those of `rgbSessionId`.
const LONGEST_ID: usize = 32;

/// `SecPkgContext_SessionInfo` of `schannel.h`: whether a session is a
/// reconnection, and its id.
///
/// Source: the page of this structure in Microsoft's `sdk-api`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionInfo {
    /// `dwFlags`.
    pub flags: SessionFlags,
    /// The first `cbSessionId` bytes of `rgbSessionId`: at most 32, and none where
    /// the session has no id.
    pub id: Vec<u8>,
}

bitflags! {
    /// The bits of `dwFlags`.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct SessionFlags: u32 {
        /// `SSL_SESSION_RECONNECT`, the one documented bit: the session continues an earlier one.
        const RECONNECT = 0x1;
        // The others are shown as they are.
        const _ = !0;
    }
}

/// The id of a session is said to be longer than any can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("a session id of {0} bytes, where {LONGEST_ID} are the most")]
pub struct TooLong(
    /// What `cbSessionId` says.
    pub u32,
);

impl SessionFlags {
    /// True if the session continues an earlier one.
    #[must_use]
    pub const fn is_reconnect(self) -> bool {
        self.contains(Self::RECONNECT)
    }
}

impl SessionInfo {
    /// From the fields of the structure.
    ///
    /// # Errors
    ///
    /// If the id would be longer than its array.
    pub fn new(flags: u32, id_size: u32, id: [u8; LONGEST_ID]) -> Result<Self, TooLong> {
        let used = usize::try_from(id_size).ok().and_then(|size| id.get(..size));
        let id = used.ok_or(TooLong(id_size))?.to_owned();
        Ok(Self { flags: SessionFlags::from_bits_retain(flags), id })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_has_no_more_bytes_than_its_array() {
        let id = std::array::from_fn(|byte| u8::try_from(byte).unwrap());
        assert!(SessionInfo::new(0, 0, id).unwrap().id.is_empty());
        assert_eq!(SessionInfo::new(0, 3, id).unwrap().id, [0, 1, 2]);
        assert_eq!(SessionInfo::new(0, 32, id).unwrap().id, id);
        assert_eq!(SessionInfo::new(0, 33, id), Err(TooLong(33)));
        assert_eq!(SessionInfo::new(0, u32::MAX, id), Err(TooLong(u32::MAX)));
    }
}
