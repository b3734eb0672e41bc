//! Writing files only where they change, so that what is made from them is not
//! made again.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};

/// Copies a file, or leaves the target as old as it is if it would stay the same.
pub(crate) fn copy_if_changed(source: &Path, target: &Path) -> Result<()> {
    let content = fs::read(source).with_context(|| format!("cannot read {}", source.display()))?;
    write_if_changed(target, &content)
}

/// Writes a file, or leaves it as old as it is if it would stay the same.
pub(crate) fn write_if_changed(target: &Path, content: &[u8]) -> Result<()> {
    if fs::read(target).is_ok_and(|old| old == content) {
        return Ok(());
    }
    fs::write(target, content).with_context(|| format!("cannot write {}", target.display()))
}
