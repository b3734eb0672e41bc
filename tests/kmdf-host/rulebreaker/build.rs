//! Links the library as a kernel driver: native subsystem, entry `FxDriverEntry`, no C runtime.

fn main() {
    for argument in [
        "-nostartfiles",
        "-Wl,--subsystem,native",
        "-Wl,--entry,FxDriverEntry",
        "-Wl,--dynamicbase",
        "-lntoskrnl",
    ] {
        println!("cargo::rustc-cdylib-link-arg={argument}");
    }
    println!("cargo::rerun-if-changed=build.rs");
}
