//! The statuses of security packages.

use std::fmt;

/// A status of a security package, or another error of the same form (`HRESULT`).
///
/// It displays as its name in `winerror.h` and its number: `CERT_E_EXPIRED, 0x800b0101`.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Status(
    /// The number.
    pub u32,
);

/// Numbers and names, and the meaning of those that a user can act on.
const NAMES: &[(u32, &str, &str)] = &[
    (0x8009_0300, "SEC_E_INSUFFICIENT_MEMORY", ""),
    (0x8009_0301, "SEC_E_INVALID_HANDLE", ""),
    (0x8009_0302, "SEC_E_UNSUPPORTED_FUNCTION", ""),
    (0x8009_0303, "SEC_E_TARGET_UNKNOWN", ""),
    (0x8009_0304, "SEC_E_INTERNAL_ERROR", ""),
    (0x8009_0305, "SEC_E_SECPKG_NOT_FOUND", ""),
    (0x8009_0308, "SEC_E_INVALID_TOKEN", ""),
    (0x8009_030D, "SEC_E_UNKNOWN_CREDENTIALS", ""),
    (0x8009_030E, "SEC_E_NO_CREDENTIALS", ""),
    (0x8009_030F, "SEC_E_MESSAGE_ALTERED", ""),
    (0x8009_0317, "SEC_E_CONTEXT_EXPIRED", ""),
    (0x8009_0318, "SEC_E_INCOMPLETE_MESSAGE", ""),
    (0x8009_0322, "SEC_E_WRONG_PRINCIPAL", "it is issued for another name"),
    (0x8009_0325, "SEC_E_UNTRUSTED_ROOT", "this machine does not trust its root"),
    (0x8009_0326, "SEC_E_ILLEGAL_MESSAGE", ""),
    (0x8009_0327, "SEC_E_CERT_UNKNOWN", ""),
    (0x8009_0328, "SEC_E_CERT_EXPIRED", "it has expired, or is not valid yet"),
    (0x8009_0330, "SEC_E_DECRYPT_FAILURE", ""),
    (0x8009_0331, "SEC_E_ALGORITHM_MISMATCH", "client and server have no algorithm in common"),
    (0x8009_0345, "SEC_E_DELEGATION_REQUIRED", ""),
    (0x8009_0349, "SEC_E_CERT_WRONG_USAGE", "it is not a server certificate"),
    (0x8009_035D, "SEC_E_INVALID_PARAMETER", ""),
    (
        0x8009_0367,
        "SEC_E_APPLICATION_PROTOCOL_MISMATCH",
        "the server supports none of the offered protocols",
    ),
    (0x800B_0101, "CERT_E_EXPIRED", "it has expired, or is not valid yet"),
    (0x800B_0102, "CERT_E_VALIDITYPERIODNESTING", ""),
    (0x800B_0103, "CERT_E_ROLE", "one of its issuers is not a certificate authority"),
    (0x800B_0106, "CERT_E_PURPOSE", "it is not a server certificate"),
    (0x800B_0109, "CERT_E_UNTRUSTEDROOT", "this machine does not trust its root"),
    (0x800B_010A, "CERT_E_CHAINING", "its issuer is unknown"),
    (0x800B_010C, "CERT_E_REVOKED", "it was revoked"),
    (0x800B_010F, "CERT_E_CN_NO_MATCH", "it is issued for another name"),
    (0x800B_0110, "CERT_E_WRONG_USAGE", "it is not a server certificate"),
    (0x800B_0112, "CERT_E_UNTRUSTEDCA", "its issuer is not trusted"),
    (0x800B_0114, "CERT_E_INVALID_NAME", ""),
    (0x8009_2012, "CRYPT_E_NO_REVOCATION_CHECK", ""),
    (0x8009_2010, "CRYPT_E_REVOKED", "it was revoked"),
    (0x8009_6004, "TRUST_E_CERT_SIGNATURE", "its signature is invalid"),
    (0x8009_6019, "TRUST_E_BASIC_CONSTRAINTS", "one of its issuers is not a certificate authority"),
];

impl Status {
    fn entry(self) -> Option<(&'static str, &'static str)> {
        let entry = NAMES.iter().find(|(number, ..)| *number == self.0);
        entry.map(|(_, name, meaning)| (*name, *meaning))
    }

    /// The name in `winerror.h`, if this crate knows it.
    #[must_use]
    pub fn name(self) -> Option<&'static str> {
        self.entry().map(|(name, _)| name)
    }

    /// The meaning for a certificate or a handshake, if a user can act on it.
    #[must_use]
    pub fn meaning(self) -> Option<&'static str> {
        self.entry().map(|(_, meaning)| meaning).filter(|meaning| !meaning.is_empty())
    }

    /// The meaning, if there is one, with name and number.
    #[must_use]
    pub fn reason(self) -> String {
        match self.meaning() {
            Some(meaning) => format!("{meaning} ({self})"),
            None => self.to_string(),
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => write!(formatter, "{name}, {:#010x}", self.0),
            None => write!(formatter, "{:#010x}", self.0),
        }
    }
}

impl fmt::Debug for Status {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn a_status_has_its_name_or_its_number() {
        assert_eq!(Status(0x8009_0302).to_string(), "SEC_E_UNSUPPORTED_FUNCTION, 0x80090302");
        assert_eq!(Status(0x8009_FFFF).to_string(), "0x8009ffff");
        assert_eq!(Status(0x8009_0302).meaning(), None);
        assert_eq!(Status(0x800B_010F).meaning(), Some("it is issued for another name"));
    }

    #[test]
    fn numbers_and_names_are_unique() {
        let numbers: HashSet<_> = NAMES.iter().map(|(number, ..)| number).collect();
        let names: HashSet<_> = NAMES.iter().map(|(_, name, _)| name).collect();
        assert_eq!((numbers.len(), names.len()), (NAMES.len(), NAMES.len()));
    }
}
