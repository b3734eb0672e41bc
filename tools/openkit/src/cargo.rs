//! The two ways cargo is run: for the kernel and for user mode.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context as _, Result};

use crate::llvm::Llvm;
use crate::places::Places;
use crate::toolchain::{KERNEL, Toolchain, USER};
use crate::{linker, program, wrapper};

/// What a driver needs of the standard library.
const KERNEL_CRATES: &str = "core,alloc,compiler_builtins,panic_abort";

/// What programs and their tests need. Tests unwind, which `std` brings.
const USER_CRATES: &str = "std,panic_abort,test";

/// What separates the flags in `CARGO_ENCODED_RUSTFLAGS`.
const SEPARATOR: &str = "\u{1f}";

/// Cargo for kernel mode, ready to run on one driver package.
pub(crate) fn kernel(
    places: &Places,
    llvm: &Llvm,
    subcommand: &str,
    package: &str,
) -> Result<Command> {
    let toolchain = chosen(places)?;
    let mut cargo = toolchain.cargo();
    cargo
        .current_dir(&places.workspace)
        .args([subcommand, "--locked", "--release", "--lib"])
        .args(["--target", KERNEL, "--package", package])
        .arg("--target-dir")
        .arg(places.kernel_target())
        .args(toolchain.standard_library(KERNEL_CRATES))
        .env("RUSTC_WRAPPER", places.tools().join(wrapper::NAME))
        .env("CARGO_ENCODED_RUSTFLAGS", kernel_flags(places).join(SEPARATOR))
        .env("WDKContentRoot", places.kit())
        .env("LIBCLANG_PATH", llvm.library_folder())
        .env("CC_x86_64_pc_windows_msvc", places.tools().join("clang-cl"))
        .env("AR_x86_64_pc_windows_msvc", llvm.program("llvm-lib"));
    Ok(cargo)
}

/// The flags of the kernel build. Paths in messages are cut, so that the image
/// names no folder of the machine that it was built on.
fn kernel_flags(places: &Places) -> Vec<String> {
    let mut flags = vec![
        "-Ctarget-feature=+crt-static".to_owned(),
        format!("-Clinker={}", places.tools().join(linker::NAME).display()),
        // A hash of the content where the time of the build would be.
        "-Clink-arg=/Brepro".to_owned(),
        // The kernel checks the checksum; lld writes it only when asked.
        "-Clink-arg=/RELEASE".to_owned(),
        format!("--remap-path-prefix={}=.", places.workspace.display()),
    ];
    let home = env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| env::var_os("HOME").map(|home| Path::new(&home).join(".cargo")));
    if let Some(home) = home {
        flags.push(format!("--remap-path-prefix={}=cargo", home.display()));
    }
    flags
}

/// Runs cargo for user mode, its arguments given by the user.
pub(crate) fn run_user(places: &Places, arguments: &[String]) -> Result<ExitCode> {
    let toolchain = chosen(places)?;
    let target_folder = places.user_target().to_string_lossy().into_owned();
    let mut own = ["--target", USER, "--target-dir", &target_folder].map(String::from).to_vec();
    own.extend(toolchain.standard_library(USER_CRATES));

    let mut cargo = toolchain.cargo();
    cargo
        .current_dir(&places.workspace)
        .args(with_own(arguments, &own))
        .env("CARGO_TARGET_X86_64_PC_WINDOWS_GNU_LINKER", "x86_64-w64-mingw32-gcc");
    if runs_tests(arguments) {
        // Cargo lets tests unwind whatever the profile says, but a standard
        // library that it builds itself still goes by the profile.
        cargo.env("CARGO_PROFILE_DEV_PANIC", "unwind").env("CARGO_PROFILE_RELEASE_PANIC", "unwind");
    }
    program::pass_on(&mut cargo)
}

fn runs_tests(arguments: &[String]) -> bool {
    arguments
        .first()
        .is_some_and(|subcommand| ["test", "t", "bench"].contains(&subcommand.as_str()))
}

/// Our arguments go right behind the subcommand: further back, a `--` may
/// have begun the arguments of another program.
fn with_own(arguments: &[String], own: &[String]) -> Vec<String> {
    let (subcommand, rest) = arguments.split_at(arguments.len().min(1));
    [subcommand, own, rest].concat()
}

fn chosen(places: &Places) -> Result<Toolchain> {
    Toolchain::choose(places)?
        .context("no Rust toolchain compiles for Windows here: run `openkit setup`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_arguments_stand_before_those_of_the_tested_program() {
        let arguments = ["test", "-p", "x", "--", "--nocapture"].map(String::from);
        assert_eq!(
            with_own(&arguments, &["--target".into(), "t".into()]),
            ["test", "--target", "t", "-p", "x", "--", "--nocapture"]
        );
    }
}
