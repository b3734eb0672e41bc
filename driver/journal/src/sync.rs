//! The atomics that the ring is made of, in one place: `tests/loom.rs` compiles
//! the ring once more with a model checker's in their stead.

pub(crate) use core::sync::atomic::{AtomicU64, Ordering, fence};
pub(crate) use sessionwatch_words::load_pair;
