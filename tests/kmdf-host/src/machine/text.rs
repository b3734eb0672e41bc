//! Counted strings: the host's own, and those of the driver.

use kmdf_host_control::Rule;
use windows_sys::Win32::Foundation::UNICODE_STRING;
use zerocopy::FromBytes;

use crate::machine::memory;
use crate::watch::rules::violation;

/// `UNICODE_STRING`, as a driver passes it.
#[derive(FromBytes)]
#[repr(C)]
struct UnicodeString {
    length: u16,
    maximum_length: u16,
    padding: u32,
    buffer: usize,
}

const _: () = assert!(size_of::<UnicodeString>() == 16);

/// Reads a `UNICODE_STRING`; `None` for NULL. A string that the framework rejects ends the run.
pub(crate) fn read(call: &str, what: &str, address: usize) -> Option<String> {
    if address == 0 {
        return None;
    }
    let string: UnicodeString = memory::read(call, what, address);
    let even = string.length.is_multiple_of(2) && string.maximum_length.is_multiple_of(2);
    let missing = string.maximum_length > 0 && string.buffer == 0;
    if !even || missing || string.length > string.maximum_length {
        violation(call, Rule::BadString, format!("{what} is not a well-formed UNICODE_STRING"));
    }
    if string.length == 0 {
        return Some(String::new());
    }
    let bytes = memory::read_bytes(call, what, string.buffer, usize::from(string.length));
    let units: Vec<u16> =
        bytes.as_chunks().0.iter().map(|unit: &[u8; 2]| u16::from_le_bytes(*unit)).collect();
    match String::from_utf16(&units) {
        Ok(text) => Some(text),
        Err(_) => violation(call, Rule::BadString, format!("{what} is not UTF-16")),
    }
}

/// Reads a `UNICODE_STRING`. NULL ends the run.
pub(crate) fn required(call: &str, what: &str, address: usize) -> String {
    read(call, what, address)
        .unwrap_or_else(|| violation(call, Rule::NullPointer, format!("{what} is NULL")))
}

/// A counted string that owns its characters.
pub(crate) struct Text {
    characters: Vec<u16>,
    string: UNICODE_STRING,
}

impl Text {
    pub(crate) fn new(text: &str) -> Self {
        let mut characters: Vec<u16> = text.encode_utf16().chain([0]).collect();
        let bytes = u16::try_from(characters.len() * 2).unwrap_or(u16::MAX - 1);
        let string = UNICODE_STRING {
            Length: bytes - 2,
            MaximumLength: bytes,
            Buffer: characters.as_mut_ptr(),
        };
        Self { characters, string }
    }

    pub(crate) const fn pointer(&mut self) -> *mut UNICODE_STRING {
        &raw mut self.string
    }

    /// The characters with their closing zero.
    pub(crate) fn wide(&self) -> &[u16] {
        &self.characters
    }
}
