//! Errors that Windows reports: the number, and the system's text for it.

use std::{fmt, io};

/// The Win32 errors that the tool tells apart, by their names in `winerror.h` and
/// `lmerr.h`.
pub mod code {
    /// `ERROR_FILE_NOT_FOUND`.
    pub const FILE_NOT_FOUND: u32 = 2;
    /// `ERROR_ACCESS_DENIED`.
    pub const ACCESS_DENIED: u32 = 5;
}

/// A Win32 error. It displays as the system's text and the number, as in
/// `Access is denied (5)`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct WindowsError {
    /// The number; 0 if the call failed without a reason.
    pub code: u32,
    /// The system's text, without a full stop.
    pub message: String,
}

impl WindowsError {
    /// The last error of this thread. Call this right after the failed call.
    #[must_use]
    pub fn last() -> Self {
        Self::from(&io::Error::last_os_error())
    }

    /// The error with this number, with the system's text.
    #[must_use]
    pub fn from_code(code: u32) -> Self {
        Self::from(&io::Error::from_raw_os_error(code.cast_signed()))
    }
}

impl From<&io::Error> for WindowsError {
    fn from(error: &io::Error) -> Self {
        let code = error.raw_os_error().map_or(0, i32::cast_unsigned);
        // The standard library adds a full stop and the number.
        let text = error.to_string();
        let text = text.strip_suffix(&format!(" (os error {code})")).unwrap_or(&text);
        Self { code, message: text.trim_end_matches('.').to_owned() }
    }
}

impl fmt::Display for WindowsError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.code, self.message.as_str()) {
            // "Success" is no reason.
            (0, _) => formatter.write_str("Windows gave no reason"),
            (code, "") => write!(formatter, "error {code}"),
            (code, message) => write!(formatter, "{message} ({code})"),
        }
    }
}

impl std::error::Error for WindowsError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_displays_as_text_and_number() {
        let denied = WindowsError { code: 5, message: "Access is denied".to_owned() };
        assert_eq!(denied.to_string(), "Access is denied (5)");
        let silent = WindowsError { code: 0, message: "Success".to_owned() };
        assert_eq!(silent.to_string(), "Windows gave no reason");
        let unnamed = WindowsError { code: 2140, message: String::new() };
        assert_eq!(unnamed.to_string(), "error 2140");
    }

    #[test]
    fn the_standard_librarys_additions_are_left_out() {
        let error = WindowsError::from_code(2);
        assert_eq!(error.code, 2);
        assert!(!error.message.contains("os error") && !error.message.ends_with('.'), "{error}");
        let own = WindowsError::from(&io::Error::other("no number"));
        assert_eq!(own.code, 0);
    }
}
