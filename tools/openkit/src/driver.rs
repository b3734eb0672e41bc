//! `openkit driver`, `openkit lint` and `openkit inspect`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};

use crate::files::copy_if_changed;
use crate::image::Image;
use crate::llvm::Llvm;
use crate::places::Places;
use crate::toolchain::KERNEL;
use crate::{cargo, kit, needs, program};

/// Where an image that uses the framework begins.
const ENTRY: &str = "FxDriverEntry";

/// Builds a driver package, puts the image in its place and inspects it.
pub(crate) fn build(places: &Places, package: &str, out: Option<PathBuf>) -> Result<ExitCode> {
    program::succeed(&mut cargo::kernel(places, &prepare(places)?, "build", package)?)?;

    let built = places.kernel_target().join(KERNEL).join("release").join(package.replace('-', "_"));
    let out = out.unwrap_or_else(|| places.driver());
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
pub(crate) fn lint(places: &Places, package: &str) -> Result<ExitCode> {
    let mut clippy = cargo::kernel(places, &prepare(places)?, "clippy", package)?;
    program::pass_on(clippy.args(["--", "--deny", "warnings"]))
}

/// Lays the kit out, if this machine has what it is made from.
fn prepare(places: &Places) -> Result<Llvm> {
    let llvm = Llvm::choose();
    let missing = needs::missing_packages(&needs::of_driver(&llvm));
    if !missing.is_empty() {
        bail!("missing: {}; run `openkit setup`", missing.join(" "));
    }
    kit::assemble(places, &llvm)?;
    Ok(llvm)
}

/// Prints what an image is. Fails if it is not a driver.
pub(crate) fn inspect(path: &Path) -> Result<ExitCode> {
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

/// The linker writes its map beside its own output, which cargo then links to
/// where it shows it.
fn map_of(built: &Path) -> Result<PathBuf> {
    let folder = built.parent().context("the image has no folder")?;
    let name = built.file_name().context("the image has no name")?;
    Ok(folder.join("deps").join(name).with_extension("map"))
}
