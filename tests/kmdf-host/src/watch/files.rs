//! The host's own files in the prefix.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::Path;

/// Appends a line, and creates the file and its folder first if necessary. An error is not
/// reported, but a test that waits for the line fails.
pub(crate) fn append(path: &Path, line: &str) {
    if let Some(folder) = path.parent() {
        let _exists_already = fs::create_dir_all(folder);
    }
    if let Ok(mut file) = OpenOptions::new().create(true).append(true).open(path) {
        let _cannot_be_reported = writeln!(file, "{line}");
    }
}
