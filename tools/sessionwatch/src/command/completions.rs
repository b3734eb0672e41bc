//! `sessionwatch completions`: a shell completion script.

use clap::CommandFactory;

use crate::args::{Arguments, CompletionsArguments};
use crate::error::Error;
use crate::render::Printer;

/// Prints the script for a shell.
///
/// # Errors
///
/// If the output cannot be written.
pub fn run(options: CompletionsArguments, printer: &mut Printer<'_>) -> Result<(), Error> {
    let mut script = Vec::new();
    let mut definition = Arguments::command();
    let name = definition.get_name().to_owned();
    clap_complete::generate(options.shell, &mut definition, name, &mut script);
    printer.verbatim(&script);
    Ok(printer.flush()?)
}
