//! Checks that must hold for arbitrary bytes.
//!
//! Each function takes untrusted bytes and panics if they break one of the project's promises. The
//! fuzzers in `fuzz_targets` search for such bytes. The tests run the same functions with any
//! compiler, over the bytes in `corpus` and over all small inputs.
//!
//! Only the fuzzers need a nightly compiler and the feature `libfuzzer`.

mod case;
mod dispatch;
mod recording;
mod replies;
mod scenario;
mod seeds;

pub use dispatch::dispatch;
pub use recording::recording;
pub use replies::{ReplyCase, replies};
pub use scenario::scenario;
pub use seeds::{Seed, seeds};
