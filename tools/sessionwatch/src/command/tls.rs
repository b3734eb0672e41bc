//! `sessionwatch tls`: whether a server lets a TLS session be resumed.

use sessionwatch_tls::{Network, SecurityPackage, probe};

use crate::args::TlsArguments;
use crate::error::Error;
use crate::render::{Printer, Resumption};

/// Of what the command speaks, said to people each time.
const SCOPE: &str = "-- of the two connections that this command made itself, and of no others: \
     Windows has no list of a machine's TLS sessions";

/// Shakes hands with the server twice and shows what the system says of both.
///
/// # Errors
///
/// If one of the handshakes is not made or the output cannot be written.
pub fn run(
    package: &dyn SecurityPackage,
    network: &mut dyn Network,
    options: &TlsArguments,
    printer: &mut Printer<'_>,
) -> Result<(), Error> {
    let server = &options.server;
    let found = probe(package, network, server, options.into())
        .map_err(|reason| Error::Tls { server: server.to_string(), reason })?;
    printer.object(&Resumption(found))?;
    printer.remark(SCOPE)?;
    Ok(printer.flush()?)
}
