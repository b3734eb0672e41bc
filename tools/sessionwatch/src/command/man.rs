//! `sessionwatch man`: the manual, from the texts of `--help`.

use std::io::{self, Write};

use clap::{Command, CommandFactory};
use clap_mangen::Man;
use clap_mangen::roff::{Roff, roman};

use crate::args::{Arguments, ManArguments};
use crate::error::Error;
use crate::render::Printer;

/// Prints a page of the manual, in roff.
///
/// # Errors
///
/// If the command does not exist, or the output cannot be written.
pub fn run(options: &ManArguments, printer: &mut Printer<'_>) -> Result<(), Error> {
    let mut tool = Arguments::command();
    // Building adds the global options to the commands.
    tool.build();
    let definition = match &options.command {
        None => tool,
        Some(name) => {
            tool.find_subcommand(name).cloned().ok_or_else(|| Error::NoSuchPage(name.clone()))?
        }
    };
    let mut text = Vec::new();
    page(definition, &mut text)?;
    printer.verbatim(&text);
    Ok(printer.flush()?)
}

fn page(definition: Command, out: &mut Vec<u8>) -> io::Result<()> {
    let last = definition.get_after_help().map(ToString::to_string).unwrap_or_default();
    let source = concat!("sessionwatch ", env!("CARGO_PKG_VERSION"));
    Man::new(definition.after_help(None::<&str>)).source(source).render(out)?;
    section(&last, out)
}

/// Writes the end of the help as a section. It consists of "Title:" and lines that keep their
/// breaks.
fn section(help: &str, out: &mut dyn Write) -> io::Result<()> {
    let Some((title, lines)) = help.split_once(":\n") else { return Ok(()) };
    let mut roff = Roff::new();
    roff.control("SH", [title.to_uppercase().as_str()]);
    roff.control("nf", []);
    roff.text([roman(lines)]);
    roff.control("fi", []);
    roff.to_writer(out)
}
