//! Builds, lints and inspects drivers.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, Result, anyhow};

use crate::failure::Hint as _;
use crate::files::copy_if_changed;
use crate::image::Image;
use crate::llvm::Llvm;
use crate::toolchain::KERNEL;
use crate::workspace::Workspace;
use crate::{kernel, kit, needs, program};

/// The entry point of an image that uses the framework.
const ENTRY: &str = "FxDriverEntry";

/// Builds a driver package, puts the image in its place and inspects it.
///
/// # Errors
///
/// The machine lacks a tool, the build fails, or a file cannot be written.
pub fn build(workspace: &Workspace, package: &str, out: Option<PathBuf>) -> Result<ExitCode> {
    program::succeed(&mut kernel::cargo(workspace, &prepare(workspace)?, "build", package)?)?;

    let built =
        workspace.kernel_target().join(KERNEL).join("release").join(package.replace('-', "_"));
    let out = out.unwrap_or_else(|| workspace.target().join("driver/sessionwatch.sys"));
    if let Some(folder) = out.parent() {
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    copy_if_changed(&built.with_extension("dll"), &out)?;
    // Debuggers ask for the name that the image carries, the package's.
    let symbols = built.with_extension("pdb");
    copy_if_changed(&symbols, &out.with_file_name(symbols.file_name().unwrap_or_default()))?;
    copy_if_changed(&map_of(&built)?, &out.with_extension("map"))?;
    inspect(&out)
}

/// Lints a driver package; any warning is a failure.
///
/// # Errors
///
/// The machine lacks a tool. The end of clippy itself is in the exit code.
pub fn lint(workspace: &Workspace, package: &str) -> Result<ExitCode> {
    let mut clippy = kernel::cargo(workspace, &prepare(workspace)?, "clippy", package)?;
    program::pass_on(clippy.args(["--", "--deny", "warnings"]))
}

/// Lays the kit out, if this machine has what it is made from.
fn prepare(workspace: &Workspace) -> Result<Llvm> {
    let llvm = Llvm::choose();
    let missing = needs::missing_packages(&needs::of_driver(&llvm));
    if !missing.is_empty() {
        return Err(anyhow!("cannot build drivers here: missing {}", missing.join(" ")))
            .hint("run `openkit setup`");
    }
    kit::assemble(workspace, &llvm)?;
    Ok(llvm)
}

/// Describes an image, and names every reason for which it is not a driver.
///
/// # Errors
///
/// The file cannot be read, or is no 64-bit image. Faults of an image are in the exit
/// code.
pub fn inspect(path: &Path) -> Result<ExitCode> {
    let content = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    let image = Image::parse(&content).with_context(|| format!("in {}", path.display()))?;
    println!("{}", path.display());
    print!("{image}");
    let mut faults = image.faults();
    // The image itself does not name its entry point; the linker's map does.
    if let Ok(map) = fs::read_to_string(path.with_extension("map")) {
        match image.entry_name(&map) {
            Some(name) => {
                println!("  entry is   {name}");
                if name != ENTRY {
                    faults.push(format!("the entry point is {name} and not {ENTRY}"));
                }
            }
            None => faults.push("the map is not this image's".to_owned()),
        }
    }
    for fault in &faults {
        eprintln!("not a driver: {fault}");
    }
    Ok(if faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The linker writes its map beside its own output, which cargo then links to where it
/// shows it.
fn map_of(built: &Path) -> Result<PathBuf> {
    let folder = built.parent().context("the image has no folder")?;
    let name = built.file_name().context("the image has no name")?;
    Ok(folder.join("deps").join(name).with_extension("map"))
}
