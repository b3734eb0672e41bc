//! The state of a log, for `service status`.

use std::io;
use std::path::{Path, PathBuf};

use sessionwatch_reader::Position;

use crate::files::Files;
use crate::{log, position};

/// The name of the position file beside the log.
pub const POSITION_FILE: &str = "place.json";

/// The number of bytes at the end of the log that are searched for its last line.
const LAST_LINE_BYTES: u64 = 64 * 1024;

/// The state of a log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogSummary {
    /// The size of all its files, in bytes.
    pub bytes: u64,
    /// The time in its last entry; `None` if there is no entry.
    pub last_entry: Option<String>,
    /// The position after its last driver event; `None` without such an event, or if the file is
    /// unreadable.
    pub position: Option<Position>,
}

/// Summarizes the log in a folder. A folder that does not exist has an empty log.
///
/// # Errors
///
/// If the folder or a file in it cannot be read.
pub fn summarize(files: &dyn Files, folder: &Path) -> io::Result<LogSummary> {
    let names = match files.list(folder) {
        Ok(names) => names,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(LogSummary::default()),
        Err(error) => return Err(error),
    };
    let mut summary = LogSummary::default();
    for path in names.iter().filter(|path| path.extension().is_some_and(|end| end == "ndjson")) {
        summary.bytes += bytes(files, path)?;
    }
    let written = log::path(folder, 0);
    let newest = if bytes(files, &written)? > 0 { written } else { log::path(folder, 1) };
    if files.stat(&newest)?.is_some() {
        summary.last_entry = last_time(&files.read_end(&newest, LAST_LINE_BYTES)?);
    }
    let kept = files.read(&folder.join(POSITION_FILE)).ok();
    summary.position = kept.and_then(|bytes| position::parse(&bytes).ok());
    Ok(summary)
}

fn bytes(files: &dyn Files, path: &Path) -> io::Result<u64> {
    Ok(files.stat(path)?.map_or(0, |stat| stat.bytes))
}

/// Removes log and position, and their folder if nothing else is in it.
///
/// # Errors
///
/// The first file that cannot be removed, and why.
pub fn purge_log(files: &dyn Files, folder: &Path) -> Result<(), (PathBuf, io::Error)> {
    let of_folder = |error| (folder.to_owned(), error);
    let paths = match files.list(folder) {
        Ok(paths) => paths,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(of_folder(error)),
    };
    let is_ours = |path: &&PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        (name.starts_with("events.") && name.ends_with(".ndjson"))
            || (name.starts_with("place.") && name.ends_with(".json"))
    };
    for path in paths.iter().filter(is_ours) {
        files.remove(path).map_err(|error| (path.clone(), error))?;
    }
    // It fails if the folder has files of others.
    let _ = files.remove_folder(folder);
    Ok(())
}

/// The time of the last line that has one.
fn last_time(lines: &[u8]) -> Option<String> {
    lines.rsplit(|byte| *byte == b'\n').find_map(|line| {
        let line: serde_json::Value = serde_json::from_slice(line).ok()?;
        Some(line.get("time")?.as_str()?.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::sync::Arc;

    use sessionwatch_reader::time::SystemTime;

    use super::*;
    use crate::{Bounds, Disk, Log, PositionFile};

    #[test]
    fn a_log_has_a_size_a_last_entry_and_a_position() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        assert_eq!(summarize(&Disk, &folder.join("none")).unwrap(), LogSummary::default());

        let bounds = Bounds { file_bytes: 20, files: 3 };
        let now = SystemTime(0);
        let mut log = Log::open(Arc::new(Disk), folder, bounds, None, now).unwrap().0;
        log.append(b"{\"time\":\"yesterday\"}\n", None, now).unwrap();
        log.append(b"{\"time\":\"today\"}\n{\"type\":\"account\"}\n", None, now).unwrap();
        let mut position = PositionFile::open(Arc::new(Disk), &folder.join(POSITION_FILE)).unwrap();
        position.keep(Position::new(7, 9)).unwrap();
        let summary = summarize(&Disk, folder).unwrap();
        let size = |name| fs::metadata(folder.join(name)).unwrap().len();
        assert_eq!(summary.bytes, size("events.ndjson") + size("events.1.ndjson"));
        assert_eq!(summary.last_entry.as_deref(), Some("today"));
        assert_eq!(summary.position, Some(Position::new(7, 9)));

        // A new file has no entry yet.
        fs::rename(folder.join("events.ndjson"), folder.join("events.1.ndjson")).unwrap();
        fs::write(folder.join("events.ndjson"), "").unwrap();
        assert_eq!(summarize(&Disk, folder).unwrap().last_entry.as_deref(), Some("today"));
    }

    #[test]
    fn a_purge_removes_log_and_position_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let logs = folder.path().join("logs");
        fs::create_dir(&logs).unwrap();
        let names = ["events.ndjson", "events.1.ndjson", "place.json", "place.damaged-1.json"];
        for name in names.iter().chain(&["notes.txt"]) {
            fs::write(logs.join(name), "").unwrap();
        }
        purge_log(&Disk, &logs).unwrap();
        assert_eq!(Disk.list(&logs).unwrap(), [logs.join("notes.txt")]);
        fs::remove_file(logs.join("notes.txt")).unwrap();
        purge_log(&Disk, &logs).unwrap();
        assert!(!logs.exists());
        purge_log(&Disk, &logs).unwrap();
    }
}
