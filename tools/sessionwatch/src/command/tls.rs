//! `sessionwatch tls`: probes whether a TLS server resumes sessions.

use sessionwatch_tls::{Network, SecurityPackage, probe};

use crate::args::TlsArguments;
use crate::error::Error;
use crate::render::{Printer, Resumption};

/// The scope of the verdict, below every table.
const SCOPE: &str = "-- covers only the two connections of this command: Windows keeps no list of \
     a machine's TLS sessions";

/// Makes two handshakes with the server and prints the result.
///
/// # Errors
///
/// If one of the handshakes fails, or the output cannot be written.
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
