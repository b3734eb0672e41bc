//! `sessionwatch smb`: lists the sessions of an SMB server.

mod watch;

use std::time::Duration;

use sessionwatch_smb::{Poller, Query, SessionServer, SmbError, sessions};
pub use watch::watch;

use crate::args::SmbArguments;
use crate::error::Error;
use crate::interrupt::on_interrupt;
use crate::platform;
use crate::render::{Printer, SmbSession};

/// Runs the command with the calls of this system.
pub(super) fn dispatch(options: &SmbArguments, printer: &mut Printer<'_>) -> Result<(), Error> {
    let server = platform::smb_server()?;
    let query = Query::from(options);
    if !options.watch {
        return run(&*server, &query, printer);
    }
    let mut poller = Poller::new(server, query.clone(), Duration::from_secs(options.interval));
    on_interrupt(poller.interrupter())?;
    watch(&mut poller, &query, options.count.unwrap_or(u64::MAX), printer)
}

/// Prints the sessions of a query.
///
/// # Errors
///
/// If the server returns no list, no session fits the names of the query, or the output cannot be
/// written.
pub fn run(
    server: &dyn SessionServer,
    query: &Query,
    printer: &mut Printer<'_>,
) -> Result<(), Error> {
    let call = query.call();
    let listed = sessions(server, query, call)?;
    // If no session fits, some servers return an error, others an empty list.
    if listed.is_empty() && query.is_filtered() {
        return Err(SmbError::no_such_session(query).into());
    }
    let rows: Vec<_> = listed
        .into_iter()
        .map(|session| SmbSession::new(query.server.as_deref(), call, session))
        .collect();
    if rows.is_empty() && printer.is_for_people() {
        printer.remark("no SMB sessions")?;
    } else {
        printer.list(&rows)?;
    }
    Ok(printer.flush()?)
}
