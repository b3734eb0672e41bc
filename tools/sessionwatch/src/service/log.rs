//! The service's log: files of a bounded size, the oldest of which is given up.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// How much is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// When a file has so many bytes, the next write begins another one.
    pub file_bytes: u64,
    /// So many files are kept, the one that is written included.
    pub files: u32,
}

/// A log that is written to `events.ndjson` of a folder; what is older is in
/// `events.1.ndjson` and so on, the oldest with the highest number.
///
/// What comes with one write stays together in one file, so whole lines stay whole.
/// [`flush`](Write::flush) returns when what was written is on the disk.
#[derive(Debug)]
pub struct Log {
    folder: PathBuf,
    bounds: Bounds,
    file: File,
    bytes: u64,
}

impl Log {
    /// Opens the log of this folder, which is made if it is not there, and goes on
    /// behind what is in it. A line that was cut, as when the machine lost its power, is
    /// ended.
    ///
    /// # Errors
    ///
    /// If folder or file cannot be made or read.
    pub fn open(folder: &Path, bounds: Bounds) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        let path = path(folder, 0);
        let mut file = append(&path)?;
        let bytes = file.metadata()?.len();
        let is_cut = bytes > 0 && last_byte(&mut file)? != b'\n';
        let mut log = Self { folder: folder.to_owned(), bounds, file, bytes };
        if is_cut {
            log.write_all(b"\n")?;
        }
        Ok(log)
    }

    /// Writes whole lines, and returns when they are on the disk.
    ///
    /// # Errors
    ///
    /// If they cannot be written.
    pub fn append(&mut self, lines: &[u8]) -> io::Result<()> {
        self.write_all(lines)?;
        self.flush()
    }

    fn rotate(&mut self) -> io::Result<()> {
        self.file.sync_data()?;
        // Each takes the place of the next older one; the last has none and goes.
        for number in (0..self.bounds.files.saturating_sub(1)).rev() {
            let from = path(&self.folder, number);
            if from.exists() {
                fs::rename(from, path(&self.folder, number + 1))?;
            }
        }
        // With one file, that one begins anew.
        let first = path(&self.folder, 0);
        if first.exists() {
            fs::remove_file(&first)?;
        }
        self.file = append(&first)?;
        self.bytes = 0;
        Ok(())
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.bytes >= self.bounds.file_bytes {
            self.rotate()?;
        }
        self.file.write_all(bytes)?;
        self.bytes = self.bytes.saturating_add(bytes.len() as u64);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.sync_data()
    }
}

/// A log that several threads write to.
#[derive(Clone, Debug)]
pub struct SharedLog(
    /// The log.
    pub Arc<Mutex<Log>>,
);

impl Write for SharedLog {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).flush()
    }
}

fn append(path: &Path) -> io::Result<File> {
    OpenOptions::new().create(true).read(true).append(true).open(path)
}

fn last_byte(file: &mut File) -> io::Result<u8> {
    let mut last = [0];
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut last)?;
    Ok(last[0])
}

fn path(folder: &Path, number: u32) -> PathBuf {
    folder.join(match number {
        0 => "events.ndjson".to_owned(),
        number => format!("events.{number}.ndjson"),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn text(folder: &Path, number: u32) -> String {
        fs::read_to_string(path(folder, number)).unwrap_or_default()
    }

    #[test]
    fn it_goes_on_behind_what_is_there_and_ends_a_line_that_was_cut() {
        let folder = tempfile::tempdir().unwrap();
        let bounds = Bounds { file_bytes: 1000, files: 2 };
        let inner = folder.path().join("new");
        Log::open(&inner, bounds).unwrap().write_all(b"whole\n").unwrap();
        Log::open(&inner, bounds).unwrap().write_all(b"cu").unwrap();
        Log::open(&inner, bounds).unwrap().write_all(b"next\n").unwrap();
        assert_eq!(text(&inner, 0), "whole\ncu\nnext\n");
        assert_eq!(text(&inner, 1), "");
    }

    #[test]
    fn one_file_begins_anew() {
        let folder = tempfile::tempdir().unwrap();
        let mut log = Log::open(folder.path(), Bounds { file_bytes: 4, files: 1 }).unwrap();
        for line in ["one\n", "two\n"] {
            log.write_all(line.as_bytes()).unwrap();
        }
        assert_eq!(text(folder.path(), 0), "two\n");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    proptest! {
        /// Whatever is written, the files together are its end, whole lines, and no
        /// more files than are wanted.
        #[test]
        fn the_files_are_the_end_of_what_was_written(
            lines in prop::collection::vec("[a-z]{0,20}\n", 0..40),
            file_bytes in 1u64..100,
            files in 1u32..5,
            reopen in 1usize..10,
        ) {
            let folder = tempfile::tempdir().unwrap();
            let bounds = Bounds { file_bytes, files };
            let mut log = Log::open(folder.path(), bounds).unwrap();
            for (place, line) in lines.iter().enumerate() {
                if place % reopen == 0 {
                    log = Log::open(folder.path(), bounds).unwrap();
                }
                log.write_all(line.as_bytes()).unwrap();
            }
            log.flush().unwrap();
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
