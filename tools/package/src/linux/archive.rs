//! The package as one file.

use std::fs;
use std::io::{Cursor, Write as _};
use std::path::Path;

use anyhow::{Context as _, Result};
use jiff::civil::Date;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// Zips the files of a folder, below a folder with this name. The same files and day give the same
/// bytes.
pub(super) fn zip(folder: &Path, name: &str, day: Date) -> Result<Vec<u8>> {
    let mut paths = Vec::new();
    for entry in
        fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))?
    {
        paths.push(entry?.path());
    }
    paths.sort();

    let year = u16::try_from(day.year())?;
    let day = zip::DateTime::from_date_and_time(
        year,
        day.month().unsigned_abs(),
        day.day().unsigned_abs(),
        0,
        0,
        0,
    )?;
    let options = SimpleFileOptions::default().last_modified_time(day);
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for path in paths {
        let content = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let file = path.file_name().unwrap_or_default().to_string_lossy();
        archive.start_file(format!("{name}/{file}"), options)?;
        archive.write_all(&content)?;
    }
    Ok(archive.finish()?.into_inner())
}
