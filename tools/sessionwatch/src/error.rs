//! Errors of commands.

use std::borrow::Cow;
use std::io;
use std::path::{Path, PathBuf};

use sessionwatch_archive::FileError;
use sessionwatch_failure::{Exit, Failure, NotWindows};
use sessionwatch_reader::recording::OpenError;
use sessionwatch_reader::{DeviceError, ReadError};
use sessionwatch_smb::SmbError;
use sessionwatch_system32::LoadError;
use sessionwatch_tls::TlsError;
use sessionwatch_who::DirectoryError;
use thiserror::Error;

use crate::service::ServiceError;
use crate::trust::TrustError;

/// `ERROR_PIPE_NOT_CONNECTED` of `winerror.h`, which the standard library does not count as a
/// broken pipe. Unix has no error of this number.
const ERROR_PIPE_NOT_CONNECTED: i32 = 233;

/// The error of a command.
#[derive(Debug, Error)]
#[cfg_attr(
    test,
    derive(strum::EnumDiscriminants),
    strum_discriminants(derive(strum::VariantArray))
)]
pub enum Error {
    /// The driver or a recording could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// A file is not a recording.
    #[error("cannot read the recording {}: {reason}", .path.display())]
    OpenRecording {
        /// The file.
        path: PathBuf,
        /// The reason.
        reason: OpenError,
    },
    /// A recording is damaged.
    #[error("the recording is damaged at byte {offset}: {reason}; nothing after it was used")]
    Damaged {
        /// The first damaged byte.
        offset: u64,
        /// The damage.
        reason: String,
    },
    /// The file of a new recording could not be created.
    #[error("cannot create {}: {}", .path.display(), not_created(.reason))]
    CreateRecording {
        /// The file.
        path: PathBuf,
        /// The reason.
        reason: io::Error,
    },
    /// A file of the service or of a reader's position is not usable.
    #[error(transparent)]
    File(#[from] FileError),
    /// User mode did not return the users of the sessions.
    #[error(transparent)]
    Directory(#[from] DirectoryError),
    /// A DLL of Windows is not usable.
    #[error(transparent)]
    Library(#[from] LoadError),
    /// The service manager rejected a request.
    #[error(transparent)]
    Service(#[from] ServiceError),
    /// The service would not be safe.
    #[error(transparent)]
    Trust(#[from] TrustError),
    /// The SMB sessions could not be listed.
    #[error(transparent)]
    Smb(#[from] SmbError),
    /// A server could not be probed.
    #[error("cannot probe {server}: {reason}")]
    Tls {
        /// The server, as the user named it.
        server: String,
        /// The reason.
        reason: TlsError,
    },
    /// This system is not Windows.
    #[error(transparent)]
    NotWindows(#[from] NotWindows),
    /// The program could not listen for Ctrl-C.
    #[error("cannot listen for Ctrl-C: {0}")]
    Listen(#[source] io::Error),
    /// This machine's time zone is unknown.
    #[error("cannot find this machine's time zone: {0}")]
    TimeZone(String),
    /// The diagnosis found problems, and the command has printed them.
    #[error("doctor found {}", problems(*count))]
    Problems {
        /// The number of problems.
        count: usize,
    },
    /// A view has no terminal.
    #[error("`live` needs a terminal, and there is none")]
    NoTerminal,
    /// The manual has no such page.
    #[error("the manual has no page for `{0}`")]
    NoSuchPage(String),
    /// The output could not be written.
    #[error("cannot write the output: {0}")]
    Output(#[from] io::Error),
}

impl From<DeviceError> for Error {
    fn from(error: DeviceError) -> Self {
        Self::Read(error.into())
    }
}

impl Error {
    /// True if the user interrupted the command.
    #[must_use]
    pub const fn is_interrupted(&self) -> bool {
        matches!(self, Self::Read(ReadError::Device(DeviceError::Interrupted)))
    }

    /// True if the command reached the end of a recording.
    #[must_use]
    pub const fn is_end_of_recording(&self) -> bool {
        matches!(self, Self::Read(ReadError::Device(DeviceError::Ended)))
    }

    /// True if the reader of the output is gone, which is not a failure.
    #[must_use]
    pub fn is_broken_pipe(&self) -> bool {
        matches!(self, Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe
            || error.raw_os_error() == Some(ERROR_PIPE_NOT_CONNECTED))
    }

    pub(crate) fn create_recording(path: &Path, reason: io::Error) -> Self {
        Self::CreateRecording { path: path.to_owned(), reason }
    }

    /// The error that determines this one's exit code and hint, if there is one.
    fn cause(&self) -> Option<&dyn Failure> {
        Some(match self {
            Self::Read(error) => error,
            Self::OpenRecording { reason, .. } => reason,
            Self::File(error) => error,
            Self::Directory(error) => error,
            Self::Library(error) => error,
            Self::Service(error) => error,
            Self::Trust(error) => error,
            Self::Smb(error) => error,
            Self::Tls { reason, .. } => reason,
            Self::NotWindows(error) => error,
            _ => return None,
        })
    }
}

impl Failure for Error {
    fn exit(&self) -> Exit {
        if let Some(cause) = self.cause() {
            return cause.exit();
        }
        match self {
            Self::Damaged { .. } | Self::CreateRecording { .. } => Exit::File,
            Self::Problems { .. } => Exit::Problems,
            Self::NoTerminal | Self::NoSuchPage(_) => Exit::Usage,
            Self::Output(_) => Exit::Output,
            _ => Exit::Windows,
        }
    }

    fn hint(&self) -> Option<Cow<'static, str>> {
        if let Some(cause) = self.cause() {
            return cause.hint();
        }
        Some(
            match self {
                Self::Damaged { .. } => "use a copy of the file that is not damaged",
                Self::CreateRecording { reason, .. } => match reason.kind() {
                    io::ErrorKind::NotFound => "create the folder, or name a file in another one",
                    io::ErrorKind::AlreadyExists => "name a new file: `record` overwrites none",
                    _ => "name a file that you may write to",
                },
                Self::TimeZone(_) => "leave out --local-time to see UTC",
                Self::Problems { .. } => "follow the advice above, then run doctor again",
                Self::NoTerminal => "run it in a terminal, or use `sessionwatch follow`",
                Self::NoSuchPage(_) => "name a command of `sessionwatch --help`",
                _ => return None,
            }
            .into(),
        )
    }
}

fn not_created(reason: &io::Error) -> String {
    match reason.kind() {
        io::ErrorKind::NotFound => "its folder does not exist".to_owned(),
        io::ErrorKind::AlreadyExists => "it already exists".to_owned(),
        _ => reason.to_string(),
    }
}

fn problems(count: usize) -> String {
    if count == 1 { "1 problem".to_owned() } else { format!("{count} problems") }
}

#[cfg(test)]
mod tests {
    use sessionwatch_failure::WindowsError;
    use sessionwatch_failure::testing::assert_every_kind;
    use sessionwatch_smb::{Query, ServerName};

    use super::*;
    use crate::trust::{Purpose, Weakness};

    #[test]
    fn every_kind_says_what_failed_why_and_what_to_do() {
        let denied = || WindowsError { code: 5, message: "Access is denied".to_owned() };
        let path = || PathBuf::from("monday.swrec");
        let errors = [
            DeviceError::NotRunning.into(),
            Error::OpenRecording { path: path(), reason: OpenError::NoRecording },
            Error::Damaged { offset: 16, reason: "the checksum is wrong".to_owned() },
            Error::create_recording(&path(), io::ErrorKind::AlreadyExists.into()),
            Error::create_recording(&path(), io::ErrorKind::NotFound.into()),
            FileError::NoFolder("logs".into()).into(),
            DirectoryError { call: "WTSEnumerateSessionsExW", error: denied() }.into(),
            LoadError { attempt: "loading netapi32.dll", error: denied() }.into(),
            ServiceError::Rejected { action: "install", error: denied() }.into(),
            TrustError { path: path(), purpose: Purpose::Program, weakness: Weakness::NoList }
                .into(),
            SmbError::AccessDenied { server: ServerName::of(&Query::default()) }.into(),
            Error::Tls { server: "localhost:443".to_owned(), reason: TlsError::Refused },
            NotWindows::DRIVER.into(),
            Error::Listen(io::Error::other("no console")),
            Error::TimeZone("no TZif file".to_owned()),
            Error::Problems { count: 1 },
            Error::Problems { count: 2 },
            Error::NoTerminal,
            Error::NoSuchPage("forget".to_owned()),
            io::Error::other("disk full").into(),
        ];
        assert_every_kind::<_, ErrorDiscriminants>(&errors);
        assert_eq!(errors[4].to_string(), "cannot create monday.swrec: its folder does not exist");
    }

    #[test]
    fn a_broken_pipe_is_not_a_failure() {
        assert!(Error::from(io::Error::from(io::ErrorKind::BrokenPipe)).is_broken_pipe());
        assert!(Error::from(io::Error::from_raw_os_error(233)).is_broken_pipe());
        assert!(!Error::from(io::Error::other("disk full")).is_broken_pipe());
    }
}
