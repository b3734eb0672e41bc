//! The ring's atomics in loom's models.

pub(crate) use loom::sync::atomic::{AtomicU64, Ordering, fence};

/// Loads word by word, so that loom runs other threads between the two loads.
pub(crate) fn load_pair(words: &[AtomicU64; 2]) -> [u8; 16] {
    let bytes = words.each_ref().map(|word| word.load(Ordering::Relaxed).to_le_bytes());
    zerocopy::transmute!(bytes)
}
