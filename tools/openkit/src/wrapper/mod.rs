//! The programs that cargo and rustc start instead of the compiler and the linker.
//!
//! Both are this program under another name. Cargo and rustc pass a wrapper no arguments of its
//! own, so its name selects the work. The names are links in the folder of tools, beside the folder
//! of the kit.

pub(crate) mod linker;
pub(crate) mod rustc;

use std::env;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, Result};

/// Does a wrapper's work if this program was started under a wrapper's name. `None` if
/// it was started under its own name.
///
/// A program that builds drivers through this library calls this first, because the library links
/// the wrappers' names to the running program.
#[must_use]
pub fn run() -> Option<Result<ExitCode>> {
    let own = env::args().next()?;
    match Path::new(&own).file_name()?.to_str()? {
        rustc::NAME => Some(rustc::run()),
        linker::NAME => Some(linker::run()),
        _ => None,
    }
}

/// The folder of generated files. A wrapper finds it from its own path.
fn generated() -> Result<PathBuf> {
    let own = env::args_os().next().context("started without a name")?;
    let tools = Path::new(&own).parent().context("started without a path")?;
    Ok(tools.parent().context("the folder of tools has no parent")?.to_path_buf())
}
