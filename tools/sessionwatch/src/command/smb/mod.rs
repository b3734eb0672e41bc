//! `sessionwatch smb`: the sessions of an SMB server.

mod watch;

pub use watch::watch;

use std::time::Duration;

use sessionwatch_smb::{Poller, Query, SessionServer, SmbError, sessions};

use crate::args::SmbArguments;
use crate::error::Error;
use crate::interrupt::on_interrupt;
use crate::platform;
use crate::render::{Printer, SmbSession};

/// Asks the server of this system.
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

/// Shows the sessions that the query names.
///
/// # Errors
///
/// If there is no list, none is on it that was named, or the output cannot be
/// written.
pub fn run(
    server: &dyn SessionServer,
    query: &Query,
    printer: &mut Printer<'_>,
) -> Result<(), Error> {
    let call = query.call();
    let listed = sessions(server, query, call)?;
    // Some servers say that there is no such session, others have an empty list.
    if listed.is_empty() && query.is_filtered() {
        return Err(SmbError::no_such_session(query).into());
    }
    let rows: Vec<_> = listed
        .into_iter()
        .map(|session| SmbSession::new(query.server.as_deref(), call, session))
        .collect();
    printer.list(&rows)?;
    if rows.is_empty() {
        printer.remark("-- no sessions")?;
    }
    Ok(printer.flush()?)
}
