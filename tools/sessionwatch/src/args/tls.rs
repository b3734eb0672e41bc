//! The command line of `tls`.

use clap::Args;
use sessionwatch_tls::{ApplicationProtocol, ProbeOptions, Server};

pub(super) const TLS_EXAMPLES: &str = "\
Examples:
  sessionwatch tls example.org
  sessionwatch tls [::1]:8443 --alpn h2,http/1.1 --insecure
  sessionwatch tls mail.example.org:465 --output json

The verdict covers only the two connections of this command. Windows keeps no list of a machine's
TLS sessions.";

/// The options of `tls`.
#[derive(Clone, Debug, Args)]
pub struct TlsArguments {
    /// The server: a name, an IPv4 address, or an IPv6 address in brackets. The default port is
    /// 443.
    #[arg(value_name = "HOST[:PORT]")]
    pub server: Server,
    /// Offer these protocols (ALPN), the most preferred first.
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub alpn: Vec<ApplicationProtocol>,
    /// Probe the server even if this machine does not trust its certificate.
    #[arg(long)]
    pub insecure: bool,
    /// Give each of the two connections this many seconds to complete its handshake.
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub timeout: u64,
}

impl From<&TlsArguments> for ProbeOptions {
    fn from(arguments: &TlsArguments) -> Self {
        Self { timeout_seconds: arguments.timeout, needs_trust: !arguments.insecure }
    }
}
