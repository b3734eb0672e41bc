//! Errors of file operations.

use std::borrow::Cow;
use std::io;
use std::path::{Path, PathBuf};

use sessionwatch_failure::{Exit, Failure};
use thiserror::Error;

/// The error of a file operation.
#[derive(Debug, Error)]
#[cfg_attr(
    test,
    derive(strum::EnumDiscriminants),
    strum_discriminants(derive(strum::VariantArray))
)]
pub enum FileError {
    /// The folder for a file does not exist.
    #[error("the folder {} does not exist", .0.display())]
    NoFolder(PathBuf),
    /// A position could not be read from a file.
    #[error("cannot read the position in {}: {reason}", .path.display())]
    ReadPosition {
        /// The file.
        path: PathBuf,
        /// The reason.
        reason: String,
    },
    /// A position could not be written to a file.
    #[error("cannot write the position to {}: {reason}", .path.display())]
    WritePosition {
        /// The file.
        path: PathBuf,
        /// The reason.
        reason: io::Error,
    },
    /// The log could not be opened or written.
    #[error("cannot write the log in {}: {reason}", .folder.display())]
    Log {
        /// The folder of the log.
        folder: PathBuf,
        /// The reason.
        reason: io::Error,
    },
}

impl FileError {
    pub(crate) fn log(folder: &Path, reason: io::Error) -> Self {
        Self::Log { folder: folder.to_owned(), reason }
    }
}

impl Failure for FileError {
    fn exit(&self) -> Exit {
        match self {
            Self::Log { .. } => Exit::Output,
            Self::NoFolder(_) | Self::ReadPosition { .. } | Self::WritePosition { .. } => {
                Exit::File
            }
        }
    }

    fn hint(&self) -> Option<Cow<'static, str>> {
        Some(
            match self {
                Self::NoFolder(_) => "create it, or name a file in another folder",
                Self::ReadPosition { .. } => "name another file, or remove this one to begin anew",
                Self::WritePosition { .. } => "name a file that you may write to",
                Self::Log { .. } => "check that the folder is writable and the disk has room",
            }
            .into(),
        )
    }
}

#[cfg(test)]
mod tests {
    use sessionwatch_failure::testing::assert_every_kind;

    use super::*;

    #[test]
    fn every_kind_says_what_failed_why_and_what_to_do() {
        let path = PathBuf::from("place.json");
        let errors = [
            FileError::NoFolder("nonexistent".into()),
            FileError::ReadPosition { path: path.clone(), reason: "it is empty".to_owned() },
            FileError::WritePosition { path, reason: io::ErrorKind::PermissionDenied.into() },
            FileError::log(Path::new("logs"), io::ErrorKind::StorageFull.into()),
        ];
        assert_every_kind::<_, FileErrorDiscriminants>(&errors);
        assert_eq!(errors[0].to_string(), "the folder nonexistent does not exist");
    }
}
