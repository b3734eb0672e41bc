//! Two handshakes with one server, one after the other.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use crate::error::{Stage, TlsError};
use crate::facts::{Facts, Protocol};
use crate::handshake::Conversation;
use crate::network::{Network, Wire};
use crate::package::SecurityPackage;
use crate::server::Server;

/// How long a server of TLS 1.3 may take to send a ticket. Servers that do send
/// one do it at once.
const TICKET_PATIENCE: Duration = Duration::from_secs(1);

/// How a server is probed.
#[derive(Clone, Copy, Debug)]
pub struct ProbeOptions {
    /// How many seconds each of the connections may take until its handshake is done.
    pub timeout_seconds: u64,
    /// Whether a certificate that this machine does not trust ends the probe.
    pub needs_trust: bool,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probe {
    /// The server, as the user names it.
    pub server: Server,
    /// The address that both connections were made to.
    pub address: SocketAddr,
    /// What the first handshake agreed on.
    pub first: Facts,
    /// How many messages (tickets) came right after the first handshake; `None` where the
    /// protocol has none.
    pub tickets: Option<u32>,
    /// What the second handshake agreed on.
    pub second: Facts,
}

/// Shakes hands with a server twice.
///
/// # Errors
///
/// Why one of the handshakes was not made.
pub fn probe(
    package: &dyn SecurityPackage,
    network: &mut dyn Network,
    server: &Server,
    options: ProbeOptions,
) -> Result<Probe, TlsError> {
    let addresses = network.addresses(server).map_err(TlsError::NoAddress)?;
    let first = connect(package, network, &addresses, options, true)?;
    // Another address might be another server, which knows nothing of the first.
    let second = connect(package, network, &[first.address], options, false)?;
    Ok(Probe {
        server: server.clone(),
        address: first.address,
        first: first.facts,
        tickets: first.tickets,
        second: second.facts,
    })
}

/// One connection that was made and closed again.
struct Connection {
    address: SocketAddr,
    facts: Facts,
    tickets: Option<u32>,
}

fn connect(
    package: &dyn SecurityPackage,
    network: &mut dyn Network,
    addresses: &[SocketAddr],
    options: ProbeOptions,
    wants_tickets: bool,
) -> Result<Connection, TlsError> {
    let seconds = options.timeout_seconds;
    let until = Instant::now() + Duration::from_secs(seconds);
    let mut client = package.client().map_err(TlsError::Package)?;
    let (address, mut wire) = first_to_answer(network, addresses, until, seconds)?;
    let mut conversation = Conversation::new(&mut *client, &mut *wire, until, seconds);
    conversation.establish()?;
    let facts = conversation.client().facts()?;
    let trust = if options.needs_trust { check_trust(&facts) } else { Ok(()) };
    let has_tickets = facts.protocol == Some(Protocol::TLS_1_3);
    let tickets = (trust.is_ok() && wants_tickets && has_tickets)
        .then(|| conversation.take_tickets((Instant::now() + TICKET_PATIENCE).min(until)));
    conversation.close();
    trust.map(|()| Connection { address, facts, tickets })
}

/// A connection to the first address that takes one.
fn first_to_answer(
    network: &mut dyn Network,
    addresses: &[SocketAddr],
    until: Instant,
    seconds: u64,
) -> Result<(SocketAddr, Box<dyn Wire>), TlsError> {
    let mut last = io::Error::from(ErrorKind::AddrNotAvailable);
    for (place, address) in (0_u32..).zip(addresses) {
        // Each address has its part of the time, so that one that is silent
        // leaves some to those behind it.
        let now = Instant::now();
        let rest = u32::try_from(addresses.len()).unwrap_or(u32::MAX).saturating_sub(place).max(1);
        match network.connect(*address, now + until.saturating_duration_since(now) / rest) {
            Ok(wire) => return Ok((*address, wire)),
            Err(error) => last = error,
        }
    }
    Err(match last.kind() {
        ErrorKind::ConnectionRefused => TlsError::Refused,
        ErrorKind::TimedOut => TlsError::TimedOut { seconds, stage: Stage::Connecting },
        ErrorKind::AddrNotAvailable if addresses.is_empty() => TlsError::NoAddress(last),
        _ => TlsError::Unreachable(last),
    })
}

fn check_trust(facts: &Facts) -> Result<(), TlsError> {
    let certificate = facts.certificate.as_ref().ok_or(TlsError::NoCertificate)?;
    certificate
        .trust
        .map_err(|reason| TlsError::NotTrusted { certificate: certificate.clone(), reason })
}
