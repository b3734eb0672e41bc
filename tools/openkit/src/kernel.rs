//! Runs cargo for kernel mode.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use crate::llvm::Llvm;
use crate::profile::Profile;
use crate::project::Project;
use crate::toolchain::{KERNEL, Toolchain};
use crate::workspace::Workspace;
use crate::wrapper::{linker, rustc};

/// The part of the standard library that a driver uses.
const CRATES: &str = "core,alloc,compiler_builtins,panic_abort";

/// The separator of flags in `CARGO_ENCODED_RUSTFLAGS`.
const SEPARATOR: &str = "\u{1f}";

/// A command that runs cargo for kernel mode on one package.
pub(crate) fn cargo(
    project: &Project,
    profile: &Profile,
    llvm: &Llvm,
    subcommand: &str,
) -> Result<Command> {
    let workspace = project.workspace();
    let toolchain = Toolchain::expect(workspace)?;
    let mut cargo = toolchain.cargo();
    cargo
        .current_dir(workspace.root())
        .args([subcommand, "--locked", "--lib", "--profile", profile.name()])
        .args(["--target", KERNEL, "--manifest-path"])
        .arg(project.manifest())
        .arg("--target-dir")
        .arg(workspace.kernel_target())
        .args(toolchain.standard_library(CRATES))
        .env("RUSTC_WRAPPER", workspace.tools().join(rustc::NAME))
        .env("CARGO_ENCODED_RUSTFLAGS", flags(workspace).join(SEPARATOR))
        .env("WDKContentRoot", workspace.kit())
        .env("LIBCLANG_PATH", llvm.library_folder())
        .env("CC_x86_64_pc_windows_msvc", workspace.tools().join("clang-cl"))
        .env("AR_x86_64_pc_windows_msvc", llvm.program("llvm-lib"));
    Ok(cargo)
}

/// The flags of the kernel build. They shorten the paths in panic messages, so that the image names
/// no folder of the build machine.
fn flags(workspace: &Workspace) -> Vec<String> {
    let mut flags = vec![
        "-Ctarget-feature=+crt-static".to_owned(),
        format!("-Clinker={}", workspace.tools().join(linker::NAME).display()),
        // The image gets a hash of its content instead of the build time.
        "-Clink-arg=/Brepro".to_owned(),
        // The kernel checks the checksum; lld writes it only when asked.
        "-Clink-arg=/RELEASE".to_owned(),
        format!("--remap-path-prefix={}=.", workspace.root().display()),
    ];
    let home = env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| env::var_os("HOME").map(|home| Path::new(&home).join(".cargo")));
    if let Some(home) = home {
        flags.push(format!("--remap-path-prefix={}=cargo", home.display()));
    }
    flags
}
