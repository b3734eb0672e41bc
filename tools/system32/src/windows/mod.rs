//! The Windows half: the loader, and the path of System32.

mod library;
#[cfg(target_env = "gnu")]
mod random;
mod system;

pub use library::Library;
pub use system::{folder, search_system32_only};
