//! The ring's atomics, in one place: `tests/loom.rs` compiles the ring a second time, with
//! a model checker's atomics instead.

pub(crate) use core::sync::atomic::{AtomicU64, Ordering, fence};

pub(crate) use sessionwatch_words::load_pair;
