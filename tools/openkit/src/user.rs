//! Runs cargo for user-mode Windows.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;

use crate::program;
use crate::toolchain::{Toolchain, USER};
use crate::workspace::Workspace;

/// The part of the standard library that programs and their tests use. Tests unwind, which `std`
/// supports.
const CRATES: &str = "std,panic_abort,test";

/// Runs cargo for user mode on a subcommand and its arguments.
///
/// # Errors
///
/// No toolchain compiles for Windows, or cargo cannot be started. A failure of cargo itself is in
/// the exit code.
pub fn cargo(workspace: &Workspace, arguments: &[String]) -> Result<ExitCode> {
    let toolchain = Toolchain::expect(workspace)?;
    let target_folder = workspace.user_target().to_string_lossy().into_owned();
    let mut own = ["--target", USER, "--target-dir", &target_folder].map(String::from).to_vec();
    own.extend(toolchain.standard_library(CRATES));

    let mut cargo = toolchain.cargo();
    cargo
        .current_dir(workspace.root())
        .args(with_own(arguments, &own))
        .env("CARGO_TARGET_X86_64_PC_WINDOWS_GNU_LINKER", "x86_64-w64-mingw32-gcc");
    if runs_tests(arguments) {
        // Cargo lets tests unwind regardless of the profile, but builds the standard library by
        // the profile.
        cargo.env("CARGO_PROFILE_DEV_PANIC", "unwind").env("CARGO_PROFILE_RELEASE_PANIC", "unwind");
    }
    program::pass_on(&mut cargo)
}

/// The folder in which cargo puts the programs of a release build.
#[must_use]
pub fn release_folder(workspace: &Workspace) -> PathBuf {
    workspace.user_target().join(USER).join("release")
}

fn runs_tests(arguments: &[String]) -> bool {
    arguments
        .first()
        .is_some_and(|subcommand| ["test", "t", "bench"].contains(&subcommand.as_str()))
}

/// Inserts this program's arguments right after the subcommand. Later arguments may follow a `--`
/// and belong to another program.
fn with_own(arguments: &[String], own: &[String]) -> Vec<String> {
    let (subcommand, rest) = arguments.split_at(arguments.len().min(1));
    [subcommand, own, rest].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_arguments_come_before_those_of_the_tested_program() {
        let arguments = ["test", "-p", "x", "--", "--nocapture"].map(String::from);
        assert_eq!(
            with_own(&arguments, &["--target".into(), "t".into()]),
            ["test", "--target", "t", "-p", "x", "--", "--nocapture"]
        );
    }
}
