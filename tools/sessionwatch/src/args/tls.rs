//! What `tls` is asked for.

use clap::Args;
use sessionwatch_tls::{ApplicationProtocol, ProbeOptions, Server};

pub(super) const TLS_EXAMPLES: &str = "\
Examples:
  sessionwatch tls example.org
  sessionwatch tls [::1]:8443 --alpn h2,http/1.1 --insecure
  sessionwatch tls mail.example.org:465 --output json

It speaks of the two connections that it makes itself. Windows has no list of a machine's TLS
sessions.";

/// The options of `tls`.
#[derive(Clone, Debug, Args)]
pub struct TlsArguments {
    /// The server: a name, an IPv4 address or an IPv6 address in brackets; port 443 unless
    /// another is named.
    #[arg(value_name = "HOST[:PORT]")]
    pub server: Server,
    /// The protocols to offer (ALPN), the most wanted first.
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub alpn: Vec<ApplicationProtocol>,
    /// Shakes hands also with a server whose certificate this machine does not trust.
    #[arg(long)]
    pub insecure: bool,
    /// How long each of the two connections may take until its handshake is done.
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub timeout: u64,
}

impl From<&TlsArguments> for ProbeOptions {
    fn from(arguments: &TlsArguments) -> Self {
        Self { timeout_seconds: arguments.timeout, needs_trust: !arguments.insecure }
    }
}
