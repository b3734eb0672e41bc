//! The program that rustc starts instead of the linker, so that the same sources give the same
//! bytes.
//!
//! Rustc passes the list of exports in a folder with a random name. The linker writes its command
//! line into the debug information, and the image has a hash of that. So this program first copies
//! the list beside the image.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::{env, fs};

use anyhow::{Context as _, Result};

use super::generated;
use crate::program;

/// The name of this program for rustc.
pub(crate) const NAME: &str = "openkit-link";

/// The name of the real linker, in the same folder.
pub(crate) const REAL: &str = "lld-link";

/// Runs the linker with the copied list of exports.
pub(crate) fn run() -> Result<ExitCode> {
    let mut arguments: Vec<String> = env::args().skip(1).collect();
    if let Some(exports) = Exports::among(&arguments) {
        fs::copy(&exports.given, &exports.lasting)
            .with_context(|| format!("cannot copy {}", exports.given.display()))?;
        arguments[exports.position] = format!("{EXPORTS}{}", exports.lasting.display());
    }
    let linker = generated()?.join("bin").join(REAL);
    program::pass_on(Command::new(linker).args(&arguments))
}

const EXPORTS: &str = "/DEF:";
const IMAGE: &str = "/OUT:";

/// The list of exports on a command line.
#[derive(Debug, PartialEq, Eq)]
struct Exports {
    position: usize,
    given: PathBuf,
    lasting: PathBuf,
}

impl Exports {
    fn among(arguments: &[String]) -> Option<Self> {
        let position = arguments.iter().position(|argument| argument.starts_with(EXPORTS))?;
        let given = arguments[position].strip_prefix(EXPORTS)?.into();
        let image = arguments.iter().find_map(|argument| argument.strip_prefix(IMAGE))?;
        Some(Self { position, given, lasting: Path::new(image).with_extension("def") })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_of_exports_goes_beside_the_image() {
        let arguments =
            ["/NOLOGO", "/DEF:/deps/rustcX1/lib.def", "/OUT:/deps/a.dll"].map(String::from);
        assert_eq!(
            Exports::among(&arguments),
            Some(Exports {
                position: 1,
                given: "/deps/rustcX1/lib.def".into(),
                lasting: "/deps/a.def".into(),
            })
        );
    }

    #[test]
    fn a_command_line_without_exports_stays_as_it_is() {
        let arguments = ["/NOLOGO", "/OUT:/deps/a.dll"].map(String::from);
        assert_eq!(Exports::among(&arguments), None);
    }
}
