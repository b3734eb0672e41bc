//! Compares the header overlay with a second, independent description of the same interface:
//! `abi.c`, which consists of compile-time assertions.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const SHARED: &str = "/usr/share/mingw-w64/include";

/// The path of any installed clang, because every version can read the headers.
fn clang() -> PathBuf {
    let versions = fs::read_dir("/usr/lib").expect("the folder of LLVM's versions can be read");
    versions
        .flatten()
        .filter(|entry| entry.file_name().to_string_lossy().starts_with("llvm-"))
        .map(|entry| entry.path().join("bin/clang"))
        .filter(|path| path.exists())
        .max()
        .expect("`openkit setup` has installed clang")
}

/// Compiles `abi.c` and an additional line against the overlay.
fn compile(clang: &Path, line: &str) -> Output {
    // Cargo runs tests in the folder of their package.
    let kit = Path::new("kit/include");
    let folders =
        [kit.join("km/crt"), Path::new(SHARED).join("ddk"), SHARED.into(), kit.join("wdf")];
    let folder = tempfile::tempdir().expect("the folder can be made");
    let source = folder.path().join("line.c");
    fs::write(&source, line).expect("the source can be written");
    Command::new(clang)
        .args(["--target=x86_64-pc-windows-msvc", "-fsyntax-only", "-fno-builtin"])
        .args(["-fms-compatibility", "-fms-extensions", "-Wno-everything"])
        .args(["-D_WIN64", "-D_AMD64_", "-DAMD64", "-D_KERNEL_MODE"])
        .args(["-DKMDF_VERSION_MAJOR=1", "-DKMDF_VERSION_MINOR=31"])
        .args(folders.iter().map(|folder| format!("-I{}", folder.display())))
        .arg("-include")
        .arg("tests/abi.c")
        .arg(&source)
        .output()
        .expect("clang starts")
}

#[test]
#[ignore = "needs clang and the MinGW headers: cargo make test-openkit"]
fn the_overlay_has_the_frameworks_binary_interface() {
    let clang = clang();
    let output = compile(&clang, "");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
#[ignore = "needs clang and the MinGW headers: cargo make test-openkit"]
fn a_wrong_number_index_or_argument_is_an_error() {
    let clang = clang();
    for wrong in [
        "SIZE(WDF_DRIVER_CONFIG, 40);",
        "AT(16, WDF_DRIVER_CONFIG, EvtDriverDeviceAdd);",
        "INDEX(WdfDriverCreate, 117);",
        "PROTOTYPE(WDFREQUESTCOMPLETE, void, GLOBALS, long, WDFREQUEST);",
        "PROTOTYPE(WDF_TIMER, void, WDFWORKITEM);",
    ] {
        let errors = compile(&clang, wrong).stderr;
        let errors = String::from_utf8_lossy(&errors);
        assert!(errors.contains("static assertion failed"), "{wrong} compiles: {errors}");
    }
}
