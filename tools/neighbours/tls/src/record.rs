//! The first record of a server, as far as it is readable without a key (RFC 8446, 5.1 and 6).

use std::fmt;

/// The content type of alerts.
const ALERT: u8 = 21;
/// The content type of handshake messages.
const HANDSHAKE: u8 = 22;
/// The first byte of every version.
const MAJOR_VERSION: u8 = 3;
/// The size of a record's header: type, version, length.
const HEADER_SIZE: usize = 5;
/// The limit on the content of a record: 2^14 bytes, plus 2,048 that encryption may add.
const LARGEST_CONTENT: u16 = (1 << 14) + 2048;

/// The kind of the first bytes from a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Opening {
    /// Too few bytes to tell.
    Unknown,
    /// The header of a handshake message.
    Handshake,
    /// An alert: the server rejects the handshake.
    Alert(Alert),
    /// Not TLS.
    Foreign,
}

/// An alert, the reason why a server rejects a handshake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Alert(
    /// The number of `AlertDescription`.
    pub u8,
);

impl Alert {
    /// The name in RFC 8446; `None` for an alert that a client does not receive.
    #[must_use]
    pub const fn name(self) -> Option<&'static str> {
        Some(match self.0 {
            0 => "close_notify",
            10 => "unexpected_message",
            22 => "record_overflow",
            40 => "handshake_failure",
            47 => "illegal_parameter",
            48 => "unknown_ca",
            49 => "access_denied",
            50 => "decode_error",
            70 => "protocol_version",
            71 => "insufficient_security",
            80 => "internal_error",
            86 => "inappropriate_fallback",
            90 => "user_canceled",
            109 => "missing_extension",
            112 => "unrecognized_name",
            115 => "unknown_psk_identity",
            116 => "certificate_required",
            120 => "no_application_protocol",
            _ => return None,
        })
    }

    /// The hint for a user who gets this alert.
    #[must_use]
    pub const fn advice(self) -> &'static str {
        match self.0 {
            40 => {
                "check that client and server share a cipher suite, and that the server accepts \
                 clients without a certificate"
            }
            70 | 86 => "enable a TLS version that client and server share",
            71 => "enable a cipher suite that the server accepts",
            112 => "use the name that the server is known by",
            116 => "set the server to accept clients without a certificate",
            120 => "offer other protocols with --alpn, or none",
            _ => "read the server's log",
        }
    }
}

impl fmt::Display for Alert {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => write!(formatter, "alert {name} ({})", self.0),
            None => write!(formatter, "alert {}", self.0),
        }
    }
}

/// The kind of the first bytes from a server.
pub(super) fn opening(bytes: &[u8]) -> Opening {
    let is_foreign = match *bytes {
        [] => false,
        [kind] => !matches!(kind, ALERT | HANDSHAKE),
        [kind, major, ..] => !matches!(kind, ALERT | HANDSHAKE) || major != MAJOR_VERSION,
    };
    if is_foreign {
        return Opening::Foreign;
    }
    let Some((&[kind, _, _, high, low], content)) = bytes.split_first_chunk::<HEADER_SIZE>() else {
        return Opening::Unknown;
    };
    match (kind, u16::from_be_bytes([high, low]), content) {
        (HANDSHAKE, 1..=LARGEST_CONTENT, _) => Opening::Handshake,
        (ALERT, 2, [_, description, ..]) => Opening::Alert(Alert(*description)),
        (ALERT, 2, _) => Opening::Unknown,
        _ => Opening::Foreign,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn tls_differs_from_other_protocols() {
        assert_eq!(opening(b"\x16\x03\x03\x00\x7a"), Opening::Handshake);
        assert_eq!(opening(b"\x16\x03\x01\x48\x00\x02"), Opening::Handshake);
        assert_eq!(opening(b"\x15\x03\x03\x00\x02\x02\x46"), Opening::Alert(Alert(70)));
        for incomplete in [&b""[..], b"\x16", b"\x16\x03", b"\x15\x03\x03\x00\x02\x02"] {
            assert_eq!(opening(incomplete), Opening::Unknown, "{incomplete:?}");
        }
        for foreign in [
            &b"SSH-2.0-OpenSSH\r\n"[..],
            b"H",
            b"\x16\x02",
            b"\x16\x03\x03\x00\x00",
            b"\x16\x03\x03\x48\x01",
            b"\x15\x03\x03\x00\x03\x02",
            b"\x17\x03\x03\x00\x10",
        ] {
            assert_eq!(opening(foreign), Opening::Foreign, "{foreign:?}");
        }
    }

    proptest! {
        /// More bytes never change a known kind.
        #[test]
        fn a_known_kind_stays(
            bytes in prop_oneof![
                prop::collection::vec(any::<u8>(), 0..12),
                (prop::sample::select(vec![ALERT, HANDSHAKE]), any::<[u8; 6]>())
                    .prop_map(|(kind, rest)| [&[kind, MAJOR_VERSION][..], &rest].concat()),
            ],
            cut in 0_usize..12,
        ) {
            let before = opening(&bytes[..cut.min(bytes.len())]);
            prop_assert!(before == Opening::Unknown || before == opening(&bytes));
        }
    }
}
