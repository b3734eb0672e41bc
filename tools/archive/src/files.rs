//! File operations as a trait, so that a test can make each of them fail.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

/// The file operations that the archive needs.
pub trait Files: Send {
    /// Creates a folder and its missing parents.
    ///
    /// # Errors
    ///
    /// The system's error.
    fn create_folder(&self, folder: &Path) -> io::Result<()>;

    /// Opens a file for appending; creates it if it does not exist.
    ///
    /// # Errors
    ///
    /// The system's error.
    fn append(&self, path: &Path) -> io::Result<Box<dyn AppendFile>>;

    /// Reads a whole file.
    ///
    /// # Errors
    ///
    /// The system's error.
    fn read(&self, path: &Path) -> io::Result<Vec<u8>>;

    /// Reads at most the last `bytes` bytes of a file.
    ///
    /// # Errors
    ///
    /// The system's error.
    fn read_end(&self, path: &Path, bytes: u64) -> io::Result<Vec<u8>>;

    /// Replaces a file's content atomically. Creates the file if it does not exist.
    ///
    /// # Errors
    ///
    /// The system's error.
    fn replace(&self, path: &Path, content: &[u8]) -> io::Result<()>;

    /// Renames a file. Replaces a file that exists at `to`.
    ///
    /// # Errors
    ///
    /// The system's error.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Removes a file.
    ///
    /// # Errors
    ///
    /// The system's error.
    fn remove(&self, path: &Path) -> io::Result<()>;

    /// The size of a file in bytes; `None` if it does not exist.
    ///
    /// # Errors
    ///
    /// The system's error.
    fn size(&self, path: &Path) -> io::Result<Option<u64>>;

    /// The files in a folder.
    ///
    /// # Errors
    ///
    /// The system's error.
    fn list(&self, folder: &Path) -> io::Result<Vec<PathBuf>>;
}

/// A file that is open for appending.
pub trait AppendFile: Send {
    /// Appends all of these bytes.
    ///
    /// # Errors
    ///
    /// The system's error. Some of the bytes may be in the file already.
    fn write(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// Flushes the content to the disk.
    ///
    /// # Errors
    ///
    /// The system's error.
    fn sync(&mut self) -> io::Result<()>;

    /// The last byte; `None` if the file is empty.
    ///
    /// # Errors
    ///
    /// The system's error.
    fn last_byte(&mut self) -> io::Result<Option<u8>>;
}

/// The files of this machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct Disk;

impl Files for Disk {
    fn create_folder(&self, folder: &Path) -> io::Result<()> {
        fs::create_dir_all(folder)
    }

    fn append(&self, path: &Path) -> io::Result<Box<dyn AppendFile>> {
        let file = OpenOptions::new().create(true).read(true).append(true).open(path)?;
        Ok(Box::new(file))
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        fs::read(path)
    }

    fn read_end(&self, path: &Path, bytes: u64) -> io::Result<Vec<u8>> {
        let mut file = File::open(path)?;
        let size = file.metadata()?.len();
        file.seek(SeekFrom::Start(size.saturating_sub(bytes)))?;
        let mut end = Vec::new();
        file.take(bytes).read_to_end(&mut end)?;
        Ok(end)
    }

    fn replace(&self, path: &Path, content: &[u8]) -> io::Result<()> {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        // The error of tempfile names the temporary file, which means nothing to a user.
        let mut file = NamedTempFile::new_in(folder.unwrap_or(Path::new(".")))
            .map_err(|error| io::Error::from(error.kind()))?;
        file.write_all(content)?;
        file.as_file().sync_data()?;
        file.persist(path).map_err(|error| error.error)?;
        Ok(())
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn size(&self, path: &Path) -> io::Result<Option<u64>> {
        match fs::metadata(path) {
            Ok(metadata) => Ok(Some(metadata.len())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect()
    }
}

impl AppendFile for File {
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.write_all(bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.sync_data()
    }

    fn last_byte(&mut self) -> io::Result<Option<u8>> {
        if self.metadata()?.len() == 0 {
            return Ok(None);
        }
        let mut last = [0];
        self.seek(SeekFrom::End(-1))?;
        self.read_exact(&mut last)?;
        Ok(Some(last[0]))
    }
}
