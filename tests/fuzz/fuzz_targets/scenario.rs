//! libFuzzer's entry to `sessionwatch_fuzz::scenario`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| sessionwatch_fuzz::scenario(bytes));
