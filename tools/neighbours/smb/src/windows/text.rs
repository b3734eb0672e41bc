//! Texts in memory that Windows allocated.
#![expect(unsafe_code, reason = "Windows gives texts as bare pointers")]

/// The longest text that is read, in UTF-16 units: longer than any name of a computer, a
/// user or a transport.
const LONGEST_TEXT: usize = 1024;

/// A null-terminated text, which may be empty; `None` if the pointer is null.
///
/// # Safety
///
/// `start` is null, or points to a null-terminated text.
pub(super) unsafe fn terminated(start: *const u16) -> Option<String> {
    if start.is_null() {
        return None;
    }
    let mut units = Vec::new();
    while units.len() < LONGEST_TEXT {
        // SAFETY: none of the units before this one is null, so this one is part of the text.
        let unit = unsafe { start.wrapping_add(units.len()).read() };
        if unit == 0 {
            break;
        }
        units.push(unit);
    }
    Some(String::from_utf16_lossy(&units))
}
