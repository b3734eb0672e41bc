//! The commands, and the wiring of each to the real device and the real output.

pub mod completions;
pub mod doctor;
pub mod explain;
pub mod follow;
pub mod live;
pub mod man;
mod progress;
pub mod read;
pub mod record;
pub mod service;
pub mod sessions;
pub mod smb;
pub mod status;
pub mod tls;

use std::io::{self, IsTerminal, Write};
use std::path::Path;

use anstream::{AutoStream, ColorChoice};
use jiff::tz::TimeZone;
use sessionwatch_tls::Tcp;

use crate::args::{Arguments, Command, LiveArguments, Output, SourceArguments};
use crate::device::{self, Device};
use crate::error::Error;
use crate::platform;
use crate::recording::{End, Recording};
use crate::render::{Form, People, Printer, Table};
use crate::who;

/// How wide rows are where there is no terminal that says it.
const WIDTH_OF_FILES: u16 = 200;

/// Does what the command line asks for.
///
/// # Errors
///
/// Whatever keeps the command from its work.
pub fn run(arguments: &Arguments) -> Result<(), Error> {
    // Not locked: `live` draws on it from several threads.
    let mut stdout = AutoStream::auto(io::stdout());
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
        Command::Service { command } => service::run(command, printer),
        Command::Follow(options) => {
            over(&options.source, device::open_until_interrupted, |device| {
                follow::run(device, who::beside(device).as_deref(), options, printer)
            })
        }
        Command::Record(options) => {
            record::run(&*device::open_until_interrupted()?, options, printer)
        }
        Command::Live(options) => show_live(options, arguments),
        Command::Doctor => doctor::run(&crate::doctor::examine()?, printer),
        Command::Completions(options) => completions::run(*options, printer),
        Command::Man(options) => man::run(options, printer),
        Command::Smb(options) => smb::dispatch(options, printer),
        Command::Tls(options) => {
            let package = platform::tls_package(&options.server, &options.alpn)?;
            tls::run(&*package, &mut Tcp, options, printer)
        }
    }
}

/// Runs a command over the recording that is named, or else over the driver.
fn over(
    source: &SourceArguments,
    open: impl FnOnce() -> Result<Box<dyn Device>, Error>,
    command: impl FnOnce(&dyn Device) -> Result<(), Error>,
) -> Result<(), Error> {
    match &source.replay {
        None => command(&*open()?),
        Some(path) => over_recording(path, |recording| command(recording)),
    }
}

/// Runs a command over a recording, and says what is wrong with that.
fn over_recording(
    path: &Path,
    command: impl FnOnce(&Recording) -> Result<(), Error>,
) -> Result<(), Error> {
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

fn show_live(options: &LiveArguments, arguments: &Arguments) -> Result<(), Error> {
    let zone = zone(arguments)?;
    match &options.source.replay {
        None => live::follow(zone),
        Some(path) => over_recording(path, |recording| {
            let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
            live::replay(recording, name.into_owned(), zone)
        }),
    }
}

/// The zone of the times that people see; UTC where there is none.
fn zone(arguments: &Arguments) -> Result<Option<TimeZone>, Error> {
    let system = || TimeZone::try_system().map_err(|error| Error::TimeZone(error.to_string()));
    arguments.local_time.then(system).transpose()
}

fn form(arguments: &Arguments, has_colour: bool) -> Result<Form, Error> {
    Ok(match arguments.output {
        Output::Table => {
            let table = Table::new(People::new(terminal_width(), zone(arguments)?), has_colour);
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
