//! The package to build, as its manifest describes it.

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
    /// The name of its library, if that is linked as an image.
    library: Option<String>,
}

impl Project {
    /// The package of this name, or else the one that the manifest, or the current
    /// folder, belongs to.
    ///
    /// # Errors
    ///
    /// The manifest is not one, names no single package, or asks for a framework that
    /// the kit does not have.
    pub fn find(manifest: Option<&Path>, package: Option<&str>) -> Result<Self> {
        let metadata = manifest::read(manifest)?;
        let package = match package {
            Some(name) => of_name(&metadata, name)?,
            None => of_folder(&metadata, manifest)?,
        };
        // The kit holds every framework that is accepted here, so nothing else asks.
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

    /// The workspace that it is built in.
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

/// Names the packages that say that they are drivers.
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
