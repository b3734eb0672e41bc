//! Memory that Windows has allocated, and the texts in it.
#![expect(unsafe_code, reason = "memory and texts come as bare pointers")]

use std::ffi::c_void;
use std::slice;

/// The longest null-terminated text to read, in UTF-16 units: longer than any name of a user,
/// a domain or a station.
const LONGEST_TEXT: usize = 1024;

/// A list that Windows has allocated, and the function that frees it.
///
/// # Invariants
///
/// `start` has `count` entries until `free` frees it; a null `start` has none.
pub(super) struct List<T> {
    start: *mut T,
    count: usize,
    free: unsafe fn(*mut c_void, u32),
}

impl<T> List<T> {
    /// Takes ownership of `count` entries.
    ///
    /// # Safety
    ///
    /// `start` is null, or has `count` initialized entries that nobody else frees or changes,
    /// and that `free` frees.
    pub(super) unsafe fn new(start: *mut T, count: u32, free: unsafe fn(*mut c_void, u32)) -> Self {
        // A `u32` fits a `usize` on every Windows that runs this driver.
        let count = if start.is_null() { 0 } else { usize::try_from(count).unwrap_or(0) };
        Self { start, count, free }
    }

    /// The entries.
    pub(super) fn entries(&self) -> &[T] {
        if self.count == 0 {
            return &[];
        }
        // SAFETY: the list has this number of entries as long as `self` lives, by the invariant.
        unsafe { slice::from_raw_parts(self.start, self.count) }
    }
}

impl<T> Drop for List<T> {
    fn drop(&mut self) {
        if !self.start.is_null() {
            let count = u32::try_from(self.count).unwrap_or(0);
            // SAFETY: `free` frees it, by the contract of `new`, and nothing uses it afterwards.
            unsafe { (self.free)(self.start.cast(), count) };
        }
    }
}

/// Text up to its null, or up to the end of the units; `None` if it is empty.
pub(super) fn text(units: &[u16]) -> Option<String> {
    let end = units.iter().position(|unit| *unit == 0).unwrap_or(units.len());
    Some(String::from_utf16_lossy(&units[..end])).filter(|text| !text.is_empty())
}

/// Text that ends with a null; `None` if the pointer is null or the text is empty.
///
/// # Safety
///
/// `start` is null, or has a null-terminated text.
pub(super) unsafe fn terminated(start: *const u16) -> Option<String> {
    if start.is_null() {
        return None;
    }
    let mut units = Vec::new();
    while units.len() < LONGEST_TEXT {
        // SAFETY: no unit before this one is null, so it is part of the text.
        let unit = unsafe { start.wrapping_add(units.len()).read() };
        if unit == 0 {
            break;
        }
        units.push(unit);
    }
    text(&units)
}
