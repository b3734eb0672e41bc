//! The place of a reader, kept in a file over restarts.
//!
//! It is written after what was read has been shown, so a program that is killed in
//! between shows its last events once more and loses none.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use tempfile::NamedTempFile;

use crate::error::Error;

/// Where to go on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The journal, as 16 hexadecimal digits.
    pub journal_id: String,
    /// The first number that was not read.
    pub next: u64,
}

/// The file that keeps a [`Place`].
#[derive(Debug)]
pub struct StateFile {
    path: PathBuf,
    kept: Option<Place>,
}

impl StateFile {
    /// Reads the file, if it is there.
    ///
    /// # Errors
    ///
    /// If it cannot be read or holds something else.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let error = |reason: String| Error::State { path: path.display().to_string(), reason };
        let kept = match fs::read(path) {
            Ok(bytes) => Some(parse(&bytes).map_err(error)?),
            Err(missing) if missing.kind() == io::ErrorKind::NotFound => None,
            Err(other) => return Err(error(other.to_string())),
        };
        Ok(Self { path: path.to_owned(), kept })
    }

    /// The place that it keeps.
    #[must_use]
    pub const fn kept(&self) -> Option<&Place> {
        self.kept.as_ref()
    }

    /// Keeps another place: whole, or not at all.
    ///
    /// # Errors
    ///
    /// If it cannot be written.
    pub fn keep(&mut self, place: Place) -> Result<(), Error> {
        if self.kept.as_ref() == Some(&place) {
            return Ok(());
        }
        self.write(&place).map_err(|error| Error::State {
            path: self.path.display().to_string(),
            reason: error.to_string(),
        })?;
        self.kept = Some(place);
        Ok(())
    }

    fn write(&self, place: &Place) -> io::Result<()> {
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let mut file = NamedTempFile::new_in(folder.unwrap_or(Path::new(".")))?;
        serde_json::to_writer(&mut file, place)?;
        file.write_all(b"\n")?;
        file.as_file().sync_data()?;
        file.persist(&self.path).map_err(|error| error.error)?;
        Ok(())
    }
}

fn parse(bytes: &[u8]) -> Result<Place, String> {
    let place: Place = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
    if place.next == 0 {
        return Err("it says number 0, and the first number is 1".to_owned());
    }
    Ok(place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_kept_until_another_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("place.json");
        let mut state = StateFile::open(&path).unwrap();
        assert_eq!(state.kept(), None);
        for next in [1, 7] {
            let place = Place { journal_id: "01dca95167038000".to_owned(), next };
            state.keep(place.clone()).unwrap();
            assert_eq!(StateFile::open(&path).unwrap().kept(), Some(&place));
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing else is left");
    }

    #[test]
    fn a_file_that_is_no_place_is_an_error_and_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("place.json");
        for wrong in ["", "{}", r#"{"journal_id":"1","next":0}"#, r#"{"journal_id":"1","next":-1}"#]
        {
            fs::write(&path, wrong).unwrap();
            let error = StateFile::open(&path).unwrap_err().to_string();
            assert!(error.contains("place.json` does not say where to go on"), "{error}");
            assert_eq!(fs::read_to_string(&path).unwrap(), wrong);
        }
    }
}
