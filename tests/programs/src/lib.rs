//! Programs that tests run: programs that cargo has just built, and stand-ins for programs of
//! Windows.

#[cfg(unix)]
mod machine;

use std::env;
use std::env::consts::EXE_SUFFIX;
use std::path::PathBuf;

#[cfg(unix)]
pub use self::machine::{Answer, Machine};

/// A program of the package under test, as cargo has just built it.
///
/// This does not use `env!("CARGO_BIN_EXE_…")`, which compiles the path in. Cargo does not
/// recompile a test when the checkout is copied with its target folder. The copy's tests would run
/// the original's programs.
///
/// # Panics
///
/// If the test does not know its own path.
#[must_use]
pub fn built(name: &str) -> PathBuf {
    // Cargo sets this for running tests since Rust 1.94.
    if let Some(path) = env::var_os(format!("CARGO_BIN_EXE_{name}")) {
        return path.into();
    }
    let own = env::current_exe().expect("a test knows its own path");
    let deps = own.parent().expect("a program is in a folder");
    deps.with_file_name(format!("{name}{EXE_SUFFIX}"))
}
