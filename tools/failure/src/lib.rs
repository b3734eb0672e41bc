//! How the tool fails: its exit codes, and the shape of an error.
//!
//! Every error type of the tool implements [`Failure`]. It says what failed and why (its
//! [`Display`](std::fmt::Display)), what to do now ([`Failure::hint`]), and with which code
//! the program ends ([`Failure::exit`]). [`Exit`] is the one table of codes: `--help`, the
//! tool's README and `main` read it.
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

/// An error that is responsible for its own sentence, advice and exit code.
pub trait Failure: Error {
    /// The code with which the program ends.
    fn exit(&self) -> Exit;

    /// What to do now: an imperative without a full stop, or `None` where nothing helps.
    fn hint(&self) -> Option<Cow<'static, str>>;
}
