//! libFuzzer's entry to `sessionwatch_fuzz::recording`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| sessionwatch_fuzz::recording(bytes));
