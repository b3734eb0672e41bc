//! Loads two 64-bit words at a time while another thread may store them.
//!
//! The ring's readers copy atomics. A compiler loads and stores each word separately, and
//! the stores dominate the time of a long copy. [`load_pair`] returns two words as one value
//! of 16 bytes, which takes one store.
//!
//! This is a separate crate because it needs `unsafe` on x64 and the journal forbids it. In
//! Miri and on other processors, [`load_pair`] is two relaxed loads.

#![no_std]

#[cfg(test)]
extern crate std;

#[cfg(all(target_arch = "x86_64", not(miri)))]
mod x64;

use core::sync::atomic::AtomicU64;
#[cfg(any(test, not(target_arch = "x86_64"), miri))]
use core::sync::atomic::Ordering;

/// The bytes of two words, little-endian, in order.
pub type Pair = [u8; 16];

/// Loads two words, with the ordering of two loads with `Ordering::Relaxed`.
///
/// A word that another thread stores at the same time may be torn: partly the old value,
/// partly the new one. So a caller must find out after an acquire fence which words may have
/// been stored meanwhile, and drop them.
#[inline]
#[must_use]
pub fn load_pair(words: &[AtomicU64; 2]) -> Pair {
    #[cfg(all(target_arch = "x86_64", not(miri)))]
    {
        x64::load_pair(words)
    }
    #[cfg(not(all(target_arch = "x86_64", not(miri))))]
    {
        load_each(words)
    }
}

/// The portable [`load_pair`].
#[cfg(any(test, not(target_arch = "x86_64"), miri))]
fn load_each(words: &[AtomicU64; 2]) -> Pair {
    let bytes = words.each_ref().map(|word| word.load(Ordering::Relaxed).to_le_bytes());
    zerocopy::transmute!(bytes)
}

#[cfg(test)]
mod tests {
    use core::sync::atomic::AtomicBool;
    use std::thread;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// At every offset in a cache line, aligned to a word only.
        #[test]
        fn a_pair_is_its_two_words(words: [u64; 10]) {
            let words = words.map(AtomicU64::new);
            for pair in words.windows(2) {
                let pair = pair.try_into().unwrap();
                prop_assert_eq!(load_pair(pair), load_each(pair));
            }
        }
    }

    /// The ring relies on this: if a pair has a byte of a store, a load behind an acquire
    /// fence sees every value that was stored before a release fence ahead of that store.
    #[test]
    fn a_loaded_word_and_a_fence_order_later_loads() {
        const STORES: u64 = if cfg!(miri) { 300 } else { 1_000_000 };
        let (words, begun) = ([const { AtomicU64::new(0) }; 2], AtomicU64::new(0));
        let done = AtomicBool::new(false);
        thread::scope(|scope| {
            scope.spawn(|| {
                for value in 1..=STORES {
                    begun.store(value, Ordering::Release);
                    core::sync::atomic::fence(Ordering::Release);
                    // The value has one byte, so it cannot be torn.
                    for word in &words {
                        word.store(value & 0x7F, Ordering::Relaxed);
                    }
                }
                done.store(true, Ordering::Release);
            });
            while !done.load(Ordering::Acquire) {
                let first = begun.load(Ordering::Acquire);
                let pair = load_pair(&words);
                core::sync::atomic::fence(Ordering::Acquire);
                let last = begun.load(Ordering::Relaxed);
                if last - first < 0x40 {
                    // A word may still have the value before `first`.
                    let range = first.saturating_sub(1)..=last;
                    for byte in [pair[0], pair[8]] {
                        let is_explained = range.clone().any(|v| v & 0x7F == u64::from(byte));
                        assert!(is_explained, "{byte} is not in {range:?}");
                    }
                }
            }
        });
        assert_eq!(load_pair(&words), load_each(&words));
    }
}
