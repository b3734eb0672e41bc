//! Two words in one register.

// UNSAFETY: no compiler merges atomic loads, so this file names the instruction.
#![expect(unsafe_code, reason = "inline assembly")]

use core::arch::asm;
use core::arch::x86_64::__m128i;
use core::sync::atomic::AtomicU64;

use super::Pair;

/// See [`load_pair`](super::load_pair).
///
/// # Why this is as strong as two relaxed loads
///
/// - The compiler knows that the block reads memory. So it does not move the block across a
///   fence, or reuse the result of an earlier load.
/// - x64 processors do not reorder loads with loads (AMD64 Architecture Programmer's Manual,
///   volume 2, "Memory Access Ordering"; Intel 64 and IA-32 Architectures Software
///   Developer's Manual, volume 3, "Memory Ordering"). An acquire fence behind the block
///   needs no more.
/// - Processors with AVX load 16 aligned bytes in one access (the same manuals, on
///   atomicity). Others may need several accesses, and no manual promises that these are
///   whole words. So [`load_pair`](super::load_pair) does not promise whole words either.
///
/// Kernel code on x64 may use SSE registers without saving them, but not the larger AVX
/// registers ("Using extended processor features in Windows drivers").
#[inline]
pub(super) fn load_pair(words: &[AtomicU64; 2]) -> Pair {
    let pair: __m128i;
    // SAFETY: the reference leads to 16 bytes of atomics, which may be read while other
    // threads store to them. The block writes only the register.
    unsafe {
        asm!(
            "movups {pair}, xmmword ptr [{words}]",
            words = in(reg) words.as_ptr(),
            pair = out(xmm_reg) pair,
            options(nostack, preserves_flags, readonly),
        );
    }
    zerocopy::transmute!(pair)
}
