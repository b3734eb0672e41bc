//! Assembles the kit in the target folder: this crate's headers over MinGW's, and the libraries
//! that the driver's link line names.

mod sources;

use std::fs;
use std::io::ErrorKind;
#[cfg(unix)]
use std::os::unix::fs::symlink;
// The kit is assembled only on Linux. The crate also compiles on Windows, where packaging uses it
// to find the workspace.
#[cfg(windows)]
use std::os::windows::fs::symlink_file as symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};
use sha2::{Digest as _, Sha256};

use self::sources::{SOURCES, Source};
use crate::framework::Framework;
use crate::llvm::Llvm;
use crate::needs::{KERNEL_HEADERS, SHARED_HEADERS};
use crate::program;
use crate::workspace::Workspace;
use crate::wrapper::{linker, rustc};

/// A version that no real kit has. The wdk crates look for a folder whose name begins with `10.`.
const VERSION: &str = "10.0.0.0";

/// The import libraries: the name on the link line, and the `.def` file.
const IMPORTS: [(&str, &str); 5] = [
    ("ntoskrnl.lib", "ntoskrnl.def"),
    ("hal.lib", "hal.def"),
    ("wmilib.lib", "wmilib.def"),
    ("rpcrt4.lib", "rpcrt4.def"),
    ("WdfLdr.lib", "wdfldr.def"),
];

/// The libraries with code of this kit.
const OBJECTS: [(&str, &str); 2] =
    [("WdfDriverEntry.lib", "entry.c"), ("BufferOverflowFastFailK.lib", "cookie.c")];

/// Assembles the kit, unless an earlier build has assembled it from the same inputs.
pub(crate) fn assemble(workspace: &Workspace, llvm: &Llvm) -> Result<()> {
    // Two concurrent builds must not assemble the kit at the same time.
    let lock = workspace.kit_lock();
    make_folder(lock.parent().context("the lock has no folder")?)?;
    let lock = fs::File::create(lock).context("cannot make the kit's lock")?;
    lock.lock().context("cannot lock the kit")?;

    link_tools(workspace, llvm)?;
    let stamp = stamp(workspace, llvm);
    if fs::read_to_string(workspace.kit_stamp()).is_ok_and(|old| old == stamp) {
        return Ok(());
    }
    // Cargo does not track everything that depends on the old kit: `wdk-macros` caches the
    // headers, and the linker finds libraries by folder.
    for old in [workspace.kit(), workspace.kernel_target()] {
        remove_folder(&old)?;
    }
    kernel_headers(workspace)?;
    kernel_libraries(workspace, llvm)?;
    for framework in Framework::KNOWN {
        framework_headers(workspace, framework)?;
        framework_libraries(workspace, llvm, framework)?;
    }
    lay_out("stand-ins", &workspace.generated().join(rustc::STAND_INS))?;
    fs::write(workspace.kit_stamp(), stamp).context("cannot write the kit's stamp")
}

/// Links this program under the names of the two wrappers, and clang under the name that makes it
/// accept the options of Microsoft's compiler.
fn link_tools(workspace: &Workspace, llvm: &Llvm) -> Result<()> {
    let own = std::env::current_exe().context("cannot find this program")?;
    link(&own, &workspace.tools().join(rustc::NAME))?;
    link(&own, &workspace.tools().join(linker::NAME))?;
    link(&llvm.program("lld-link"), &workspace.tools().join(linker::REAL))?;
    link(&llvm.program("clang"), &workspace.tools().join("clang-cl"))
}

/// The folder of headers with the kit's version in its name.
fn versioned_include(workspace: &Workspace) -> PathBuf {
    workspace.kit().join("Include").join(VERSION)
}

fn framework_include(workspace: &Workspace, framework: Framework) -> PathBuf {
    workspace.kit().join("Include/wdf/kmdf").join(framework.to_string())
}

fn kernel_headers(workspace: &Workspace) -> Result<()> {
    let include = versioned_include(workspace);
    lay_out("include/km/crt", &include.join("km/crt"))?;
    // Link each entry on its own, because the overlay's folder is one of them.
    for entry in sorted_entries(Path::new(KERNEL_HEADERS))? {
        if let Some(name) = entry.file_name() {
            link(&entry, &include.join("km").join(name))?;
        }
    }
    link(Path::new(SHARED_HEADERS), &include.join("shared"))?;
    // `wdk-build` expects this folder, which the real kit has for USB function drivers.
    make_folder(&include.join("km/ufx/1.1"))
}

