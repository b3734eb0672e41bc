//! What the ring takes its atomics from in loom's models.

pub(crate) use loom::sync::atomic::{AtomicU64, Ordering, fence};

/// Word by word: loom runs whatever may happen between two of them.
pub(crate) fn load_pair(words: &[AtomicU64; 2]) -> [u8; 16] {
    let bytes = words.each_ref().map(|word| word.load(Ordering::Relaxed).to_le_bytes());
    zerocopy::transmute!(bytes)
}
