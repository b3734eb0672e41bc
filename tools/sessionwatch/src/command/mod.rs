//! The commands, and the wiring of each to the real device and the real output.

pub mod completions;
pub mod explain;
pub mod follow;
pub mod man;
pub mod read;
pub mod record;
pub mod sessions;
pub mod status;
pub mod tls;

use std::io::{self, IsTerminal, Write};

use anstream::{AutoStream, ColorChoice};
use jiff::tz::TimeZone;

use crate::args::{Arguments, Command, Output, SourceArguments};
use crate::device::{self, Device};
use crate::error::Error;
use crate::recording::{End, Recording};
use crate::render::{Form, People, Printer, Table};
use crate::tls::{Tcp, system_package};
use crate::who;

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
        Command::Read(options) => {
            over(&options.source, device::open, |device| read::run(device, options, printer))
        }
        Command::Explain(options) => {
            over(&options.source, device::open, |device| explain::run(device, options, printer))
        }
        Command::Status(source) => {
            over(source, device::open, |device| status::run(device, printer))
        }
        Command::Sessions(options) if options.source.replay.is_some() => {
            over(&options.source, device::open, |device| {
                sessions::run(Ok(device), Ok(None), options, printer, &mut note)
            })
        }
        Command::Sessions(options) => {
            let (device, directory) = (device::open(), who::open());
            let directory = directory.as_deref().map(Some).map_err(|error| error.clone().into());
            match device {
                Ok(device) => sessions::run(Ok(&*device), directory, options, printer, &mut note),
                Err(error) => sessions::run(Err(error), directory, options, printer, &mut note),
            }
        }
        Command::Follow(options) => {
            over(&options.source, device::open_until_interrupted, |device| {
                follow::run(device, who::beside(device).as_deref(), options, printer)
            })
        }
        Command::Record(options) => {
            record::run(&*device::open_until_interrupted()?, options, printer)
        }
        Command::Completions(options) => completions::run(*options, printer),
        Command::Man(options) => man::run(options, printer),
        Command::Tls(options) => tls::run(system_package, &mut Tcp, options, printer),
    }
}

/// Runs a command over the recording that is named, or else over the driver.
fn over(
    source: &SourceArguments,
    open: impl FnOnce() -> Result<Box<dyn Device>, Error>,
    command: impl FnOnce(&dyn Device) -> Result<(), Error>,
) -> Result<(), Error> {
    let Some(path) = &source.replay else { return command(&*open()?) };
    let name = path.display().to_string();
    let recording = Recording::open(path)
        .map_err(|reason| Error::NoRecording { path: name.clone(), reason })?;
    if let End::Cut(offset) = recording.end() {
        note(&format!(
            "`{name}` was cut in the middle of a reply, at byte {offset}: what is before that is used"
        ));
    }
    match command(&recording) {
        Ok(()) | Err(Error::Ended) => match recording.end() {
            End::Whole | End::Cut(_) => Ok(()),
            End::Damaged(offset, reason) => {
                Err(Error::Damaged { offset: *offset, reason: reason.clone() })
            }
        },
        Err(error) => Err(error),
    }
}

/// Says something that is not data.
fn note(text: &str) {
    // Where even the diagnostics cannot be written, there is nobody to tell.
    let _ = writeln!(io::stderr(), "sessionwatch: {text}");
}

fn form(arguments: &Arguments, has_colour: bool) -> Result<Form, Error> {
    Ok(match arguments.output {
        Output::Table => {
            let system =
                || TimeZone::try_system().map_err(|error| Error::TimeZone(error.to_string()));
            let zone = arguments.local_time.then(system).transpose()?;
            let table = Table::new(People::new(terminal_width(), zone), has_colour);
            let has_users = matches!(&arguments.command, Command::Follow(options) if options.source.replay.is_none());
            Form::Table(if has_users { table.with_users() } else { table })
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
