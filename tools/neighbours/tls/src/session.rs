//! The system's description of a TLS session: `SecPkgContext_SessionInfo`.

use bitflags::bitflags;
use thiserror::Error;

/// The limit on the size of an id, in bytes: the size of `rgbSessionId`.
const LONGEST_ID: usize = 32;

/// `SecPkgContext_SessionInfo` of `schannel.h`: the flags and the id of a session.
///
/// Source: the page of this structure in Microsoft's `sdk-api`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionInfo {
    /// `dwFlags`.
    pub flags: SessionFlags,
    /// The first `cbSessionId` bytes of `rgbSessionId`: at most 32, and none if the session has
    /// no id.
    pub id: Vec<u8>,
}

bitflags! {
    /// The bits of `dwFlags`.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct SessionFlags: u32 {
        /// `SSL_SESSION_RECONNECT`, the only documented bit: the session resumes an earlier one.
        const RECONNECT = 0x1;
        // The system may set bits that have no name: they are kept.
        const _ = !0;
    }
}

/// The system reports a session id that is longer than its array.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("a session id of {0} bytes exceeds the limit of {LONGEST_ID}")]
pub struct SessionIdTooLong(
    /// The size that `cbSessionId` gives, in bytes.
    pub u32,
);

impl SessionFlags {
    /// True if the session resumes an earlier one.
    #[must_use]
    pub const fn is_reconnect(self) -> bool {
        self.contains(Self::RECONNECT)
    }
}

impl SessionInfo {
    /// Reads the fields of the structure.
    ///
    /// # Errors
    ///
    /// If the id is longer than its array.
    pub fn new(flags: u32, id_size: u32, id: [u8; LONGEST_ID]) -> Result<Self, SessionIdTooLong> {
        let used = usize::try_from(id_size).ok().and_then(|size| id.get(..size));
        let id = used.ok_or(SessionIdTooLong(id_size))?.to_owned();
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
        assert_eq!(SessionInfo::new(0, 33, id), Err(SessionIdTooLong(33)));
        assert_eq!(SessionInfo::new(0, u32::MAX, id), Err(SessionIdTooLong(u32::MAX)));
    }
}
