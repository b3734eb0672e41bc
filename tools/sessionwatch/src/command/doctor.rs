//! `sessionwatch doctor`: a diagnosis with advice.

use crate::doctor::{Facts, State, diagnose};
use crate::error::Error;
use crate::render::Printer;

/// Prints the findings about a machine.
///
/// # Errors
///
/// If there is a problem, after printing every finding, or if the output cannot be written.
pub fn run(facts: &Facts, printer: &mut Printer<'_>) -> Result<(), Error> {
    let findings = diagnose(facts);
    printer.list(&findings)?;
    printer.flush()?;
    match findings.iter().filter(|finding| finding.state == State::Problem).count() {
        0 => Ok(()),
        count => Err(Error::Problems { count }),
    }
}
