//! `sessionwatch sessions`: the present sessions.

use std::collections::BTreeMap;
use std::ops::Deref;

use sessionwatch_failure::Failure as _;
use sessionwatch_reader::{Device, present_sessions};
use sessionwatch_sessions::{PresentSession, join};
use sessionwatch_who::{Directory, Users, Who};

use crate::args::SessionsArguments;
use crate::error::Error;
use crate::render::Printer;

/// Lists the present sessions, from the driver and from user mode. If one of the two does not
/// answer, passes the reason to `note` and lists the other one's view. Without a directory, the
/// command does not ask user mode.
///
/// # Errors
///
/// If neither answers, if the driver's reply is not usable, or if the output cannot be written.
pub fn run<'a>(
    device: Result<impl Deref<Target = dyn Device + 'a>, Error>,
    directory: Result<Option<impl Deref<Target = dyn Directory + 'a>>, Error>,
    options: &SessionsArguments,
    printer: &mut Printer<'_>,
    note: &mut dyn FnMut(&str),
) -> Result<(), Error> {
    let records = || match &device {
        Ok(device) => Ok::<_, Error>(present_sessions(&**device)?.sessions),
        Err(_) => Ok(Vec::new()),
    };
    let before = records()?;
    let known = directory
        .and_then(|directory| directory.map(|directory| everybody(&*directory)).transpose());
    let after = records()?;

    match (device.err(), &known) {
        (Some(error), Err(_)) => return Err(error),
        (Some(error), Ok(_)) => {
            let hint = error.hint().map(|hint| format!("; to see both, {hint}"));
            note(&format!("showing user mode's view alone: {error}{}", hint.unwrap_or_default()));
        }
        (None, Err(error)) => note(&format!("showing the driver's view alone: {error}")),
        (None, Ok(_)) => {}
    }

    let users = Users::from(&options.users);
    let mut sessions = join(&before, known.ok().flatten().unwrap_or_default(), &after);
    sessions.retain(|session| is_listed(session, options, &users));
    if sessions.is_empty() && printer.is_for_people() {
        printer.remark(&none(&users))?;
    } else {
        printer.list(&sessions)?;
    }
    Ok(printer.flush()?)
}

/// The sentence for an empty list.
fn none(users: &Users) -> String {
    match &users.0[..] {
        [] => "no sessions".to_owned(),
        names => format!("no session of {}", names.join(", ")),
    }
}

/// Looks up the user of each session that WTS lists.
fn everybody(directory: &dyn Directory) -> Result<BTreeMap<u32, Who>, Error> {
    let listed = directory.sessions()?;
    // WTS has no details of a listener or of a session that has ended meanwhile, so their list
    // entries remain. If LSA fails, the answers of WTS remain.
    let asked = |id| directory.session(id).ok().flatten();
    let sessions: Vec<_> =
        listed.into_iter().map(|listed| asked(listed.session_id).unwrap_or(listed)).collect();
    let logons = directory.logons().unwrap_or_default();
    Ok(sessions.iter().map(|session| (session.session_id, Who::of(session, &logons))).collect())
}

fn is_listed(session: &PresentSession, options: &SessionsArguments, users: &Users) -> bool {
    (options.kind.is_empty() || options.kind.contains(&session.kind()))
        && (options.session.is_empty() || options.session.contains(&session.session_id))
        && users.admit(session.who.as_ref())
}
