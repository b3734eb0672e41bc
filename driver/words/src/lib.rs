//! Loads words that another thread may be storing, two at a time.
//!
//! The ring's readers copy atomics. Compilers load each one by itself, which is
//! right, and then also store each one by itself, and it is the number of stores
//! that a long copy takes its time from. [`load_pair`] gives two words as one
//! value of 16 bytes, which is stored at once.
//!
//! This is a crate of its own because it needs `unsafe` on x64; the journal,
//! which holds what can be proved, shall have none. Where Miri runs, and on other
//! processors, it is two relaxed loads.

#![no_std]

#[cfg(test)]
extern crate std;

#[cfg(all(target_arch = "x86_64", not(miri)))]
mod x64;

use core::sync::atomic::AtomicU64;
#[cfg(any(test, not(target_arch = "x86_64"), miri))]
use core::sync::atomic::Ordering;

/// Two words as bytes, little-endian, one after the other.
pub type Pair = [u8; 16];

/// Loads two words, ordered as two loads with `Ordering::Relaxed` are.
///
/// A word that another thread stores at the same time may come in part the old
/// one and in part the new one. So this is for those who find out afterwards,
/// behind an acquire fence, what may have been stored, and drop it.
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

/// What [`load_pair`] is where nothing better is known.
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
        /// Wherever the pair lies in a cache line, and aligned to a word only.
        #[test]
        fn a_pair_is_its_two_words(words: [u64; 10]) {
            let words = words.map(AtomicU64::new);
            for pair in words.windows(2) {
                let pair = pair.try_into().unwrap();
                prop_assert_eq!(load_pair(pair), load_each(pair));
            }
        }
    }

    /// What the ring does with it: whatever came of a store makes a later look,
    /// behind a fence, see at least what was stored before that.
    #[test]
    fn what_was_stored_before_is_seen_behind_a_fence() {
        const STORES: u64 = if cfg!(miri) { 300 } else { 1_000_000 };
        let (words, begun) = ([const { AtomicU64::new(0) }; 2], AtomicU64::new(0));
        let done = AtomicBool::new(false);
        thread::scope(|scope| {
            scope.spawn(|| {
                for value in 1..=STORES {
                    begun.store(value, Ordering::Release);
                    core::sync::atomic::fence(Ordering::Release);
                    // One byte carries the value: it cannot come in parts.
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
                    // From at most one before `first` on.
                    let range = first.saturating_sub(1)..=last;
                    for byte in [pair[0], pair[8]] {
                        let is_explained = range.clone().any(|v| v & 0x7F == u64::from(byte));
                        assert!(is_explained, "{byte} is not of {range:?}");
                    }
                }
            }
        });
        assert_eq!(load_pair(&words), load_each(&words));
    }
}
