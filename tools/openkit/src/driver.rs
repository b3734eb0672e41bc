//! Builds, lints and inspects drivers.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, Result, anyhow};

use crate::failure::Hint as _;
use crate::files::copy_if_changed;
use crate::image::Image;
use crate::llvm::Llvm;
use crate::profile::Profile;
use crate::project::Project;
use crate::toolchain::KERNEL;
use crate::workspace::Workspace;
use crate::{kernel, kit, needs, program};

/// The entry point of an image that uses the framework.
const ENTRY: &str = "FxDriverEntry";

/// A built driver.
#[derive(Debug)]
pub struct Built {
    /// The image.
    pub image: PathBuf,
    /// Its symbols, under the name that the image asks debuggers for.
    pub symbols: PathBuf,
}

/// Builds a driver, copies the image to `out` and inspects it. The default for `out` is
/// `target/driver/NAME.sys` in the workspace.
///
/// # Errors
///
/// The machine lacks a tool, the build fails, a file cannot be written, or the image is
/// not a driver.
pub fn build(project: &Project, profile: &Profile, out: Option<PathBuf>) -> Result<Built> {
    let name = project.image()?;
    let workspace = project.workspace();
    program::succeed(&mut kernel::cargo(project, profile, &prepare(workspace)?, "build")?)
        .with_context(|| format!("cannot build {}", project.manifest().display()))
        .hint("cargo's messages above say why")?;

    let built = workspace.kernel_target().join(KERNEL).join(profile.folder()).join(name);
    let image =
        out.unwrap_or_else(|| workspace.target().join("driver").join(name).with_extension("sys"));
    if let Some(folder) = image.parent() {
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    copy_if_changed(&built.with_extension("dll"), &image)?;
    let symbols = image.with_file_name(name).with_extension("pdb");
    copy_if_changed(&built.with_extension("pdb"), &symbols)?;
    copy_if_changed(&map_of(&built)?, &image.with_extension("map"))?;
    inspect(&image)?;
    Ok(Built { image, symbols })
}

/// Lints a package for kernel mode. Any warning is a failure.
///
/// # Errors
///
/// The machine lacks a tool. A failure of clippy itself is in the exit code.
pub fn lint(project: &Project, profile: &Profile) -> Result<ExitCode> {
    let mut clippy = kernel::cargo(project, profile, &prepare(project.workspace())?, "clippy")?;
    program::pass_on(clippy.args(["--", "--deny", "warnings"]))
}

/// Assembles the kit, if this machine has everything that the build needs.
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

/// Describes an image, and checks that a kernel would load it as a driver.
///
/// # Errors
///
/// The file cannot be read, or is not a driver. The error has every reason.
pub fn inspect(path: &Path) -> Result<()> {
    let shown = path.display();
    let content = fs::read(path)
        .with_context(|| format!("cannot read {shown}"))
        .hint("name the image of a driver, such as target/driver/NAME.sys")?;
    let image = Image::parse(&content)
        .with_context(|| format!("{shown} is not a driver"))
        .hint("name the image of a driver for x64")?;
    println!("{shown}");
    print!("{image}");
    let mut faults = image.faults();
    // Only the linker's map names the entry point, not the image itself.
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
    if faults.is_empty() {
        return Ok(());
    }
    Err(anyhow!("{shown} is not a driver: {}", faults.join("; "))).hint(
        "a driver's build.rs calls wdk_build::configure_wdk_binary_build, which sets the linker's \
         options",
    )
}

/// The linker's map of an image. The linker writes the map beside its own output in `deps`; cargo
/// links only that output to `built`.
fn map_of(built: &Path) -> Result<PathBuf> {
    let folder = built.parent().context("the image has no folder")?;
    let name = built.file_name().context("the image has no name")?;
    Ok(folder.join("deps").join(name).with_extension("map"))
}
