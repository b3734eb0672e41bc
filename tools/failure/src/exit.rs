//! The exit codes.

use std::fmt::Write as _;
use std::process::ExitCode;

use strum::VariantArray;

/// An exit code. Codes are a promise to scripts: no code ever changes its meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, VariantArray)]
#[repr(u8)]
pub enum Exit {
    /// Success.
    Done = 0,
    /// The output cannot be written.
    Output = 1,
    /// Wrong usage; clap exits with this code, too.
    Usage = 2,
    /// The driver or a service of Windows is not running.
    NotRunning = 3,
    /// The user is not an administrator.
    AccessDenied = 4,
    /// Driver and tool are of different versions.
    OtherVersion = 5,
    /// The driver rejected the request.
    Rejected = 6,
    /// A reply is not usable.
    BadReply = 7,
    /// Windows reported another error.
    Windows = 9,
    /// This system is not Windows.
    NotWindows = 10,
    /// A named file is not usable, or not to its end.
    File = 11,
    /// A named computer or session does not exist.
    NotFound = 12,
    /// The handshake with a server failed.
    Handshake = 13,
    /// `doctor` found a problem.
    Problems = 14,
}

impl Exit {
    /// The number.
    #[must_use]
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// The meaning, as `--help` and the README print it.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Done => {
                "success; also when the reader of the output is gone, or Ctrl-C ended `follow`"
            }
            Self::Output => "the output cannot be written",
            Self::Usage => "wrong usage",
            Self::NotRunning => "the driver, or the Windows service that was asked, is not running",
            Self::AccessDenied => "access denied: not an administrator",
            Self::OtherVersion => "driver and tool are of different versions",
            Self::Rejected => "the driver rejected the request",
            Self::BadReply => "a reply is not usable or does not add up",
            Self::Windows => "Windows reported another error",
            Self::NotWindows => "this system is not Windows",
            Self::File => "a named file is not usable, or not to its end",
            Self::NotFound => "computer not found, or it has no such session",
            Self::Handshake => "the TLS handshake failed, or the certificate is not trusted",
            Self::Problems => "doctor found a problem",
        }
    }

    /// All codes as `--help` prints them, one per line.
    #[must_use]
    pub fn help() -> String {
        Self::VARIANTS.iter().fold("Exit codes:".to_owned(), |mut text, exit| {
            // Writing to a string cannot fail.
            let _ = write!(text, "\n  {:>2}  {}", exit.code(), exit.meaning());
            text
        })
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_code_has_a_meaning_of_its_own() {
        let meanings: HashSet<_> = Exit::VARIANTS.iter().map(|exit| exit.meaning()).collect();
        assert_eq!(meanings.len(), Exit::VARIANTS.len());
        assert!(meanings.iter().all(|meaning| !meaning.is_empty() && !meaning.ends_with('.')));
    }

    #[test]
    fn scripts_can_rely_on_these_codes() {
        let codes: Vec<_> = Exit::VARIANTS.iter().map(|exit| exit.code()).collect();
        assert_eq!(codes, [0, 1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13, 14]);
        assert_eq!(Exit::Problems.code(), 14);
    }

    #[test]
    fn the_help_has_a_line_for_each_code() {
        let help = Exit::help();
        assert!(help.starts_with("Exit codes:\n   0  success; "), "{help}");
        assert_eq!(help.lines().count(), 1 + Exit::VARIANTS.len());
    }
}
