//! libFuzzer's entry to `sessionwatch_fuzz::dispatch`.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| sessionwatch_fuzz::dispatch(bytes));
