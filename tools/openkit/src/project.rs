//! The package to build, from its manifest.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow};
use cargo_metadata::{CrateType, Metadata, Package};

use crate::failure::{Hint as _, failure};
use crate::framework::Framework;
use crate::manifest;
use crate::workspace::Workspace;

/// A package for kernel mode, in its workspace.
#[derive(Debug)]
pub struct Project {
    workspace: Workspace,
    name: String,
    manifest: PathBuf,
    /// The name of its library, if the linker makes an image of it.
    library: Option<String>,
}

impl Project {
    /// Finds the package of this name. Without a name, finds the package of the manifest or of
    /// the current folder.
    ///
    /// # Errors
    ///
    /// The manifest is invalid, names no single package, or requests a framework that the kit does
    /// not have.
    pub fn find(manifest: Option<&Path>, package: Option<&str>) -> Result<Self> {
        let metadata = manifest::read(manifest)?;
        let package = match package {
            Some(name) => of_name(&metadata, name)?,
            None => of_folder(&metadata, manifest)?,
        };
        // No other code checks the framework: the kit has every one that is accepted here.
        Framework::of(&metadata, package)?;
        let image = package
            .targets
            .iter()
            .find(|target| target.crate_types.contains(&CrateType::CDyLib))
            .map(|target| target.name.replace('-', "_"));
        Ok(Self {
            workspace: Workspace::of(&metadata),
            name: package.name.to_string(),
            manifest: package.manifest_path.clone().into(),
            library: image,
        })
    }

    /// The workspace of the build.
    #[must_use]
    pub fn workspace(&self) -> &Workspace {
        &self.workspace
    }

    pub(crate) fn manifest(&self) -> &Path {
        &self.manifest
    }

    /// The name of its image, without an extension.
    pub(crate) fn image(&self) -> Result<&str> {
        self.library
            .as_deref()
            .with_context(|| {
                let (name, manifest) = (&self.name, self.manifest.display());
                format!("cannot build {name} ({manifest}): it is not a driver: it has no cdylib")
            })
            .hint("a driver's manifest has [lib] with crate-type = [\"cdylib\"]")
    }
}

fn of_name<'metadata>(metadata: &'metadata Metadata, name: &str) -> Result<&'metadata Package> {
    metadata
        .packages
        .iter()
        .find(|package| package.name == name)
        .with_context(|| format!("the workspace {} has no package {name}", metadata.workspace_root))
        .hint(candidates(metadata))
}

/// The package whose folder is nearest above the manifest or the current folder.
fn of_folder<'metadata>(
    metadata: &'metadata Metadata,
    manifest: Option<&Path>,
) -> Result<&'metadata Package> {
    let start = match manifest {
        Some(manifest) => manifest.canonicalize(),
        None => env::current_dir().and_then(|folder| folder.canonicalize()),
    }
    .context("cannot find the folder to start from")?;
    metadata
        .packages
        .iter()
        .filter_map(|package| {
            let folder = package.manifest_path.parent()?.canonicalize().ok()?;
            start.starts_with(&folder).then_some((folder.components().count(), package))
        })
        .max_by_key(|(depth, _)| *depth)
        .map(|(_, package)| package)
        .ok_or_else(|| {
            let root = &metadata.workspace_root;
            failure(
                anyhow!("no driver chosen: {root} is a workspace of several packages"),
                candidates(metadata),
            )
        })
}

/// Names the packages with the metadata of a driver.
fn candidates(metadata: &Metadata) -> String {
    let drivers: Vec<String> = metadata
        .packages
        .iter()
        .filter(|package| !package.metadata["wdk"].is_null())
        .map(|package| format!("--package {}", package.name))
        .collect();
    if drivers.is_empty() {
        return "no package in it has [package.metadata.wdk.driver-model]: name a driver with \
                --manifest-path"
            .to_owned();
    }
    format!("choose a driver: {}", drivers.join(" or "))
}
