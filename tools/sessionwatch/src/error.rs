//! What can go wrong, as a sentence that says what to do, and as an exit code.

use std::io;
use std::process::ExitCode;

use sessionwatch_failure::{Failure, NotWindows};
use sessionwatch_protocol::{DecodeError, Rejection, VERSION};
use sessionwatch_smb::SmbError;
use sessionwatch_tls::TlsError;
use thiserror::Error;

use crate::account::Imbalance;
use crate::device::DeviceError;
use crate::recording::OpenError;
use crate::service::{self, ServiceError};
use crate::who::DirectoryError;

/// `ERROR_PIPE_NOT_CONNECTED` of `winerror.h`, which the standard library does
/// not count as a broken pipe. Unix has no error of this number.
const ERROR_PIPE_NOT_CONNECTED: i32 = 233;

/// Why a command did not do its work.
#[derive(Debug, Error)]
pub enum Error {
    /// There is no device.
    #[error(
        "the driver is not running: start it with `sc start sessionwatch` as an administrator, or \
         install it first"
    )]
    NotRunning,
    /// Windows does not let this user open the device.
    #[error(
        "only administrators may read the journal: run this from a prompt that was started with \
         \"Run as administrator\""
    )]
    AccessDenied,
    /// The driver does not speak this tool's version of the contract.
    #[error(
        "the driver speaks {}, this tool speaks version {VERSION}: install the driver and the \
         tool of one release",
        version_name(*driver)
    )]
    OtherVersion {
        /// The driver's version, where it told.
        driver: Option<u32>,
    },
    /// The driver refused the request for another reason.
    #[error("the driver refused the request: {0}; install the driver and the tool of one release")]
    Refused(Rejection),
    /// The driver's reply is no reply.
    #[error("the driver's reply cannot be used: {0}; nothing of it was shown, please report this")]
    BadReply(#[from] DecodeError),
    /// The driver's reply does not continue the account.
    #[error(
        "the driver's reply does not continue what was read before: {0}; nothing of it was shown, \
         please report this"
    )]
    Unbalanced(#[from] Imbalance),
    /// As many reads wait as the driver lets.
    #[error(
        "too many programs wait for events already: end one that follows the journal, or use \
         `sessionwatch read`"
    )]
    TooManyPendingReads,
    /// The user wants no more.
    #[error("interrupted")]
    Interrupted,
    /// The recording has no more.
    #[error("the recording ends")]
    Ended,
    /// A recording cannot be read or written on.
    #[error("the recording cannot be used any further: {0}")]
    Recording(String),
    /// A file is no recording.
    #[error("`{path}` {reason}")]
    NoRecording {
        /// The file.
        path: String,
        /// Why.
        reason: OpenError,
    },
    /// A recording has something in it that was not recorded.
    #[error(
        "the recording is damaged at byte {offset}: {reason}; what is before that was used, and \
         nothing behind it"
    )]
    Damaged {
        /// Where.
        offset: u64,
        /// What is wrong there.
        reason: String,
    },
    /// The file of a new recording cannot be made.
    #[error("`{path}` cannot be made: {reason}; name a file that is not there yet")]
    NotMade {
        /// The file.
        path: String,
        /// Why.
        reason: io::Error,
    },
    /// The file that keeps the place of `follow` is not one.
    #[error(
        "`{path}` does not say where to go on: {reason}; name another file, or remove it to begin \
         anew"
    )]
    State {
        /// The file.
        path: String,
        /// Why.
        reason: String,
    },
    /// Windows reported an error.
    #[error(
        "Windows could not pass the request on: {message} (error {code}); `sc query sessionwatch` \
         tells how the driver is"
    )]
    System {
        /// The Win32 error.
        code: u32,
        /// What Windows says about it.
        message: String,
    },
    /// Ctrl-C could not be listened to.
    #[error("cannot listen for Ctrl-C: {0}")]
    Listen(#[source] io::Error),
    /// This machine's time zone is not known.
    #[error("this machine's time zone is not known: {0}; leave out --local-time to see UTC")]
    TimeZone(String),
    /// The diagnosis has found problems, which were shown.
    #[error("doctor has found {0} that must be mended first: it says above how", problems(*count))]
    Problems {
        /// How many.
        count: usize,
    },
    /// There is no terminal to show a view on.
    #[error(
        "this is a view for a terminal, and there is none here: run it in one, or use \
         `sessionwatch follow` for a pipe or a file"
    )]
    NoTerminal,
    /// There is no page of the manual of this name.
    #[error("the manual has no page for `{0}`: name a command of `sessionwatch --help`")]
    NoSuchPage(String),
    /// The SMB sessions cannot be listed.
    #[error("{}", with_hint(.0))]
    Smb(#[from] SmbError),
    /// The TLS server cannot be probed.
    #[error("cannot probe {server}: {}", with_hint(.reason))]
    Tls {
        /// The server, as the user named it.
        server: String,
        /// Why.
        reason: TlsError,
    },
    /// There is no driver on this system.
    #[error("the driver lives on Windows: run this there")]
    NotWindows,
    /// Only Windows has what was asked for.
    #[error("{}", with_hint(.0))]
    OnlyOnWindows(#[from] NotWindows),
    /// What Windows knows of its sessions could not be had.
    #[error(transparent)]
    Directory(#[from] DirectoryError),
    /// The service manager refused.
    #[error(transparent)]
    Service(#[from] ServiceError),
    /// The output could not be written.
    #[error("the output cannot be written: {0}")]
    Output(#[from] io::Error),
}

/// The error and its hint, until `main` prints hints.
fn with_hint(failure: &impl Failure) -> String {
    match failure.hint() {
        Some(hint) => format!("{failure}; {hint}"),
        None => failure.to_string(),
    }
}

fn problems(count: usize) -> String {
    if count == 1 { "a problem".to_owned() } else { format!("{count} problems") }
}

fn version_name(version: Option<u32>) -> String {
    version.map_or_else(
        || "another version of the contract".to_owned(),
        |version| format!("version {version} of the contract"),
    )
}

impl From<DeviceError> for Error {
    fn from(error: DeviceError) -> Self {
        match error {
            DeviceError::NotRunning => Self::NotRunning,
            DeviceError::AccessDenied => Self::AccessDenied,
            DeviceError::Refused(Rejection::TooManyPendingReads) => Self::TooManyPendingReads,
            DeviceError::Interrupted => Self::Interrupted,
            DeviceError::Ended => Self::Ended,
            DeviceError::Recording(reason) => Self::Recording(reason),
            DeviceError::Refused(Rejection::UnknownVersion) => Self::OtherVersion { driver: None },
            DeviceError::Refused(rejection) => Self::Refused(rejection),
            DeviceError::System { code, message } => Self::System { code, message },
            DeviceError::NotWindows => Self::NotWindows,
        }
    }
}

impl Error {
    /// From a reply that does not decode; another version is told apart.
    #[must_use]
    pub fn from_decode(error: DecodeError) -> Self {
        match error {
            DecodeError::Version(version) => Self::OtherVersion { driver: Some(version) },
            other => Self::BadReply(other),
        }
    }

    /// Whether the reader of the output has gone, which is no failure.
    #[must_use]
    pub fn is_broken_pipe(&self) -> bool {
        matches!(self, Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe
            || error.raw_os_error() == Some(ERROR_PIPE_NOT_CONNECTED))
    }

    /// The exit code.
    #[must_use]
    pub fn exit(&self) -> Exit {
        match self {
            Self::NotRunning => Exit::NotRunning,
            Self::AccessDenied
            | Self::Service(ServiceError { code: service::ERROR_ACCESS_DENIED, .. }) => {
                Exit::AccessDenied
            }
            Self::OtherVersion { .. } => Exit::OtherVersion,
            Self::Refused(_) | Self::TooManyPendingReads => Exit::Refused,
            Self::BadReply(_) | Self::Unbalanced(_) => Exit::BadReply,
            Self::Recording(_)
            | Self::NoRecording { .. }
            | Self::Damaged { .. }
            | Self::NotMade { .. }
            | Self::State { .. } => Exit::File,
            Self::System { .. }
            | Self::Interrupted
            | Self::Ended
            | Self::Listen(_)
            | Self::TimeZone(_)
            | Self::Directory(DirectoryError::Windows { .. })
            | Self::Service(_) => Exit::System,
            Self::Smb(error) => error.exit().into(),
            Self::OnlyOnWindows(error) => error.exit().into(),
            Self::Tls { reason, .. } => reason.exit().into(),
            Self::Problems { .. } => Exit::Problems,
            Self::NoTerminal | Self::NoSuchPage(_) => Exit::Usage,
            Self::NotWindows | Self::Directory(DirectoryError::NotWindows) => Exit::NotWindows,
            Self::Output(_) => Exit::Output,
        }
    }
}

/// The exit codes, apart from 0 for success; clap gives 2 as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// The output cannot be written.
    Output = 1,
    /// What was asked for does not exist or does not fit.
    Usage = 2,
    /// The driver is not running, or a service of Windows.
    NotRunning = 3,
    /// The user is not an administrator.
    AccessDenied = 4,
    /// Driver and tool are of different versions.
    OtherVersion = 5,
    /// The driver refused the request.
    Refused = 6,
    /// A reply cannot be used.
    BadReply = 7,
    /// Windows reported another error.
    System = 9,
    /// Not on Windows.
    NotWindows = 10,
    /// A file that was named cannot be used, or not to its end.
    File = 11,
    /// There is no such computer, or nothing there that was asked for.
    NotFound = 12,
    /// The handshake with a server was not made.
    Handshake = 13,
    /// `doctor` has found a problem.
    Problems = 14,
}

/// The exit codes as `--help` shows them.
pub const EXIT_CODES: &str = "\
Exit codes:
   0  done, or the reader of the output has gone, or follow was ended by Ctrl-C
   1  the output cannot be written
   2  wrong usage
   3  the driver is not running, or the service of Windows that was asked
   4  not an administrator
   5  the driver and the tool are of different versions
   6  the driver refused the request
   7  a reply cannot be used or does not add up
   9  Windows reported another error
  10  this system is not Windows
  11  a file that was named cannot be used, or not to its end
  12  the computer that was named is not there, or it has not what was asked for
  13  the TLS handshake was not made, or its certificate is not trusted
  14  doctor has found a problem";

impl From<sessionwatch_failure::Exit> for Exit {
    fn from(exit: sessionwatch_failure::Exit) -> Self {
        use sessionwatch_failure::Exit as Code;
        match exit {
            Code::Output => Self::Output,
            Code::Usage => Self::Usage,
            Code::NotRunning => Self::NotRunning,
            Code::AccessDenied => Self::AccessDenied,
            Code::OtherVersion => Self::OtherVersion,
            Code::Rejected => Self::Refused,
            Code::BadReply => Self::BadReply,
            // No error is a success.
            Code::Done | Code::Windows => Self::System,
            Code::NotWindows => Self::NotWindows,
            Code::File => Self::File,
            Code::NotFound => Self::NotFound,
            Code::Handshake => Self::Handshake,
            Code::Problems => Self::Problems,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use sessionwatch_smb::Query;

    use super::*;

    /// One error of each kind, and each rejection.
    fn every_error() -> Vec<Error> {
        let mut errors: Vec<Error> = [
            Rejection::UnknownCode,
            Rejection::Truncated,
            Rejection::Oversized,
            Rejection::Misaligned,
            Rejection::UnknownVersion,
            Rejection::InvalidField,
            Rejection::TooManyPendingReads,
            Rejection::OutputTooSmall { needed: 0 },
        ]
        .into_iter()
        .map(|rejection| DeviceError::Refused(rejection).into())
        .collect();
        errors.extend([
            DeviceError::NotRunning.into(),
            DeviceError::AccessDenied.into(),
            DeviceError::System { code: 995, message: "aborted".to_owned() }.into(),
            DeviceError::NotWindows.into(),
            Error::from_decode(DecodeError::Version(2)),
            Error::from_decode(DecodeError::Account),
            Imbalance::NotContinued { expected: 1, actual: 2 }.into(),
            Error::Interrupted,
            NotWindows::new("SMB sessions can be listed").into(),
            SmbError::no_such_session(&Query::default()).into(),
            Error::Ended,
            DirectoryError::Windows { call: "call", code: 5, message: "denied".to_owned() }.into(),
            DirectoryError::NotWindows.into(),
            ServiceError { doing: "removed", code: 1060, message: "no such service".to_owned() }
                .into(),
            ServiceError { doing: "installed", code: 5, message: "denied".to_owned() }.into(),
            DeviceError::Recording("it was changed".to_owned()).into(),
            Error::NoRecording { path: "file".to_owned(), reason: OpenError::NoRecording },
            Error::NoRecording { path: "file".to_owned(), reason: OpenError::OtherVersion },
            Error::NoRecording { path: "file".to_owned(), reason: OpenError::Empty },
            Error::Damaged { offset: 16, reason: "odd".to_owned() },
            Error::NotMade { path: "file".to_owned(), reason: io::ErrorKind::AlreadyExists.into() },
            Error::State { path: "file".to_owned(), reason: "odd".to_owned() },
            Error::TimeZone("no TZif file".to_owned()),
            Error::Problems { count: 1 },
            Error::Problems { count: 2 },
            Error::NoTerminal,
            Error::NoSuchPage("forget".to_owned()),
            Error::Tls { server: "localhost:443".to_owned(), reason: TlsError::Refused },
            io::Error::other("disk full").into(),
        ]);
        errors
    }

    #[test]
    fn every_error_is_one_sentence_of_its_own() {
        let sentences: HashSet<String> = every_error().iter().map(ToString::to_string).collect();
        assert_eq!(sentences.len(), every_error().len());
        for sentence in sentences {
            assert!(!sentence.contains('\n') && !sentence.ends_with('.'), "{sentence}");
            assert!(!sentence.contains("  "), "{sentence}");
        }
    }

    #[test]
    fn every_exit_code_is_documented() {
        for error in every_error() {
            let line = format!("\n{:>4}  ", error.exit() as u8);
            assert!(EXIT_CODES.contains(&line), "{error}");
        }
    }

    #[test]
    fn the_sentences_name_the_remedy() {
        assert!(Error::NotRunning.to_string().contains("`sc start sessionwatch`"));
        assert!(Error::AccessDenied.to_string().contains("administrator"));
        assert!(
            Error::from_decode(DecodeError::Version(2))
                .to_string()
                .contains("version 2 of the contract, this tool speaks version 1")
        );
        assert!(
            Error::from(DeviceError::System { code: 995, message: String::new() })
                .to_string()
                .contains("(error 995)")
        );
    }

    #[test]
    fn only_a_broken_pipe_is_quiet() {
        assert!(Error::from(io::Error::from(io::ErrorKind::BrokenPipe)).is_broken_pipe());
        assert!(Error::from(io::Error::from_raw_os_error(233)).is_broken_pipe());
        assert!(!Error::from(io::Error::from(io::ErrorKind::StorageFull)).is_broken_pipe());
        assert!(!Error::NotRunning.is_broken_pipe());
    }
}
