//! `sessionwatch tls`: whether a server lets a TLS session be resumed.

use crate::args::TlsArguments;
use crate::error::Error;
use crate::render::{Printer, Resumption};
use crate::tls::{ApplicationProtocol, Network, Probe, SecurityPackage, Server, TlsError, probe};

/// Of what the command speaks, said to people each time.
const SCOPE: &str = "-- of the two connections that this command made itself, and of no others: \
     Windows has no list of a machine's TLS sessions";

/// Shakes hands with the server twice and shows what the system says of both.
///
/// # Errors
///
/// If one of the handshakes is not made or the output cannot be written.
pub fn run(
    package: impl FnOnce(&Server, &[ApplicationProtocol]) -> Result<Box<dyn SecurityPackage>, TlsError>,
    network: &mut dyn Network,
    options: &TlsArguments,
    printer: &mut Printer<'_>,
) -> Result<(), Error> {
    let server = &options.server;
    let found: Result<Probe, TlsError> = package(server, &options.alpn)
        .and_then(|package| probe(&*package, network, server, options.into()));
    let found = found.map_err(|reason| Error::Tls { server: server.to_string(), reason })?;
    printer.object(&Resumption(found))?;
    printer.remark(SCOPE)?;
    Ok(printer.flush()?)
}
