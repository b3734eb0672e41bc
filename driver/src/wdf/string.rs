//! Counted UTF-16 strings, as the kernel takes them.

use wdk_sys::UNICODE_STRING;
use widestring::U16Str;

/// The kernel's view of a string, to be used while the string lives.
///
/// A string too long for a `UNICODE_STRING` (32,767 units) gives an empty one,
/// which every caller refuses.
pub(super) fn unicode_string(text: &U16Str) -> UNICODE_STRING {
    let bytes = u16::try_from(size_of_val(text.as_slice())).unwrap_or(0);
    UNICODE_STRING {
        Length: bytes,
        MaximumLength: bytes,
        // The functions that take it declare the string as constant.
        Buffer: text.as_ptr().cast_mut(),
    }
}
