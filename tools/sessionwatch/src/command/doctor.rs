//! `sessionwatch doctor`: what is wrong, and what to do.

use crate::doctor::{Facts, State, diagnose};
use crate::error::Error;
use crate::render::Printer;

/// Shows what the facts of a machine mean.
///
/// # Errors
///
/// If there is a problem, after everything was shown, or if the output cannot be
/// written.
pub fn run(facts: &Facts, printer: &mut Printer<'_>) -> Result<(), Error> {
    let findings = diagnose(facts);
    printer.list(&findings)?;
    printer.flush()?;
    match findings.iter().filter(|finding| finding.state == State::Problem).count() {
        0 => Ok(()),
        count => Err(Error::Problems { count }),
    }
}
