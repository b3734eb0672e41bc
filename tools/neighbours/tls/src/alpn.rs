//! Application-Layer Protocol Negotiation (RFC 7301): the protocols that a client offers.

use std::fmt;
use std::str::FromStr;

/// `SecApplicationProtocolNegotiationExt_ALPN` of `sspi.h`.
const EXTENSION_ALPN: u32 = 2;
/// The limit on the size of all offered names, each with its length byte.
const MOST_BYTES: usize = u16::MAX as usize;

/// The name of a protocol, such as `h2`: 1 to 255 bytes.
#[derive(Clone, PartialEq, Eq)]
pub struct ApplicationProtocol(Vec<u8>);

impl ApplicationProtocol {
    /// The protocol of this name; `None` if the name has 0 bytes, or more than 255.
    #[must_use]
    pub fn new(name: &[u8]) -> Option<Self> {
        (1..=usize::from(u8::MAX)).contains(&name.len()).then(|| Self(name.to_owned()))
    }
}

impl fmt::Display for ApplicationProtocol {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.escape_ascii().fmt(formatter)
    }
}

impl fmt::Debug for ApplicationProtocol {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "`{self}`")
    }
}

impl FromStr for ApplicationProtocol {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_plain = text.bytes().all(|byte| byte.is_ascii_graphic());
        Self::new(text.as_bytes()).filter(|_| is_plain).ok_or_else(|| {
            "write 1 to 255 ASCII characters without spaces, as in h2 or http/1.1".to_owned()
        })
    }
}

/// The offer of these protocols for Schannel: a `SEC_APPLICATION_PROTOCOLS` of `sspi.h` with one
/// list. `None` if the names exceed 65,535 bytes in total.
///
/// The numbers have this machine's byte order: the size of the rest (`u32`), the kind of the
/// list (`u32`) and its size (`u16`). Each name follows its length (`u8`).
#[must_use]
pub fn alpn_offer(protocols: &[ApplicationProtocol]) -> Option<Vec<u8>> {
    let mut names = Vec::new();
    for ApplicationProtocol(name) in protocols {
        names.push(u8::try_from(name.len()).ok()?);
        names.extend_from_slice(name);
    }
    if names.len() > MOST_BYTES {
        return None;
    }
    let size = u16::try_from(names.len()).ok()?;
    let rest = u32::from(size) + 4 + 2;
    let head = [&rest.to_ne_bytes()[..], &EXTENSION_ALPN.to_ne_bytes(), &size.to_ne_bytes()];
    Some([head.concat(), names].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_1_to_255_characters() {
        assert_eq!("h2".parse(), Ok(ApplicationProtocol(b"h2".to_vec())));
        for wrong in ["", "h 2", "h2\n", "ü"] {
            assert!(wrong.parse::<ApplicationProtocol>().is_err(), "{wrong}");
        }
        assert!("a".repeat(255).parse::<ApplicationProtocol>().is_ok());
        assert!("a".repeat(256).parse::<ApplicationProtocol>().is_err());
    }

    #[test]
    fn a_name_from_the_peer_is_shown_without_control_characters() {
        let name = ApplicationProtocol::new(b"h2\x1b[31m\xff").unwrap();
        assert_eq!(name.to_string(), "h2\\x1b[31m\\xff");
        assert_eq!(ApplicationProtocol::new(b""), None);
    }

    #[test]
    fn the_offer_has_the_layout_of_schannel() {
        let offer = alpn_offer(&["h2".parse().unwrap(), "http/1.1".parse().unwrap()]).unwrap();
        let sizes = [&18_u32.to_ne_bytes()[..], &2_u32.to_ne_bytes(), &12_u16.to_ne_bytes()];
        assert_eq!(offer, [&sizes.concat()[..], b"\x02h2\x08http/1.1"].concat());
    }

    #[test]
    fn too_many_names_are_rejected() {
        let name: ApplicationProtocol = "a".repeat(255).parse().unwrap();
        assert!(alpn_offer(&vec![name.clone(); 255]).is_some());
        assert_eq!(alpn_offer(&vec![name; 256]), None);
    }
}
