//! Application-Layer Protocol Negotiation (RFC 7301): what the client offers.

use std::fmt;
use std::str::FromStr;

/// `SecApplicationProtocolNegotiationExt_ALPN` of `sspi.h`.
const EXTENSION_ALPN: u32 = 2;
/// The most that the offered names may have together, each with its length.
const MOST_BYTES: usize = u16::MAX as usize;

/// The name of a protocol, such as `h2`: 1 to 255 bytes.
#[derive(Clone, PartialEq, Eq)]
pub struct ApplicationProtocol(Vec<u8>);

impl ApplicationProtocol {
    /// From the bytes that were agreed on; `None` if they are no name.
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
            "a protocol has a name of 1 to 255 ASCII characters, as in h2 or http/1.1".to_owned()
        })
    }
}

/// The offer as Schannel wants it: a `SEC_APPLICATION_PROTOCOLS` of `sspi.h` with
/// one list. `None` if the names are too many.
///
/// All numbers are of this machine's byte order: the size of what follows (`u32`),
/// the kind of the list (`u32`), its size (`u16`), and each name behind its length.
#[must_use]
pub fn extension(protocols: &[ApplicationProtocol]) -> Option<Vec<u8>> {
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
    fn the_offer_is_laid_out_as_schannel_wants_it() {
        let offer = extension(&["h2".parse().unwrap(), "http/1.1".parse().unwrap()]).unwrap();
        let sizes = [&18_u32.to_ne_bytes()[..], &2_u32.to_ne_bytes(), &12_u16.to_ne_bytes()];
        assert_eq!(offer, [&sizes.concat()[..], b"\x02h2\x08http/1.1"].concat());
    }

    #[test]
    fn too_many_names_are_refused() {
        let name: ApplicationProtocol = "a".repeat(255).parse().unwrap();
        assert!(extension(&vec![name.clone(); 255]).is_some());
        assert_eq!(extension(&vec![name; 256]), None);
    }
}
