//! The failures of the tool: its exit codes, and the shape of an error.
//!
//! Every error type of the tool implements [`Failure`]. It says what failed and why (its
//! [`Display`](std::fmt::Display)), what to do now ([`Failure::hint`]), and the exit code of the
//! program ([`Failure::exit`]). [`Exit`] is the one table of codes: `--help`, the tool's README
//! and `main` read it.
//!
//! This crate knows no driver, no recording and no Windows API.

mod exit;
mod not_windows;
pub mod testing;
mod win32;

use std::borrow::Cow;
use std::error::Error;

pub use exit::Exit;
pub use not_windows::NotWindows;
pub use win32::{WindowsError, code};

/// An error with its own sentence, hint and exit code.
pub trait Failure: Error {
    /// The exit code of the program.
    fn exit(&self) -> Exit;

    /// The hint for the user: an imperative without a full stop. `None` if there is no remedy.
    fn hint(&self) -> Option<Cow<'static, str>>;
}
