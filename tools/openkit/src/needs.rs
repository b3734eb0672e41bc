//! The files that builds and runs under Wine need besides Rust.

use std::path::{Path, PathBuf};

use crate::llvm::Llvm;

/// A required file.
#[derive(Clone, Debug)]
pub struct Need {
    /// The reason for it, as a verb and its object.
    pub purpose: &'static str,
    /// The file.
    pub path: PathBuf,
    /// The package of Debian and Ubuntu that provides it.
    pub package: String,
}

impl Need {
    pub(crate) fn is_met(&self) -> bool {
        self.path.exists()
    }
}

/// The folder of MinGW's kernel headers, the kit's `km`.
pub(crate) const KERNEL_HEADERS: &str = "/usr/share/mingw-w64/include/ddk";

/// One of MinGW's libraries, which one package installs together.
const MINGW_LIBRARY: &str = "/usr/x86_64-w64-mingw32/lib/libkernel32.a";

/// The folder of MinGW's other headers, the kit's `shared`.
pub(crate) const SHARED_HEADERS: &str = "/usr/share/mingw-w64/include";

/// The needs of a driver's build with this LLVM.
pub(crate) fn of_driver(llvm: &Llvm) -> Vec<Need> {
    let purpose = |part| match part {
        "clang" => "compiles the entry library",
        "libclang-dev" => "reads the headers for bindgen",
        "lld" => "links the driver",
        _ => "makes import libraries",
    };
    let mut needs: Vec<Need> = llvm
        .parts()
        .into_iter()
        .map(|(part, path)| Need {
            purpose: purpose(part),
            path,
            package: versioned(part, llvm.version),
        })
        .collect();
    needs.push(Need {
        purpose: "declares the kernel",
        path: Path::new(KERNEL_HEADERS).join("wdm.h"),
        package: "mingw-w64-common".to_owned(),
    });
    needs
}

/// All needs: those of the driver, of the programs, and of Wine to run both.
pub(crate) fn all(llvm: &Llvm) -> Vec<Need> {
    let others = [
        ("links programs", "/usr/bin/x86_64-w64-mingw32-gcc", "gcc-mingw-w64-x86-64-win32"),
        ("has the libraries of programs", MINGW_LIBRARY, "mingw-w64-x86-64-dev"),
        ("runs the build", "/usr/bin/wine", "wine"),
        ("runs the build", "/usr/lib/wine/wine64", "wine64"),
    ];
    let others = others.map(|(purpose, path, package)| Need {
        purpose,
        path: path.into(),
        package: package.to_owned(),
    });
    of_driver(llvm).into_iter().chain(others).collect()
}

/// A package's name with the version. Debian puts the version at the end, but before `-dev`.
fn versioned(part: &str, version: u32) -> String {
    match part.strip_suffix("-dev") {
        Some(stem) => format!("{stem}-{version}-dev"),
        None => format!("{part}-{version}"),
    }
}

/// The packages of Debian's newer Rust, for a machine without a suitable rustup.
pub(crate) const RUST_PACKAGES: [&str; 3] = ["rustc-web", "cargo-web", "rust-web-src"];

/// The packages that provide the missing files, each once.
pub(crate) fn missing_packages(needs: &[Need]) -> Vec<String> {
    let mut packages: Vec<String> =
        needs.iter().filter(|need| !need.is_met()).map(|need| need.package.clone()).collect();
    packages.sort();
    packages.dedup();
    packages
}

#[cfg(test)]
mod tests {
    use super::*;

    fn need(path: &str, package: &str) -> Need {
        Need { purpose: "a test", path: path.into(), package: package.into() }
    }

    #[test]
    fn a_package_name_has_its_version_in_debians_position() {
        assert_eq!(versioned("clang", 19), "clang-19");
        assert_eq!(versioned("libclang-dev", 19), "libclang-19-dev");
    }

    #[test]
    fn a_package_of_two_missing_files_is_named_once() {
        let needs = [
            need("/no/such/b", "b-package"),
            need("/no/such/a", "a-package"),
            need("/no/such/c", "b-package"),
            need("/", "not-missing"),
        ];
        assert_eq!(missing_packages(&needs), ["a-package", "b-package"]);
    }
}
