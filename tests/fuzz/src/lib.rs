//! What must hold for any bytes at all.
//!
//! Each function takes bytes that nobody has looked at and fails if a promise
//! does not hold for them. The fuzzers in `fuzz_targets` search for such bytes;
//! the tests run the same functions over the bytes in `corpus`, on any compiler,
//! and over small inputs without exception.
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