fn framework_headers(workspace: &Workspace, framework: Framework) -> Result<()> {
    lay_out("include/wdf", &framework_include(workspace, framework))
}

fn kernel_libraries(workspace: &Workspace, llvm: &Llvm) -> Result<()> {
    let sources = library_sources(workspace);
    lay_out("lib", &sources)?;
    let folder = workspace.kit().join("Lib").join(VERSION).join("km/x64");
    make_folder(&folder)?;
    for (library, definition) in IMPORTS {
        program::succeed(
            Command::new(llvm.program("llvm-dlltool"))
                .args(["-m", "i386:x86-64", "-d"])
                .arg(sources.join(definition))
                .arg("-l")
                .arg(folder.join(library)),
        )?;
    }
    Ok(())
}

fn framework_libraries(workspace: &Workspace, llvm: &Llvm, framework: Framework) -> Result<()> {
    let folder = workspace.kit().join("Lib/wdf/kmdf/x64").join(framework.to_string());
    make_folder(&folder)?;
    for (library, source) in OBJECTS {
        let object = folder.join(source).with_extension("obj");
        let source = library_sources(workspace).join(source);
        program::succeed(&mut compile(workspace, llvm, framework, &source, &object))?;
        program::succeed(
            Command::new(llvm.program("llvm-ar"))
                .arg("crsD")
                .arg(folder.join(library))
                .arg(&object),
        )?;
    }
    Ok(())
}

fn library_sources(workspace: &Workspace) -> PathBuf {
    workspace.kit().join("lib-sources")
}

/// Compiles one of the kit's C files for the kernel, against the assembled headers.
fn compile(
    workspace: &Workspace,
    llvm: &Llvm,
    framework: Framework,
    source: &Path,
    object: &Path,
) -> Command {
    let version = versioned_include(workspace);
    let folders = [
        version.join("km/crt"),
        version.join("km"),
        version.join("shared"),
        framework_include(workspace, framework),
    ];
    let mut clang = Command::new(llvm.program("clang"));
    clang
        .args(["--target=x86_64-pc-windows-msvc", "-c", "-O2", "-Wall", "-Werror"])
        .args(["-fms-compatibility", "-fms-extensions", "-fno-builtin", "-mno-red-zone"])
        // Silences warnings of MinGW's headers, which this kit cannot fix.
        .args(folders.iter().map(|folder| format!("-isystem{}", folder.display())))
        .args(["-D_WIN64", "-D_AMD64_", "-DAMD64", "-D_KERNEL_MODE"])
        .arg(format!("-DKMDF_VERSION_MAJOR={}", framework.major))
        .arg(format!("-DKMDF_VERSION_MINOR={}", framework.minor))
        .arg(source)
        .arg("-o")
        .arg(object);
    clang
}

/// Names everything that the assembled kit depends on. That includes the workspace's path, because
/// links and libraries contain absolute paths, and a user may copy a checkout.
fn stamp(workspace: &Workspace, llvm: &Llvm) -> String {
    let mut hash = Sha256::new();
    hash.update(env!("CARGO_PKG_VERSION"));
    hash.update(llvm.version.to_le_bytes());
    hash.update(workspace.root().as_os_str().as_encoded_bytes());
    for Source { path, text } in SOURCES {
        for part in [path, text] {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
    }
    format!("{:x}", hash.finalize())
}

fn sorted_entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries =
        fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))?;
    let mut paths = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}

/// Writes the kit's own files below `folder` into `target`.
fn lay_out(folder: &str, target: &Path) -> Result<()> {
    make_folder(target)?;
    for (name, text) in sources::below(folder) {
        let path = target.join(name);
        fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}

fn make_folder(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))
}

fn remove_folder(folder: &Path) -> Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove {}", folder.display()))
        }
        _ => Ok(()),
    }
}

/// Makes a symbolic link, or keeps a correct one. Replaces a wrong link atomically, because another
/// build may be using it.
fn link(original: &Path, place: &Path) -> Result<()> {
    if fs::read_link(place).is_ok_and(|old| old == original) {
        return Ok(());
    }
    if let Some(folder) = place.parent() {
        make_folder(folder)?;
    }
    let new = place.with_extension("new");
    match fs::remove_file(&new) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            return Err(error).with_context(|| format!("cannot remove {}", new.display()));
        }
        _ => {}
    }
    symlink(original, &new)
        .and_then(|()| fs::rename(&new, place))
        .with_context(|| format!("cannot link {}", place.display()))
}
