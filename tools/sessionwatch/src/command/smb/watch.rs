//! `sessionwatch smb --watch`: prints SMB sessions as they open and close.

use sessionwatch_smb::{Difference, Look, Query, Session, SmbError, difference};

use crate::error::Error;
use crate::render::{Printer, SmbChange, SmbEvent, SmbSession};

/// Prints the present sessions, then those that open and close. Ends after `count` of these, or
/// when the looks end.
///
/// # Errors
///
/// If a look fails, or the output cannot be written.
pub fn watch(
    looks: &mut dyn Iterator<Item = Result<Look, SmbError>>,
    query: &Query,
    count: u64,
    printer: &mut Printer<'_>,
) -> Result<(), Error> {
    let call = query.enumeration();
    let event = |change, time, previous_time, session: &Session| SmbEvent {
        change,
        time,
        previous_time,
        session: SmbSession::new(query.server.as_deref(), call, session.clone()),
    };
    let Some(mut previous) = looks.next().transpose()? else { return Ok(()) };
    printer.begin_rows::<SmbEvent>()?;
    for session in &previous.sessions {
        printer.row(&event(SmbChange::Present, previous.time, None, session))?;
    }
    printer.flush()?;
    let mut rest = count;
    while rest > 0 {
        let Some(look) = looks.next().transpose()? else { break };
        let Difference { closed, opened } =
            difference(&previous.sessions, &look.sessions, look.elapsed);
        let closed = closed.into_iter().map(|session| (SmbChange::Closed, session));
        let opened = opened.into_iter().map(|session| (SmbChange::Opened, session));
        for (change, session) in closed.chain(opened) {
            if rest == 0 {
                break;
            }
            printer.row(&event(change, look.time, Some(previous.time), session))?;
            rest -= 1;
        }
        printer.flush()?;
        previous = look;
    }
    Ok(())
}
