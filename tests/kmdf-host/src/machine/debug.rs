//! `DbgPrint` and `KeBugCheckEx`: how a driver reports to a debugger.
#![expect(unsafe_code, reason = "formats like printf")]

use std::path::Path;

use kmdf_host_control::Rule;
use windows_sys::Win32::Foundation::{NTSTATUS, STATUS_SUCCESS};

use crate::machine::memory;
use crate::watch::files;
use crate::watch::rules::violation;

/// The file of the driver's debug output.
const LOG_PATH: &str = r"C:\kmdf-host\debug.log";
const LINE_BYTES: usize = 512;
const FORMAT_LIMIT: usize = 512;

#[link(name = "ntdll.dll", kind = "raw-dylib", modifiers = "+verbatim")]
unsafe extern "C" {
    fn _vsnprintf(buffer: *mut u8, size: usize, format: *const u8, arguments: *const usize) -> i32;
}

/// `DbgPrint`. On 64-bit Windows a variable argument list is a row of 64-bit slots, so a function
/// of eight integers can stand in for a variadic one. Laxer than Windows: the host reads arguments
/// from the ninth on as 0.
pub(crate) extern "system" fn dbg_print(
    format: usize,
    first: usize,
    second: usize,
    third: usize,
    fourth: usize,
    fifth: usize,
    sixth: usize,
    seventh: usize,
    eighth: usize,
) -> NTSTATUS {
    let mut text = memory::read_terminated::<u8>("DbgPrint", "Format", format, FORMAT_LIMIT);
    text.push(0);
    let given = [first, second, third, fourth, fifth, sixth, seventh, eighth];
    let arguments = [given, [0; 8]];
    let mut line = [0_u8; LINE_BYTES];
    // SAFETY: the buffer is as long as stated and the format ends with a zero. The driver is
    // responsible for the pointers among the arguments, as on Windows.
    let written = unsafe {
        _vsnprintf(line.as_mut_ptr(), LINE_BYTES, text.as_ptr(), arguments.as_ptr().cast())
    };
    let length = usize::try_from(written).unwrap_or(LINE_BYTES);
    let line = String::from_utf8_lossy(line.get(..length).unwrap_or(&line));
    files::append(Path::new(LOG_PATH), line.trim_end());
    STATUS_SUCCESS
}

/// `KeBugCheckEx`.
pub(crate) extern "system" fn bug_check(
    code: u32,
    first: usize,
    second: usize,
    third: usize,
    fourth: usize,
) {
    violation(
        "KeBugCheckEx",
        Rule::BugCheck,
        format!("{code:#x} ({first:#x}, {second:#x}, {third:#x}, {fourth:#x})"),
    );
}
