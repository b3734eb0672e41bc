//! Tells Microsoft's linker that the program's own imports come from System32 alone, which
//! Windows heeds from version 10 1607 on. GNU's linker has no such flag: with it, the program
//! imports nothing that Windows would look for elsewhere, which a test of `tools/package` checks.

use std::env;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    // LOAD_LIBRARY_SEARCH_SYSTEM32.
    if env::var("CARGO_CFG_TARGET_ENV").is_ok_and(|environment| environment == "msvc") {
        println!("cargo::rustc-link-arg-bins=/DEPENDENTLOADFLAG:0x800");
    }
}
