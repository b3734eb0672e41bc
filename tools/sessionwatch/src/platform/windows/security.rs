//! Security descriptors of files.
#![expect(unsafe_code, reason = "the standard library has no security descriptors")]

use std::os::windows::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::{fs, io, ptr};

use sessionwatch_failure::WindowsError;
use windows_sys::Win32::Foundation::ERROR_INSUFFICIENT_BUFFER;
use windows_sys::Win32::Security::{
    DACL_SECURITY_INFORMATION, GetFileSecurityW, OWNER_SECURITY_INFORMATION,
};

use crate::trust::{Descriptor, Part, Purpose, TrustError, Weakness, judge, parts};

/// Checks that ordinary users can neither change a program nor replace it.
pub(super) fn check_program(program: &Path) -> Result<(), TrustError> {
    check(program, Part::File, Purpose::Program)?;
    // A file has a folder.
    check_parts(program.parent().unwrap_or(program), Purpose::Program)
}

/// Checks that ordinary users can neither write to the folder of a log nor replace it, nor own a
/// file in it. The folder need not exist: then they may not create it, nor get rights to it when
/// it is created.
pub(super) fn check_log(folder: &Path) -> Result<(), TrustError> {
    let existing = folder.ancestors().find(|folder| folder.exists()).unwrap_or(folder);
    check_parts(existing, Purpose::Log)?;
    // A folder that cannot be listed has been judged; only its files have not.
    let Ok(entries) = fs::read_dir(folder) else { return Ok(()) };
    entries.flatten().try_for_each(|entry| check(&entry.path(), Part::File, Purpose::Log))
}

fn check_parts(folder: &Path, purpose: Purpose) -> Result<(), TrustError> {
    parts(folder).try_for_each(|(part, path)| check(path, part, purpose))
}

fn check(path: &Path, part: Part, purpose: Purpose) -> Result<(), TrustError> {
    let weak = |weakness| TrustError { path: path.to_owned(), purpose, weakness };
    let bytes = descriptor(path).map_err(|error| weak(Weakness::Unreadable(error)))?;
    let descriptor = Descriptor::read(&bytes).map_err(|_| weak(Weakness::Malformed))?;
    judge(part, &descriptor).map_err(weak)
}

/// The path without links, as far as it exists. The service uses this path, so a link that
/// somebody changes afterwards is without effect.
pub(super) fn resolve(path: &Path) -> io::Result<PathBuf> {
    let path = std::path::absolute(path)?;
    let existing = path.ancestors().find(|path| path.exists()).unwrap_or(&path);
    let rest = path.strip_prefix(existing).unwrap_or(Path::new(""));
    Ok(plain(&fs::canonicalize(existing)?).components().chain(rest.components()).collect())
}

/// A path without the prefix `\\?\`, which people and other programs do not expect.
fn plain(path: &Path) -> PathBuf {
    let text = path.to_string_lossy();
    match text.strip_prefix(r"\\?\UNC\") {
        Some(share) => format!(r"\\{share}").into(),
        None => text.strip_prefix(r"\\?\").map_or(path.to_owned(), PathBuf::from),
    }
}

/// The security descriptor of a file or folder: its owner and its access list.
fn descriptor(path: &Path) -> Result<Vec<u8>, WindowsError> {
    let path: Vec<u16> = path.as_os_str().encode_wide().chain([0]).collect();
    let mut bytes = Vec::new();
    loop {
        let size = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        let mut needed = 0;
        let start: *mut u8 = if size == 0 { ptr::null_mut() } else { bytes.as_mut_ptr() };
        // SAFETY: the path is null-terminated, the buffer has the size given, or is null with
        // size 0, and the variable lives through the call.
        let succeeded = unsafe {
            GetFileSecurityW(
                path.as_ptr(),
                OWNER_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION,
                start.cast(),
                size,
                &raw mut needed,
            )
        };
        if succeeded != 0 {
            return Ok(bytes);
        }
        let error = WindowsError::last();
        // The descriptor may grow between two calls.
        if error.code != ERROR_INSUFFICIENT_BUFFER || needed <= size {
            return Err(error);
        }
        // A `u32` fits a `usize` on every Windows that has this driver.
        bytes = vec![0_u8; usize::try_from(needed).unwrap_or(0)];
    }
}
