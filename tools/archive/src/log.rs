//! The service's log: a bounded number of files of bounded size. A new file replaces the oldest.

use std::io;
use std::path::{Path, PathBuf};

use crate::error::FileError;
use crate::files::{AppendFile, Files};

/// The size of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// The size at which the next write begins a new file, in bytes.
    pub file_bytes: u64,
    /// The number of files to keep, including the current one.
    pub files: u32,
}

/// A log in a folder. `events.ndjson` is the current file. Older lines are in `events.1.ndjson`
/// and so on; the file with the highest number is the oldest.
///
/// One write goes to one file, so no line is split.
pub struct Log {
    files: Box<dyn Files>,
    folder: PathBuf,
    bounds: Bounds,
    file: Box<dyn AppendFile>,
    bytes: u64,
}

impl Log {
    /// Opens the log in a folder and continues after its last line. Creates the folder if it does
    /// not exist. Ends a last line that a loss of power cut.
    ///
    /// # Errors
    ///
    /// If the folder or the file cannot be created or read.
    pub fn open(files: Box<dyn Files>, folder: &Path, bounds: Bounds) -> Result<Self, FileError> {
        let fail = |reason| FileError::log(folder, reason);
        files.create_folder(folder).map_err(fail)?;
        let path = path(folder, 0);
        let mut file = files.append(&path).map_err(fail)?;
        let bytes = files.size(&path).map_err(fail)?.unwrap_or(0);
        let is_cut = file.last_byte().map_err(fail)?.is_some_and(|last| last != b'\n');
        let mut log = Self { files, folder: folder.to_owned(), bounds, file, bytes };
        if is_cut {
            log.append(b"\n")?;
        }
        Ok(log)
    }

    /// Writes whole lines and flushes them to the disk.
    ///
    /// # Errors
    ///
    /// If they cannot be written.
    pub fn append(&mut self, lines: &[u8]) -> Result<(), FileError> {
        self.write(lines)
            .and_then(|()| self.file.sync())
            .map_err(|reason| FileError::log(&self.folder, reason))
    }

    fn write(&mut self, lines: &[u8]) -> io::Result<()> {
        if self.bytes >= self.bounds.file_bytes {
            self.rotate()?;
        }
        self.file.write(lines)?;
        self.bytes = self.bytes.saturating_add(lines.len() as u64);
        Ok(())
    }

    fn rotate(&mut self) -> io::Result<()> {
        self.file.sync()?;
        // Each file replaces the next older one.
        for number in (0..self.bounds.files.saturating_sub(1)).rev() {
            let from = path(&self.folder, number);
            if self.files.size(&from)?.is_some() {
                self.files.rename(&from, &path(&self.folder, number + 1))?;
            }
        }
        // A log of one file has no older one to rename to, so it starts over.
        let first = path(&self.folder, 0);
        if self.files.size(&first)?.is_some() {
            self.files.remove(&first)?;
        }
        self.file = self.files.append(&first)?;
        self.bytes = 0;
        Ok(())
    }
}

/// The log's file with this number; 0 is the current one.
pub(crate) fn path(folder: &Path, number: u32) -> PathBuf {
    folder.join(match number {
        0 => "events.ndjson".to_owned(),
        number => format!("events.{number}.ndjson"),
    })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use proptest::prelude::*;

    use super::*;
    use crate::Disk;

    fn open(folder: &Path, bounds: Bounds) -> Log {
        Log::open(Box::new(Disk), folder, bounds).unwrap()
    }

    fn text(folder: &Path, number: u32) -> String {
        fs::read_to_string(path(folder, number)).unwrap_or_default()
    }

    #[test]
    fn it_continues_after_the_last_line_and_ends_a_cut_one() {
        let folder = tempfile::tempdir().unwrap();
        let bounds = Bounds { file_bytes: 1000, files: 2 };
        let inner = folder.path().join("new");
        open(&inner, bounds).append(b"whole\n").unwrap();
        open(&inner, bounds).append(b"cu").unwrap();
        open(&inner, bounds).append(b"next\n").unwrap();
        assert_eq!(text(&inner, 0), "whole\ncu\nnext\n");
        assert_eq!(text(&inner, 1), "");
    }

    #[test]
    fn a_log_of_one_file_starts_over() {
        let folder = tempfile::tempdir().unwrap();
        let mut log = open(folder.path(), Bounds { file_bytes: 4, files: 1 });
        for line in ["one\n", "two\n"] {
            log.append(line.as_bytes()).unwrap();
        }
        assert_eq!(text(folder.path(), 0), "two\n");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    proptest! {
        /// The files together hold the last of the written lines, each whole. Their number
        /// stays within the bounds.
        #[test]
        fn the_files_hold_the_last_written_lines(
            lines in prop::collection::vec("[a-z]{0,20}\n", 0..40),
            file_bytes in 1u64..100,
            files in 1u32..5,
            reopen in 1usize..10,
        ) {
            let folder = tempfile::tempdir().unwrap();
            let bounds = Bounds { file_bytes, files };
            let mut log = open(folder.path(), bounds);
            for (place, line) in lines.iter().enumerate() {
                if place % reopen == 0 {
                    log = open(folder.path(), bounds);
                }
                log.append(line.as_bytes()).unwrap();
            }
            let kept: String = (0..files).rev().map(|number| text(folder.path(), number)).collect();
            prop_assert!(lines.concat().ends_with(&kept));
            prop_assert!(kept.is_empty() == lines.is_empty());
            let enough = file_bytes * u64::from(files - 1);
            prop_assert!(kept.len() as u64 >= enough.min(lines.concat().len() as u64));
            let count = fs::read_dir(folder.path()).unwrap().count();
            prop_assert!(count <= usize::try_from(files).unwrap());
        }
    }
}
