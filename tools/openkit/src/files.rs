//! Writes a file only if its content changes, so that nothing derived from it is rebuilt.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};

/// Copies a file. A target with the same content keeps its modification time.
///
/// # Errors
///
/// The source cannot be read, or the target cannot be written.
pub fn copy_if_changed(source: &Path, target: &Path) -> Result<()> {
    let content = fs::read(source).with_context(|| format!("cannot read {}", source.display()))?;
    write_if_changed(target, &content)
}

/// Writes a file. A file with the same content keeps its modification time.
///
/// # Errors
///
/// The file cannot be written.
pub fn write_if_changed(target: &Path, content: &[u8]) -> Result<()> {
    if fs::read(target).is_ok_and(|old| old == content) {
        return Ok(());
    }
    fs::write(target, content).with_context(|| format!("cannot write {}", target.display()))
}
