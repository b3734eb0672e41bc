//! File operations as a trait, so that a test can make each of them fail.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use tempfile::NamedTempFile;

/// The operations on files that the archive needs. Each returns the error of the system.
#[expect(clippy::missing_errors_doc, reason = "the trait's sentence holds for all of them")]
pub trait Files: Send + Sync {
    /// Creates a folder and those above it, unless they exist.
    fn create_folder(&self, folder: &Path) -> io::Result<()>;

    /// Opens a file to append to it; creates it if it does not exist.
    fn append(&self, path: &Path) -> io::Result<Box<dyn AppendFile>>;

    /// Reads a whole file.
    fn read(&self, path: &Path) -> io::Result<Vec<u8>>;

    /// Reads the last bytes of a file, at most this number of them.
    fn read_end(&self, path: &Path, bytes: u64) -> io::Result<Vec<u8>>;

    /// Replaces a file's content: wholly, or not at all. Creates the file if it does not exist.
    fn replace(&self, path: &Path, content: &[u8]) -> io::Result<()>;

    /// Renames a file. Replaces the file at `to`, if there is one.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Removes a file.
    fn remove(&self, path: &Path) -> io::Result<()>;

    /// Removes an empty folder.
    fn remove_folder(&self, folder: &Path) -> io::Result<()>;

    /// The size and age of a file; `None` if it does not exist.
    fn stat(&self, path: &Path) -> io::Result<Option<Stat>>;

    /// The files in a folder.
    fn list(&self, folder: &Path) -> io::Result<Vec<PathBuf>>;
}

/// The size and age of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stat {
    /// The size, in bytes.
    pub bytes: u64,
    /// The time of the last change; `None` if the file system keeps none.
    pub modified: Option<SystemTime>,
}

/// A file that is open for appending. Each operation returns the error of the system.
#[expect(clippy::missing_errors_doc, reason = "the trait's sentence holds for all of them")]
pub trait AppendFile: Send {
    /// Appends all of these bytes. After an error, the file may have some of them.
    fn write(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// Returns when the content is on the disk.
    fn sync(&mut self) -> io::Result<()>;

    /// The size of the file, in bytes.
    fn size(&mut self) -> io::Result<u64>;

    /// Cuts the file to a size, in bytes.
    fn truncate(&mut self, bytes: u64) -> io::Result<()>;
}

/// The files of this machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct Disk;

impl Files for Disk {
    fn create_folder(&self, folder: &Path) -> io::Result<()> {
        fs::create_dir_all(folder)
    }

    fn append(&self, path: &Path) -> io::Result<Box<dyn AppendFile>> {
        // Not `append`, with which Windows allows no truncation.
        let mut options = OpenOptions::new();
        options.create(true).truncate(false).read(true).write(true);
        keep_from_removal(&mut options);
        let mut file = options.open(path)?;
        file.seek(SeekFrom::End(0))?;
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

    fn remove_folder(&self, folder: &Path) -> io::Result<()> {
        fs::remove_dir(folder)
    }

    fn stat(&self, path: &Path) -> io::Result<Option<Stat>> {
        match fs::metadata(path) {
            Ok(metadata) => {
                Ok(Some(Stat { bytes: metadata.len(), modified: metadata.modified().ok() }))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect()
    }
}

/// Keeps other programs from removing or renaming the file while it is open. Other systems than
/// Windows let them, so a reader of the file must notice it.
#[cfg(windows)]
fn keep_from_removal(options: &mut OpenOptions) {
    use std::os::windows::fs::OpenOptionsExt;

    /// Of `winnt.h`. Without `FILE_SHARE_DELETE`, nobody can open the file to remove it.
    const FILE_SHARE_READ: u32 = 1;
    const FILE_SHARE_WRITE: u32 = 2;
    options.share_mode(FILE_SHARE_READ | FILE_SHARE_WRITE);
}

#[cfg(not(windows))]
const fn keep_from_removal(_: &mut OpenOptions) {}

impl AppendFile for File {
    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        // Another program may have changed the size.
        self.seek(SeekFrom::End(0))?;
        self.write_all(bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.sync_data()
    }

    fn size(&mut self) -> io::Result<u64> {
        Ok(self.metadata()?.len())
    }

    fn truncate(&mut self, bytes: u64) -> io::Result<()> {
        self.set_len(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_file_is_read_however_short_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        fs::write(&path, "0123456789").unwrap();
        for (bytes, end) in [(0, ""), (3, "789"), (10, "0123456789"), (11, "0123456789")] {
            assert_eq!(Disk.read_end(&path, bytes).unwrap(), end.as_bytes());
        }
    }

    #[test]
    fn a_file_is_cut_and_appended_to() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        let mut file = Disk.append(&path).unwrap();
        file.write(b"0123456789").unwrap();
        file.truncate(4).unwrap();
        file.write(b"ab").unwrap();
        file.sync().unwrap();
        assert_eq!(file.size().unwrap(), 6);
        assert_eq!(fs::read_to_string(path).unwrap(), "0123ab");
    }

    #[test]
    fn a_failed_replacement_leaves_the_file_and_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("folder");
        fs::create_dir(&path).unwrap();
        Disk.replace(&path, b"content").unwrap_err();
        assert_eq!(Disk.list(folder.path()).unwrap(), [path]);
    }
}
