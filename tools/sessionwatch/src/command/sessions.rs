//! `sessionwatch sessions`: the sessions that there are.

use std::collections::BTreeMap;

use sessionwatch_protocol::Record;

use crate::args::SessionsArguments;
use crate::device::Device;
use crate::error::Error;
use crate::present::{PresentSession, join};
use crate::reader::present_sessions;
use crate::render::Printer;
use crate::who::{Directory, Users, Who};

/// Shows what the driver and user mode know of the present sessions. Where one of
/// them cannot be asked, `note` gets the reason and the other's part is shown; with no
/// directory there is nobody to ask.
///
/// # Errors
///
/// If neither can be asked, if the driver's reply cannot be used, or if the output
/// cannot be written.
pub fn run(
    device: Result<&dyn Device, Error>,
    directory: Result<Option<&dyn Directory>, Error>,
    options: &SessionsArguments,
    printer: &mut Printer<'_>,
    note: &mut dyn FnMut(&str),
) -> Result<(), Error> {
    let before = records(&device)?;
    let known = directory.and_then(|directory| directory.map(everybody).transpose());
    let after = records(&device)?;

    match (device.err(), &known) {
        (Some(error), Err(_)) => return Err(error),
        (Some(error), Ok(_)) => note(&format!("shown is what user mode knows alone: {error}")),
        (None, Err(error)) => note(&format!("shown is what the driver knows alone: {error}")),
        (None, Ok(_)) => {}
    }

    let users = Users::from(&options.users);
    let mut sessions = join(&before, known.ok().flatten().unwrap_or_default(), &after);
    sessions.retain(|session| is_asked_for(session, options, &users));
    printer.list(&sessions)?;
    Ok(printer.flush()?)
}

fn records(device: &Result<&dyn Device, Error>) -> Result<Vec<Record>, Error> {
    device.as_ref().map_or(Ok(Vec::new()), |device| Ok(present_sessions(*device)?.sessions))
}

/// Who is in each session that WTS lists.
fn everybody(directory: &dyn Directory) -> Result<BTreeMap<u32, Who>, Error> {
    let listed = directory.sessions()?;
    // A listener is no session that could be asked about, and one that ended
    // meanwhile is as it was listed. Without LSA, there is still WTS.
    let asked = |id| directory.session(id).ok().flatten();
    let sessions: Vec<_> =
        listed.into_iter().map(|listed| asked(listed.session_id).unwrap_or(listed)).collect();
    let logons = directory.logons().unwrap_or_default();
    Ok(sessions.iter().map(|session| (session.session_id, Who::of(session, &logons))).collect())
}

fn is_asked_for(session: &PresentSession, options: &SessionsArguments, users: &Users) -> bool {
    (options.kind.is_empty() || options.kind.contains(&session.kind()))
        && (options.session.is_empty() || options.session.contains(&session.session_id))
        && users.admit(session.who.as_ref())
}
