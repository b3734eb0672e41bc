//! Servers, as users write them: `HOST`, `HOST:PORT`, `[::1]:PORT`.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

/// The port of HTTPS.
const DEFAULT_PORT: u16 = 443;
/// The limit on the length of a name, in bytes (RFC 1035, 2.3.4).
const LONGEST_NAME: usize = 253;
/// The limit on the length of a label, in bytes (RFC 1035, 2.3.4).
const LONGEST_LABEL: usize = 63;

/// A server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// Its name or address.
    pub host: Host,
    /// Its TCP port; never 0.
    pub port: u16,
}

/// A name or an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Host {
    /// A name of ASCII letters, digits, hyphens, underscores and dots.
    Name(String),
    /// An address.
    Address(IpAddr),
}

impl fmt::Display for Host {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => formatter.pad(name),
            Self::Address(address) => address.fmt(formatter),
        }
    }
}

impl fmt::Display for Server {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.host {
            Host::Address(IpAddr::V6(address)) => write!(formatter, "[{address}]:{}", self.port),
            ref host => write!(formatter, "{host}:{}", self.port),
        }
    }
}

impl FromStr for Server {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.contains("://") || text.contains('/') {
            return Err("write only the host, as in example.org or example.org:8443".to_owned());
        }
        if let Some(bracketed) = text.strip_prefix('[') {
            let (address, rest) = bracketed
                .split_once(']')
                .ok_or("the bracket is not closed: write [::1] or [::1]:443")?;
            let address: Ipv6Addr = address.parse().map_err(|_| {
                format!("`{address}` is not an IPv6 address; brackets are only for those")
            })?;
            let port = match rest.strip_prefix(':') {
                Some(port) => self::port(port)?,
                None if rest.is_empty() => DEFAULT_PORT,
                None => return Err("write nothing or :PORT after the bracket".to_owned()),
            };
            return Ok(Self { host: Host::Address(address.into()), port });
        }
        if text.parse::<Ipv6Addr>().is_ok() {
            return Err(format!("put an IPv6 address in brackets: [{text}]"));
        }
        let (host, port) = match text.split_once(':') {
            Some((host, port)) => (host, self::port(port)?),
            None => (text, DEFAULT_PORT),
        };
        Ok(Self { host: self::host(host)?, port })
    }
}

fn port(text: &str) -> Result<u16, String> {
    // `parse` accepts a sign, too.
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    match text.parse() {
        Ok(port) if port != 0 && is_number => Ok(port),
        _ => Err(format!("`{text}` is not a port: write a number from 1 to 65535 after the colon")),
    }
}

fn host(text: &str) -> Result<Host, String> {
    if let Ok(address) = text.parse::<Ipv4Addr>() {
        return Ok(Host::Address(address.into()));
    }
    if text.is_empty() {
        return Err("the host is missing: write HOST or HOST:PORT".to_owned());
    }
    if !text.is_ascii() {
        return Err(format!("write `{text}` in its ASCII form, which begins with xn--"));
    }
    let is_label = |label: &str| {
        let is_in_label = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        (1..=LONGEST_LABEL).contains(&label.len())
            && label.bytes().all(is_in_label)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    // A name that ends in a number could be read as an address, as in `127.1`.
    let ends_in_number =
        text.rsplit('.').next().is_some_and(|last| last.bytes().all(|byte| byte.is_ascii_digit()));
    if text.len() > LONGEST_NAME || !text.split('.').all(is_label) || ends_in_number {
        return Err(format!("`{text}` is neither a host name nor an address"));
    }
    Ok(Host::Name(text.to_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn named(name: &str, port: u16) -> Server {
        Server { host: Host::Name(name.to_owned()), port }
    }

    #[test]
    fn the_default_port_is_443() {
        for (text, server, shown) in [
            ("example.org", named("example.org", 443), "example.org:443"),
            ("Example.ORG:8443", named("example.org", 8443), "example.org:8443"),
            ("localhost:1", named("localhost", 1), "localhost:1"),
            (
                "xn--bcher-kva.example",
                named("xn--bcher-kva.example", 443),
                "xn--bcher-kva.example:443",
            ),
            ("_dc.example:65535", named("_dc.example", 65535), "_dc.example:65535"),
        ] {
            assert_eq!(text.parse(), Ok(server.clone()));
            assert_eq!(server.to_string(), shown);
        }
        let address =
            |text: &str, port| Server { host: Host::Address(text.parse().unwrap()), port };
        for (text, server, shown) in [
            ("127.0.0.1", address("127.0.0.1", 443), "127.0.0.1:443"),
            ("127.0.0.1:4433", address("127.0.0.1", 4433), "127.0.0.1:4433"),
            ("[::1]", address("::1", 443), "[::1]:443"),
            ("[2001:db8::7]:4433", address("2001:db8::7", 4433), "[2001:db8::7]:4433"),
        ] {
            assert_eq!(text.parse(), Ok(server.clone()));
            assert_eq!(server.to_string(), shown);
        }
    }

    #[test]
    fn a_rejected_text_gets_a_reason() {
        for (text, says) in [
            ("", "the host is missing"),
            (":443", "the host is missing"),
            ("https://example.org", "write only the host"),
            ("example.org/path", "write only the host"),
            ("::1", "brackets: [::1]"),
            ("[::1", "not closed"),
            ("[::1]443", "after the bracket"),
            ("[127.0.0.1]:443", "not an IPv6 address"),
            ("[fe80::1%3]:443", "not an IPv6 address"),
            ("example.org:", "not a port"),
            ("example.org:0", "not a port"),
            ("example.org:+443", "not a port"),
            ("example.org:65536", "not a port"),
            ("example.org:https", "not a port"),
            ("bücher.example", "begins with xn--"),
            ("256.1.1.1", "neither a host name nor an address"),
            ("127.1", "neither"),
            ("example.org.", "neither"),
            ("-a.example", "neither"),
            ("a b", "neither"),
            ("user@example.org", "neither"),
        ] {
            let said = text.parse::<Server>().unwrap_err();
            assert!(said.contains(says), "{text}: {said}");
        }
        let long = "a".repeat(64);
        assert!(long.parse::<Server>().is_err());
        assert!(long[1..].parse::<Server>().is_ok());
        let long = "abc.".repeat(63) + "de";
        assert_eq!(long.len(), 254);
        assert!(long.parse::<Server>().is_err());
        assert!(long[1..].parse::<Server>().is_ok());
    }

    proptest! {
        /// Any text is either rejected with a reason, or a server that reads back as itself.
        #[test]
        fn any_text_is_a_server_or_rejected(text in ".{0,40}|[a-z0-9.:\\[\\]-]{0,40}") {
            match text.parse::<Server>() {
                Ok(server) => prop_assert_eq!(server.to_string().parse(), Ok(server)),
                Err(said) => prop_assert!(!said.is_empty()),
            }
        }

        #[test]
        fn any_server_is_read_as_it_is_written(
            host in prop_oneof![
                "[a-z]([a-z0-9-]{0,20}[a-z0-9])?(\\.[a-z][a-z0-9]{0,20}){0,3}".prop_map(Host::Name),
                any::<u32>().prop_map(|bits| Host::Address(Ipv4Addr::from(bits).into())),
                any::<u128>().prop_map(|bits| Host::Address(Ipv6Addr::from(bits).into())),
            ],
            port in 1_u16..,
        ) {
            let server = Server { host, port };
            prop_assert_eq!(server.to_string().parse(), Ok(server));
        }
    }
}
