//! libFuzzer's entry to `sessionwatch_fuzz::replies`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| sessionwatch_fuzz::replies(bytes));
