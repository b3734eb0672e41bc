//! The kernel's counted UTF-16 strings.

use wdk_sys::UNICODE_STRING;
use widestring::U16Str;

/// The kernel's view of a string, valid while the string lives.
///
/// A string that is too long for a `UNICODE_STRING` (32,767 units) becomes an empty one,
/// which every called function rejects.
pub(super) fn unicode_string(text: &U16Str) -> UNICODE_STRING {
    let bytes = u16::try_from(size_of_val(text.as_slice())).unwrap_or(0);
    UNICODE_STRING {
        Length: bytes,
        MaximumLength: bytes,
        // Every called function takes the string as constant.
        Buffer: text.as_ptr().cast_mut(),
    }
}
