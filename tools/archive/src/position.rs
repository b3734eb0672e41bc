//! A reader's position, kept in a file across restarts.
//!
//! A reader writes the position after it has shown the events before it. If the reader is killed
//! in between, its next run repeats the last events and loses none.

use std::io;
use std::path::{Path, PathBuf};

use sessionwatch_reader::Position;

use crate::error::FileError;
use crate::files::Files;

/// A file that keeps a [`Position`].
pub struct PositionFile {
    files: Box<dyn Files>,
    path: PathBuf,
    kept: Option<Position>,
}

impl PositionFile {
    /// Reads the file, if it exists.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, holds no position, or its folder does not exist.
    pub fn open(files: Box<dyn Files>, path: &Path) -> Result<Self, FileError> {
        let fail = |reason: String| FileError::ReadPosition { path: path.to_owned(), reason };
        let kept = match files.read(path) {
            Ok(bytes) => Some(parse(&bytes).map_err(fail)?),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(fail(error.to_string())),
        };
        Ok(Self { files, path: path.to_owned(), kept })
    }

    /// The position in the file.
    #[must_use]
    pub const fn kept(&self) -> Option<&Position> {
        self.kept.as_ref()
    }

    /// Replaces the position atomically.
    ///
    /// # Errors
    ///
    /// If the file cannot be written.
    pub fn keep(&mut self, position: Position) -> Result<(), FileError> {
        if self.kept.as_ref() == Some(&position) {
            return Ok(());
        }
        self.write(&position).map_err(|reason| self.not_written(reason))?;
        self.kept = Some(position);
        Ok(())
    }

    fn write(&self, position: &Position) -> io::Result<()> {
        let mut content = serde_json::to_vec(position)?;
        content.push(b'\n');
        self.files.replace(&self.path, &content)
    }

    fn not_written(&self, reason: io::Error) -> FileError {
        match self.path.parent() {
            Some(folder) if reason.kind() == io::ErrorKind::NotFound => {
                FileError::NoFolder(folder.to_owned())
            }
            _ => FileError::WritePosition { path: self.path.clone(), reason },
        }
    }
}

pub(crate) fn parse(bytes: &[u8]) -> Result<Position, String> {
    let position: Position = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
    if position.next == 0 {
        return Err("sequence numbers start at 1".to_owned());
    }
    Ok(position)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::Disk;

    fn open(path: &Path) -> Result<PositionFile, FileError> {
        PositionFile::open(Box::new(Disk), path)
    }

    #[test]
    fn a_position_is_kept_until_another_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("place.json");
        let mut file = open(&path).unwrap();
        assert_eq!(file.kept(), None);
        for next in [1, 7] {
            let position = Position::new(7, next);
            file.keep(position.clone()).unwrap();
            assert_eq!(open(&path).unwrap().kept(), Some(&position));
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no temporary file is left");
    }

    #[test]
    fn a_file_without_a_position_is_an_error_and_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("place.json");
        for wrong in ["", "{}", r#"{"journal_id":"1","next":0}"#, r#"{"journal_id":"1","next":-1}"#]
        {
            fs::write(&path, wrong).unwrap();
            let error = open(&path).err().unwrap().to_string();
            assert!(error.starts_with("cannot read the position in "), "{error}");
            assert_eq!(fs::read_to_string(&path).unwrap(), wrong);
        }
    }

    #[test]
    fn an_error_names_the_missing_folder_and_no_temporary_file() {
        let folder = tempfile::tempdir().unwrap();
        let missing = folder.path().join("nonexistent");
        let mut file = open(&missing.join("place.json")).unwrap();
        let error = file.keep(Position::new(7, 1)).unwrap_err().to_string();
        assert_eq!(error, format!("the folder {} does not exist", missing.display()));
    }
}
