//! Memory that Windows has allocated, and the texts in it.
#![expect(unsafe_code, reason = "memory and texts come as bare pointers")]

use std::ffi::c_void;
use std::slice;

/// The longest text without a length of its own that is read, in UTF-16 units:
/// longer than any name of a user, a domain or a station.
const LONGEST_TEXT: usize = 1024;

/// A list that Windows has allocated, and how it wants it back.
///
/// # Invariants
///
/// `start` has `count` entries until it is freed by `free`; none where it is null.
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
    /// `start` is null, or has so many initialized entries, which nobody else frees
    /// or changes and for which `free` is the way.
    pub(super) unsafe fn new(start: *mut T, count: u32, free: unsafe fn(*mut c_void, u32)) -> Self {
        // A `u32` fits a `usize` on every Windows that has this driver.
        let count = if start.is_null() { 0 } else { usize::try_from(count).unwrap_or(0) };
        Self { start, count, free }
    }

    /// The entries.
    pub(super) fn entries(&self) -> &[T] {
        if self.count == 0 {
            return &[];
        }
        // SAFETY: so many entries are there as long as `self` lives, by the invariant.
        unsafe { slice::from_raw_parts(self.start, self.count) }
    }
}

impl<T> Drop for List<T> {
    fn drop(&mut self) {
        if !self.start.is_null() {
            let count = u32::try_from(self.count).unwrap_or(0);
            // SAFETY: this is the way to free it, by the promise to `new`, and its end.
            unsafe { (self.free)(self.start.cast(), count) };
        }
    }
}

/// A text up to its null, or to the end of these units; none where there is none.
pub(super) fn text(units: &[u16]) -> Option<String> {
    let end = units.iter().position(|unit| *unit == 0).unwrap_or(units.len());
    Some(String::from_utf16_lossy(&units[..end])).filter(|text| !text.is_empty())
}

/// A text that ends with a null; none where there is none, or it is empty.
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
        // SAFETY: the units before this one are no null, so it is part of the text.
        let unit = unsafe { start.wrapping_add(units.len()).read() };
        if unit == 0 {
            break;
        }
        units.push(unit);
    }
    Some(String::from_utf16_lossy(&units)).filter(|text| !text.is_empty())
}
