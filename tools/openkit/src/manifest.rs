//! Reads manifests through cargo.

use std::io::ErrorKind;
use std::path::Path;

use anyhow::{Context as _, Error, Result, anyhow};
use cargo_metadata::{Metadata, MetadataCommand};

use crate::failure::{Hint as _, failure};

/// The only name that cargo accepts.
const NAME: &str = "Cargo.toml";

const CHOOSE: &str = "run this in the driver's folder, or name its manifest with --manifest-path";

/// Reads the workspace of a manifest, and its packages without their dependencies. Without a path,
/// cargo searches the current folder and its parents.
pub(crate) fn read(path: Option<&Path>) -> Result<Metadata> {
    let mut command = MetadataCommand::new();
    command.no_deps();
    if let Some(path) = path {
        expect_manifest(path)?;
        command.manifest_path(path);
    }
    command.exec().map_err(|error| explain(error, path))
}

/// Checks that the file is a readable manifest. Cargo itself would report every such fault as an
/// unreadable file.
fn expect_manifest(path: &Path) -> Result<()> {
    let shown = path.display();
    match path.metadata() {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            Err(anyhow!("cannot read {shown}: there is no such file"))
                .hint("name the Cargo.toml of a driver with --manifest-path")
        }
        Err(error) => Err(error).with_context(|| format!("cannot read {shown}")),
        Ok(found) if found.is_dir() => Err(anyhow!("cannot read {shown}: it is a folder")).hint(
            format!("name the manifest in it: --manifest-path {}", path.join(NAME).display()),
        ),
        Ok(_) if path.file_name().is_none_or(|name| name != NAME) => {
            Err(anyhow!("{shown} is not a Cargo manifest: its name is not {NAME}"))
                .hint("name the Cargo.toml of a driver with --manifest-path")
        }
        Ok(_) => Ok(()),
    }
}

fn explain(error: cargo_metadata::Error, path: Option<&Path>) -> Error {
    let said = match error {
        cargo_metadata::Error::CargoMetadata { stderr } => cause(&stderr),
        cargo_metadata::Error::Io(error) => {
            let error = Error::new(error).context("cannot start cargo");
            return failure(error, "install Rust: https://rustup.rs");
        }
        other => return Error::new(other).context("cannot read what cargo says"),
    };
    match path {
        Some(path) => failure(
            anyhow!("{} is not a usable Cargo manifest: {said}", path.display()),
            "correct it, or name another manifest with --manifest-path",
        ),
        None => failure(anyhow!("cannot find a project to build: {said}"), CHOOSE),
    }
}

/// Cargo's reason on one line. Omits the name of the file, which the caller adds, and the excerpt
/// at the end.
fn cause(stderr: &str) -> String {
    let text = stderr.trim().strip_prefix("error: ").unwrap_or(stderr.trim());
    let is_of_cause = |line: &&str| !line.is_empty() && !line.starts_with("-->");
    let mut causes = text.split("\n\nCaused by:\n").map(|cause| {
        let lines: Vec<&str> = cause.lines().map(str::trim).take_while(is_of_cause).collect();
        lines.join(": ")
    });
    let first = causes.next().unwrap_or_default();
    let rest: Vec<String> = causes.collect();
    if first.starts_with("failed to parse manifest") && !rest.is_empty() {
        return rest.join(": ");
    }
    [vec![first], rest].concat().join(": ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_excerpt_and_the_name_of_the_file_are_omitted() {
        let said =
            "error: key with no value, expected `=`\n --> Cargo.toml:1:6\n  |\n1 | this is\n";
        assert_eq!(cause(said), "key with no value, expected `=`");
        let said =
            "error: failed to parse manifest at `/a/Cargo.toml`\n\nCaused by:\n  no targets\n";
        assert_eq!(cause(said), "no targets");
    }

    #[test]
    fn several_causes_are_joined() {
        let said = "error: failed to load `/a`\nreferenced by `/b`\n\nCaused by:\n  failed to read\n\n\
                    Caused by:\n  no such file\n";
        assert_eq!(
            cause(said),
            "failed to load `/a`: referenced by `/b`: failed to read: no such file"
        );
        assert_eq!(cause("odd words\n"), "odd words");
        assert_eq!(cause(""), "");
    }
}
