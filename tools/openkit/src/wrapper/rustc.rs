//! The program that cargo starts instead of `rustc`, for the few crates that do not compile on
//! Linux.
//!
//! The wdk crates build only on Windows hosts, for reasons that have nothing to do with the driver:
//!
//! - two helpers reject other hosts;
//! - one call makes a Windows symbolic link;
//! - the crate `windows` finds the kit in the registry.
//!
//! Manifests and lock file must stay the same for Windows. So this wrapper changes the compilation
//! of five host-side crates and `wdk-build`. It passes every other call on unchanged.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::{env, fs, io};

use anyhow::{Context as _, Result};

use super::generated;
use crate::program;

/// The name of this program for cargo.
pub(crate) const NAME: &str = "openkit-rustc";

/// The folder of stand-in sources, below the folder of generated files.
pub(crate) const STAND_INS: &str = "kit/stand-ins";

/// Runs the compiler that cargo names, with the changed arguments.
pub(crate) fn run() -> Result<ExitCode> {
    let mut arguments = env::args().skip(1);
    let compiler = arguments.next().context("cargo gives the compiler's path first")?;
    let mut arguments: Vec<String> = arguments.collect();

    match treatment(&arguments) {
        Treatment::None => {}
        Treatment::StandIn { root, source } => {
            let stand_in = generated()?.join(STAND_INS).join(source);
            replace_root(&mut arguments, root, &stand_in);
        }
        Treatment::PosixCopy { root } => {
            let copy = generated()?.join("wdk-build");
            let source = copy_for_posix(Path::new(&arguments[root]), &copy)?;
            replace_root(&mut arguments, root, &source);
            arguments.extend(
                ["--cfg", "target_os=\"windows\"", "-Aexplicit_builtin_cfgs_in_flags"]
                    .map(String::from),
            );
        }
    }

    program::pass_on(Command::new(compiler).args(&arguments))
}

/// The change to one call of the compiler.
#[derive(Debug, PartialEq, Eq)]
enum Treatment {
    /// Pass the call on.
    None,
    /// Compile another source: `source` replaces the argument at `root`.
    StandIn { root: usize, source: &'static str },
    /// Compile a copy without the call that exists only on Windows.
    PosixCopy { root: usize },
}

/// Selects the change by the crate's name. Changes only calls for the host, which have no
/// `--target`; code for Windows stays unchanged.
fn treatment(arguments: &[String]) -> Treatment {
    if arguments.iter().any(|argument| argument == "--target" || argument.starts_with("--target="))
    {
        return Treatment::None;
    }
    let Some(root) = arguments.iter().position(|argument| is_crate_root(argument)) else {
        return Treatment::None;
    };
    match value_of(arguments, "--crate-name") {
        Some("windows") => Treatment::StandIn { root, source: "windows.rs" },
        Some(
            "windows_collections" | "windows_future" | "windows_numerics" | "windows_threading",
        ) => Treatment::StandIn { root, source: "empty.rs" },
        Some("wdk_build") => Treatment::PosixCopy { root },
        _ => Treatment::None,
    }
}

fn is_crate_root(argument: &str) -> bool {
    Path::new(argument).file_name().is_some_and(|name| name == "lib.rs")
}

fn value_of<'a>(arguments: &'a [String], option: &str) -> Option<&'a str> {
    let at = arguments.iter().position(|argument| argument == option)?;
    arguments.get(at + 1).map(String::as_str)
}

fn replace_root(arguments: &mut [String], root: usize, source: &Path) {
    arguments[root] = source.to_string_lossy().into_owned();
}

/// Copies the sources beside `root`, and changes them to make POSIX symbolic links. Returns the
/// copy's crate root.
fn copy_for_posix(root: &Path, copy: &Path) -> Result<PathBuf> {
    let folder = root.parent().context("the crate root has no folder")?;
    let mut folders = vec![(folder.to_path_buf(), copy.to_path_buf())];
    while let Some((source, target)) = folders.pop() {
        fs::create_dir_all(&target).with_context(|| format!("cannot make {}", target.display()))?;
        let entries =
            fs::read_dir(&source).with_context(|| format!("cannot list {}", source.display()))?;
        for entry in entries {
            let entry = entry?;
            let (source, target) = (entry.path(), target.join(entry.file_name()));
            if source.is_dir() {
                folders.push((source, target));
                continue;
            }
            copy_file(&source, &target)
                .with_context(|| format!("cannot copy {}", source.display()))?;
        }
    }
    Ok(copy.join("lib.rs"))
}

/// Copies a source file with its modification time. To cargo, a source that is newer than the start
/// of its compilation has changed.
fn copy_file(source: &Path, target: &Path) -> io::Result<()> {
    fs::write(target, for_posix(&fs::read_to_string(source)?))?;
    let written = fs::File::options().write(true).open(target)?;
    written.set_modified(fs::metadata(source)?.modified()?)
}

fn for_posix(source: &str) -> String {
    source.replace("std::os::windows::fs::symlink_file", "std::os::unix::fs::symlink")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(line: &str) -> Vec<String> {
        line.split(' ').map(String::from).collect()
    }

    #[test]
    fn a_call_for_an_ordinary_crate_is_passed_on() {
        let arguments = call("--crate-name serde --edition=2021 /registry/serde/src/lib.rs");
        assert_eq!(treatment(&arguments), Treatment::None);
    }

    #[test]
    fn cargos_query_of_the_version_is_passed_on() {
        assert_eq!(treatment(&call("-vV")), Treatment::None);
        assert_eq!(treatment(&call("- --crate-name ___ --print=cfg")), Treatment::None);
    }

    #[test]
    fn the_windows_crates_are_replaced_on_the_host() {
        let arguments = call("--crate-name windows /registry/windows-0.62/src/lib.rs --cfg x");
        assert_eq!(treatment(&arguments), Treatment::StandIn { root: 2, source: "windows.rs" });
        for name in
            ["windows_collections", "windows_future", "windows_numerics", "windows_threading"]
        {
            let arguments = call(&format!("--crate-name {name} src/lib.rs"));
            assert_eq!(treatment(&arguments), Treatment::StandIn { root: 2, source: "empty.rs" });
        }
    }

    #[test]
    fn the_same_crates_are_not_replaced_for_windows() {
        let arguments = call("--crate-name windows src/lib.rs --target x86_64-pc-windows-gnu");
        assert_eq!(treatment(&arguments), Treatment::None);
    }

    #[test]
    fn build_scripts_of_the_replaced_crates_are_passed_on() {
        let arguments = call("--crate-name build_script_build /registry/wdk-build/build.rs");
        assert_eq!(treatment(&arguments), Treatment::None);
    }

    #[test]
    fn the_copy_of_wdk_build_makes_posix_links() {
        let arguments = call("--crate-name wdk_build /registry/wdk-build-0.6.0/src/lib.rs");
        assert_eq!(treatment(&arguments), Treatment::PosixCopy { root: 2 });
        assert_eq!(
            for_posix("std::os::windows::fs::symlink_file(&a, &b)?;"),
            "std::os::unix::fs::symlink(&a, &b)?;"
        );
    }
}
