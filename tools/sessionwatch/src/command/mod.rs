//! The commands, and the wiring of each to the real device and the real output.

pub mod follow;
pub mod read;
pub mod status;

use std::io::{self, IsTerminal};

use anstream::{AutoStream, ColorChoice};

use crate::args::{Arguments, Command, Output};
use crate::device;
use crate::error::Error;
use crate::render::{Ndjson, Printer, Render, Table};

/// How wide rows are where there is no terminal that says it.
const WIDTH_OF_FILES: u16 = 200;

/// Does what the command line asks for.
///
/// # Errors
///
/// Whatever keeps the command from its work.
pub fn run(arguments: &Arguments) -> Result<(), Error> {
    let mut stdout = AutoStream::auto(io::stdout()).lock();
    let render: Box<dyn Render> = match arguments.output {
        Output::Ndjson => Box::new(Ndjson),
        Output::Table => {
            let colour = stdout.current_choice() != ColorChoice::Never;
            Box::new(Table::new(terminal_width(), colour))
        }
    };
    let mut printer = Printer::new(render, &mut stdout);
    let outcome = match &arguments.command {
        Command::Read(options) => read::run(&*device::open()?, options, &mut printer),
        Command::Status => status::run(&*device::open()?, &mut printer),
        Command::Follow(options) => {
            follow::run(&*device::open_until_interrupted()?, options, &mut printer)
        }
    };
    match outcome {
        // The user got what was asked for.
        Err(Error::Interrupted) => Ok(()),
        outcome => outcome,
    }
}

fn terminal_width() -> u16 {
    if !io::stdout().is_terminal() {
        return WIDTH_OF_FILES;
    }
    terminal_size::terminal_size().map_or(WIDTH_OF_FILES, |(width, _)| width.0)
}
