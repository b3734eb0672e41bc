//! Two words in one register.

// UNSAFETY: no compiler joins atomic loads, so the instruction is named here.
#![expect(unsafe_code, reason = "inline assembly")]

use core::arch::asm;
use core::arch::x86_64::__m128i;
use core::sync::atomic::AtomicU64;

use super::Pair;

/// See [`load_pair`](super::load_pair).
///
/// # Why this is no less than two relaxed loads
///
/// - Compilers know of the block that it reads memory, so they do not move it
///   across a fence or take it for a copy of an earlier load.
/// - Processors keep loads in their order (AMD64 Architecture Programmer's
///   Manual, volume 2, "Memory Access Ordering"; Intel 64 and IA-32 Architectures
///   Software Developer's Manual, volume 3, "Memory Ordering"), and an acquire
///   fence behind the block needs no more.
/// - Those with AVX load 16 aligned bytes in one access (the same manuals, on
///   atomicity). Others may need several, and none says that these are whole
///   words, which is why [`load_pair`](super::load_pair) does not either.
///
/// Kernels for x64 may use SSE registers without saving them, but not those of
/// AVX, which hold more ("Using extended processor features in Windows drivers").
#[inline]
pub(super) fn load_pair(words: &[AtomicU64; 2]) -> Pair {
    let pair: __m128i;
    // SAFETY: the reference leads to 16 bytes that may be read while others store
    // to them. Nothing is written but the register.
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
