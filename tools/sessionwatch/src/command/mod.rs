//! The commands, and the wiring of each to the platform and the output.

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
mod stream;
pub mod tls;

use std::io::{self, IsTerminal, Write};
use std::path::Path;

use anstream::{AutoStream, ColorChoice};
use jiff::tz::TimeZone;
use sessionwatch_reader::Device;
use sessionwatch_reader::recording::{End, Recording};
use sessionwatch_tls::Tcp;
use sessionwatch_who::Directory;

use crate::args::{
    Arguments, Command, FollowArguments, LiveArguments, Output, SessionsArguments, SourceArguments,
};
use crate::error::Error;
use crate::platform;
use crate::render::{Form, Layout, Printer, Table};

/// The width of output that does not go to a terminal, in columns.
const WIDTH_OF_FILES: u16 = 200;

/// Runs the command of a command line.
///
/// # Errors
///
/// The error of the command.
pub fn run(arguments: &Arguments) -> Result<(), Error> {
    // Do not lock it, because `live` draws from several threads.
    let mut stdout = AutoStream::auto(io::stdout());
    let has_colour = stdout.current_choice() != ColorChoice::Never;
    let mut printer = Printer::new(form(arguments, has_colour)?, &mut stdout);
    let outcome = dispatch(arguments, &mut printer);
    // End the output well-formed in any case. The first error is the cause.
    let ended = printer.end();
    match outcome {
        Ok(()) => Ok(ended?),
        // The user ended the command on purpose.
        Err(error) if error.is_interrupted() => Ok(ended?),
        Err(error) => Err(error),
    }
}

fn dispatch(arguments: &Arguments, printer: &mut Printer<'_>) -> Result<(), Error> {
    match &arguments.command {
        Command::Read(options) => {
            over(&options.source, |device| read::run(device, options, printer))
        }
        Command::Explain(options) => {
            over(&options.source, |device| explain::run(device, options, printer))
        }
        Command::Status(source) => over(source, |device| status::run(device, printer)),
        Command::Sessions(options) => list_sessions(options, printer),
        Command::Service { command } => service::run(command, printer),
        Command::Follow(options) => follow_events(options, printer),
        Command::Record(options) => {
            record::run(&*platform::open_driver_until_interrupted()?, options, printer)
        }
        Command::Live(options) => show_live(options, arguments),
        Command::Doctor => doctor::run(&platform::examine()?, printer),
        Command::Completions(options) => completions::run(*options, printer),
        Command::Man(options) => man::run(options, printer),
        Command::Smb(options) => smb::dispatch(options, printer),
        Command::Tls(options) => {
            let package = platform::tls_package(&options.server, &options.alpn)?;
            tls::run(&*package, &mut Tcp, options, printer)
        }
    }
}

fn list_sessions(options: &SessionsArguments, printer: &mut Printer<'_>) -> Result<(), Error> {
    if let Some(path) = &options.source.replay {
        return over_recording(path, |recording| {
            let device: Result<&dyn Device, _> = Ok(recording);
            let directory: Result<Option<&dyn Directory>, _> = Ok(None);
            sessions::run(device, directory, options, printer, &mut note)
        });
    }
    let directory = platform::directory().map(Some);
    sessions::run(platform::open_driver(), directory, options, printer, &mut note)
}

fn follow_events(options: &FollowArguments, printer: &mut Printer<'_>) -> Result<(), Error> {
    if let Some(path) = &options.source.replay {
        return over_recording(path, |recording| follow::run(recording, None, options, printer));
    }
    let device = platform::open_driver_until_interrupted()?;
    let directory = platform::directory().ok();
    follow::run(&*device, directory.as_deref(), options, printer)
}

/// Runs a command over the recording of `source`, or over the driver.
fn over(
    source: &SourceArguments,
    command: impl FnOnce(&dyn Device) -> Result<(), Error>,
) -> Result<(), Error> {
    match &source.replay {
        None => command(&*platform::open_driver()?),
        Some(path) => over_recording(path, |recording| command(recording)),
    }
}

/// Runs a command over a recording, and reports its damage.
fn over_recording(
    path: &Path,
    command: impl FnOnce(&Recording) -> Result<(), Error>,
) -> Result<(), Error> {
    let recording = Recording::open(path)
        .map_err(|reason| Error::OpenRecording { path: path.to_owned(), reason })?;
    if let End::Cut(offset) = recording.end() {
        note(&format!(
            "{} was cut in the middle of a reply, at byte {offset}; using everything before that",
            path.display()
        ));
    }
    match command(&recording) {
        Err(error) if !error.is_end_of_recording() => Err(error),
        _ => match recording.end() {
            End::Whole | End::Cut(_) => Ok(()),
            End::Damaged(offset, reason) => {
                Err(Error::Damaged { offset: *offset, reason: reason.clone() })
            }
        },
    }
}

/// Prints a message that is not data.
fn note(text: &str) {
    // If writing fails, nobody reads the note.
    let _ = writeln!(io::stderr(), "note: {text}");
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

/// The zone of times for people; UTC if `None`.
fn zone(arguments: &Arguments) -> Result<Option<TimeZone>, Error> {
    let system = || TimeZone::try_system().map_err(|error| Error::TimeZone(error.to_string()));
    arguments.local_time.then(system).transpose()
}

fn form(arguments: &Arguments, has_colour: bool) -> Result<Form, Error> {
    Ok(match arguments.output {
        Output::Table => {
            let layout = Layout::new(terminal_width(), zone(arguments)?);
            Form::Table(Table::new(layout, has_colour))
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
