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

/// The time that a TLS 1.3 server has to send a ticket. Servers that send one do so at once.
const TICKET_PATIENCE: Duration = Duration::from_secs(1);

/// The settings of a probe.
#[derive(Clone, Copy, Debug)]
pub struct ProbeOptions {
    /// The time that each connection has to complete its handshake, in seconds.
    pub timeout_seconds: u64,
    /// True if a certificate that this machine does not trust ends the probe.
    pub needs_trust: bool,
}

/// The result of a probe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probe {
    /// The server, as the caller named it.
    pub server: Server,
    /// The address of both connections.
    pub address: SocketAddr,
    /// The outcome of the first handshake.
    pub first: Facts,
    /// The number of messages (tickets) right after the first handshake; `None` if the protocol
    /// has none.
    pub tickets: Option<u32>,
    /// The outcome of the second handshake.
    pub second: Facts,
}

/// Makes two handshakes with a server.
///
/// # Errors
///
/// If one of the handshakes fails.
pub fn probe(
    package: &dyn SecurityPackage,
    network: &mut dyn Network,
    server: &Server,
    options: ProbeOptions,
) -> Result<Probe, TlsError> {
    let addresses = network.addresses(server).map_err(TlsError::NoAddress)?;
    let first = connect(package, network, &addresses, options, true)?;
    // Another address may lead to another server, which does not know the first session.
    let second = connect(package, network, &[first.address], options, false)?;
    Ok(Probe {
        server: server.clone(),
        address: first.address,
        first: first.facts,
        tickets: first.tickets,
        second: second.facts,
    })
}

/// A connection that has been closed again.
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

/// Connects to the first address that accepts.
fn first_to_answer(
    network: &mut dyn Network,
    addresses: &[SocketAddr],
    until: Instant,
    seconds: u64,
) -> Result<(SocketAddr, Box<dyn Wire>), TlsError> {
    let mut last = io::Error::from(ErrorKind::AddrNotAvailable);
    for (index, address) in (0_u32..).zip(addresses) {
        // Each address gets its share of the time, so that a silent one leaves some to the
        // next.
        let now = Instant::now();
        let rest = u32::try_from(addresses.len()).unwrap_or(u32::MAX).saturating_sub(index).max(1);
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
