//! A reader's position, kept in a file across restarts.
//!
//! A reader writes the position after it has shown the events before it. If the reader is killed
//! in between, its next run repeats the last events and loses none.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sessionwatch_reader::Position;

use crate::error::FileError;
use crate::files::Files;

/// A place that keeps a reader's position.
pub trait KeepPosition {
    /// The position that it keeps.
    fn kept(&self) -> Option<Position>;

    /// Keeps another position.
    ///
    /// # Errors
    ///
    /// If it cannot be kept.
    fn keep(&mut self, position: Position) -> Result<(), FileError>;
}

/// A file that keeps a [`Position`].
pub struct PositionFile {
    files: Arc<dyn Files>,
    path: PathBuf,
    kept: Option<Position>,
}

/// A file without a position, which was renamed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetAside {
    /// Its name now.
    pub renamed_to: String,
    /// Why no position could be read from it.
    pub reason: String,
}

/// The number of damaged files that are kept.
const FILES_SET_ASIDE: u32 = 9;

impl PositionFile {
    /// Reads the file, if it exists.
    ///
    /// # Errors
    ///
    /// If it cannot be read, holds something else, or has no folder.
    pub fn open(files: Arc<dyn Files>, path: &Path) -> Result<Self, FileError> {
        let fail = |reason: String| FileError::ReadPosition { path: path.to_owned(), reason };
        let kept = match read(&*files, path) {
            Ok(position) => position.transpose().map_err(fail)?,
            Err(error) => return Err(fail(error.to_string())),
        };
        Ok(Self { files, path: path.to_owned(), kept })
    }

    /// Reads the file like [`open`](Self::open). Renames a file that holds something else, and
    /// returns why: the position is then unknown.
    ///
    /// # Errors
    ///
    /// If it cannot be read.
    pub fn open_or_set_aside(
        files: Arc<dyn Files>,
        path: &Path,
    ) -> io::Result<(Self, Option<SetAside>)> {
        let (kept, set_aside) = match read(&*files, path)? {
            None => (None, None),
            Some(Ok(position)) => (Some(position), None),
            Some(Err(reason)) => {
                let name = |number| format!("damaged-{number}.json");
                // If every name is in use, the last file is replaced.
                let free = (1..FILES_SET_ASIDE).find(|number| {
                    matches!(files.stat(&path.with_extension(name(*number))), Ok(None))
                });
                let aside = path.with_extension(name(free.unwrap_or(FILES_SET_ASIDE)));
                files.rename(path, &aside)?;
                let renamed_to = aside.file_name().unwrap_or_default();
                let renamed_to = renamed_to.to_string_lossy().into_owned();
                (None, Some(SetAside { renamed_to, reason }))
            }
        };
        Ok((Self { files, path: path.to_owned(), kept }, set_aside))
    }

    /// The position that it keeps.
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

impl KeepPosition for PositionFile {
    fn kept(&self) -> Option<Position> {
        self.kept.clone()
    }

    fn keep(&mut self, position: Position) -> Result<(), FileError> {
        Self::keep(self, position)
    }
}

/// Reads a file: `None` if it does not exist, and the reason if it holds no position.
fn read(files: &dyn Files, path: &Path) -> io::Result<Option<Result<Position, String>>> {
    match files.read(path) {
        Ok(bytes) => Ok(Some(parse(&bytes))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
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
        PositionFile::open(Arc::new(Disk), path)
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
    fn a_damaged_file_is_set_aside_and_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("place.json");
        let open = || PositionFile::open_or_set_aside(Arc::new(Disk), &path).unwrap();
        assert!(matches!(open(), (PositionFile { kept: None, .. }, None)));
        for number in 1..=FILES_SET_ASIDE + 1 {
            fs::write(&path, [0; 47]).unwrap();
            let (mut file, set_aside) = open();
            let name = format!("place.damaged-{}.json", number.min(FILES_SET_ASIDE));
            assert_eq!(set_aside.unwrap().renamed_to, name);
            assert_eq!(fs::read(folder.path().join(&name)).unwrap(), [0; 47]);
            assert_eq!(file.kept(), None);
            file.keep(Position::new(7, 3)).unwrap();
            assert_eq!(open().0.kept(), Some(&Position::new(7, 3)));
        }
    }

    #[test]
    fn a_missing_folder_is_named_and_no_temporary_file() {
        let folder = tempfile::tempdir().unwrap();
        let missing = folder.path().join("nonexistent");
        let mut file = open(&missing.join("place.json")).unwrap();
        let error = file.keep(Position::new(7, 1)).unwrap_err().to_string();
        assert_eq!(error, format!("the folder {} does not exist", missing.display()));
    }
}
