//! The kit's own files, embedded in the program. So the program assembles the same kit wherever it
//! runs, whatever checkout it came from.

/// One file.
#[derive(Debug)]
pub(super) struct Source {
    /// Its path below `kit`, with slashes.
    pub(super) path: &'static str,
    pub(super) text: &'static str,
}

macro_rules! sources {
    ($($path:literal,)*) => {
        &[$(Source { path: $path, text: include_str!(concat!("../../kit/", $path)) },)*]
    };
}

/// All files. A test compares the list with the folder.
pub(super) const SOURCES: &[Source] = sources![
    "include/km/crt/intrin.h",
    "include/km/crt/ntdef.h",
    "include/km/crt/ntstrsafe.h",
    "include/km/crt/wdm.h",
    "include/wdf/wdf.h",
    "include/wdf/wdfcallbacks.h",
    "include/wdf/wdfenums.h",
    "include/wdf/wdffunctions.h",
    "include/wdf/wdflayout.h",
    "include/wdf/wdfstructures.h",
    "include/wdf/wdftable.h",
    "include/wdf/wdftypes.h",
    "lib/cookie.c",
    "lib/entry.c",
    "lib/hal.def",
    "lib/ntoskrnl.def",
    "lib/rpcrt4.def",
    "lib/wdfldr.def",
    "lib/wmilib.def",
    "stand-ins/empty.rs",
    "stand-ins/windows.rs",
];

/// The files below a folder: the relative path and the text of each.
pub(super) fn below(folder: &str) -> impl Iterator<Item = (&'static str, &'static str)> {
    SOURCES.iter().filter_map(move |source| {
        let name = source.path.strip_prefix(folder)?.strip_prefix('/')?;
        Some((name, source.text))
    })
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::{Path, PathBuf};

    use super::*;

    fn files(folder: &Path) -> Vec<PathBuf> {
        let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
    }

    /// Cargo runs tests in the folder of their package.
    #[test]
    fn every_file_of_the_kit_is_listed_once_and_in_order() {
        let mut found: Vec<String> = files(Path::new("kit"))
            .iter()
            .map(|path| path.strip_prefix("kit").unwrap().to_str().unwrap().replace('\\', "/"))
            .collect();
        found.sort();
        let listed: Vec<&str> = SOURCES.iter().map(|source| source.path).collect();
        assert_eq!(listed, found);
    }

    #[test]
    fn a_folder_has_the_files_below_it_and_no_others() {
        let names: Vec<&str> = below("stand-ins").map(|(name, _)| name).collect();
        assert_eq!(names, ["empty.rs", "windows.rs"]);
        assert_eq!(below("stand").count(), 0);
    }
}
