//! Builds KMDF drivers in Rust on Linux.
//!
//! A driver's crates come unmodified from the registry, and expect a Windows machine with the
//! Windows Driver Kit. This library assembles a folder with the layout of that kit: its own headers
//! and import libraries, MinGW's kernel headers, and LLVM's tools. It runs cargo against the folder
//! and checks that a kernel would load the image. It knows no particular driver. The crate's
//! `README.md` explains each piece.

pub mod driver;
mod failure;
pub mod files;
mod framework;
mod image;
mod kernel;
mod kit;
mod llvm;
mod manifest;
mod needs;
mod profile;
pub mod program;
mod project;
pub mod setup;
mod toolchain;
pub mod user;
mod workspace;
pub mod wrapper;

pub use self::failure::{Hint, failure, report};
pub use self::needs::Need;
pub use self::profile::Profile;
pub use self::project::Project;
pub use self::workspace::Workspace;
