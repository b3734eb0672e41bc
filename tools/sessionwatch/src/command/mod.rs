//! The commands, and the wiring of each to the real device and the real output.

pub mod follow;
pub mod read;
pub mod status;

use std::io::{self, IsTerminal};

use anstream::{AutoStream, ColorChoice};
use jiff::tz::TimeZone;

use crate::args::{Arguments, Command, Output};
use crate::device;
use crate::error::Error;
use crate::render::{Form, People, Printer, Table};

/// How wide rows are where there is no terminal that says it.
const WIDTH_OF_FILES: u16 = 200;

/// Does what the command line asks for.
///
/// # Errors
///
/// Whatever keeps the command from its work.
pub fn run(arguments: &Arguments) -> Result<(), Error> {
    let mut stdout = AutoStream::auto(io::stdout()).lock();
    let has_colour = stdout.current_choice() != ColorChoice::Never;
    let mut printer = Printer::new(form(arguments, has_colour)?, &mut stdout);
    let outcome = dispatch(arguments, &mut printer);
    // What was begun ends as well-formed as it began; the first error is the cause.
    let ended = printer.end();
    match outcome {
        // The user got what was asked for.
        Err(Error::Interrupted) | Ok(()) => Ok(ended?),
        Err(error) => Err(error),
    }
}

fn dispatch(arguments: &Arguments, printer: &mut Printer<'_>) -> Result<(), Error> {
    match &arguments.command {
        Command::Read(options) => read::run(&*device::open()?, options, printer),
        Command::Status => status::run(&*device::open()?, printer),
        Command::Follow(options) => {
            follow::run(&*device::open_until_interrupted()?, options, printer)
        }
    }
}

fn form(arguments: &Arguments, has_colour: bool) -> Result<Form, Error> {
    Ok(match arguments.output {
        Output::Table => {
            let system =
                || TimeZone::try_system().map_err(|error| Error::TimeZone(error.to_string()));
            let zone = arguments.local_time.then(system).transpose()?;
            Form::Table(Table::new(People::new(terminal_width(), zone), has_colour))
        }
        Output::Json => Form::Json,
        Output::Ndjson => Form::Ndjson,
        Output::Csv => Form::Csv,
    })
}

fn terminal_width() -> u16 {
    if !io::stdout().is_terminal() {
        return WIDTH_OF_FILES;
    }
    terminal_size::terminal_size().map_or(WIDTH_OF_FILES, |(width, _)| width.0)
}
