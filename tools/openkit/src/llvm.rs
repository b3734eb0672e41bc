//! Selects one of the installed LLVM versions.

use std::fs;
use std::path::{Path, PathBuf};

/// The version that the header overlay was developed with, and the first one to install.
const PREFERRED: u32 = 19;

/// The range of versions to install if the preferred one is not available.
const OLDEST: u32 = 16;
const NEWEST: u32 = 21;

/// The folder in which Debian and Ubuntu install each version in its own subfolder.
const ROOT: &str = "/usr/lib";

/// An installed LLVM, complete or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Llvm {
    pub(crate) version: u32,
    root: PathBuf,
}

impl Llvm {
    /// The installed version to use, or the one that should be installed.
    pub(crate) fn choose() -> Self {
        let names = fs::read_dir(ROOT)
            .into_iter()
            .flatten()
            .flatten()
            .filter_map(|entry| entry.file_name().into_string().ok());
        let complete = names.filter_map(|name| Self::of_folder(&name)).filter(Self::is_complete);
        newest(complete).unwrap_or_else(|| Self::of_version(PREFERRED))
    }

    /// The installed version to use, or else the best version that can be installed.
    pub(crate) fn choose_or_install(can_install: impl Fn(&str) -> bool) -> Self {
        let chosen = Self::choose();
        if chosen.is_complete() {
            return chosen;
        }
        let on_offer = (OLDEST..=NEWEST).filter(|version| can_install(&format!("clang-{version}")));
        newest(on_offer.map(Self::of_version)).unwrap_or(chosen)
    }

    fn is_complete(&self) -> bool {
        self.parts().iter().all(|(_, path)| path.exists())
    }

    fn of_version(version: u32) -> Self {
        Self { version, root: Path::new(ROOT).join(format!("llvm-{version}")) }
    }

    fn of_folder(name: &str) -> Option<Self> {
        name.strip_prefix("llvm-")?.parse().ok().map(Self::of_version)
    }

    /// A program of this version.
    pub(crate) fn program(&self, name: &str) -> PathBuf {
        self.root.join("bin").join(name)
    }

    /// The folder in which bindgen finds the library of clang.
    pub(crate) fn library_folder(&self) -> PathBuf {
        self.root.join("lib")
    }

    /// The files of a complete LLVM, each with the stem of the package that provides it.
    pub(crate) fn parts(&self) -> [(&'static str, PathBuf); 6] {
        [
            ("clang", self.program("clang")),
            ("libclang-dev", self.library_folder().join("libclang.so")),
            ("lld", self.program("lld-link")),
            ("llvm", self.program("llvm-lib")),
            ("llvm", self.program("llvm-ar")),
            ("llvm", self.program("llvm-dlltool")),
        ]
    }
}

/// The preferred version if it is installed, or else the newest version that is not too old.
fn newest(installed: impl Iterator<Item = Llvm>) -> Option<Llvm> {
    installed
        .filter(|llvm| llvm.version >= OLDEST)
        .max_by_key(|llvm| (llvm.version == PREFERRED, llvm.version))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(versions: &[u32]) -> Option<u32> {
        newest(versions.iter().copied().map(Llvm::of_version)).map(|llvm| llvm.version)
    }

    #[test]
    fn the_preferred_version_wins_over_newer_ones() {
        assert_eq!(chosen(&[18, 19, 21]), Some(19));
    }

    #[test]
    fn the_newest_version_replaces_a_missing_preferred_one() {
        assert_eq!(chosen(&[17, 20, 18]), Some(20));
    }

    #[test]
    fn versions_that_are_too_old_are_ignored() {
        assert_eq!(chosen(&[14, 15]), None);
        assert_eq!(chosen(&[]), None);
    }

    #[test]
    fn only_versioned_folders_count() {
        assert_eq!(Llvm::of_folder("llvm-19").map(|llvm| llvm.version), Some(19));
        assert_eq!(Llvm::of_folder("llvm"), None);
        assert_eq!(Llvm::of_folder("llvm-19-docs"), None);
    }
}
