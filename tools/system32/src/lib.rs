//! The folder System32, and DLLs that load from it alone.
//!
//! Windows looks for most DLLs of a program's import table in the program's own folder first.
//! Whoever may write to that folder could plant a DLL there, and would run code as administrator,
//! or as SYSTEM in the service. So the program imports `KnownDLLs` only, which Windows never looks
//! for in a folder. It loads every other DLL with `functions!`, from System32:
//! <https://learn.microsoft.com/windows/win32/dlls/dynamic-link-library-search-order>.
//!
//! This crate knows no function of a DLL, and no product.

mod error;
#[cfg(windows)]
mod windows;

pub use error::LoadError;
#[cfg(windows)]
pub use windows::{Library, folder, search_system32_only};
