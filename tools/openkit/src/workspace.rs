//! The cargo workspace to build in, and the folders of its generated files.

use std::path::{Path, PathBuf};

use anyhow::Result;
use cargo_metadata::Metadata;

use crate::manifest;

/// A workspace, found at run time: a path from compile time would lead a copied checkout back to
/// the original.
#[derive(Debug)]
pub struct Workspace {
    root: PathBuf,
    target: PathBuf,
}

impl Workspace {
    /// Finds the workspace of a manifest, or else of the current folder.
    ///
    /// # Errors
    ///
    /// The folder belongs to no workspace, or cargo cannot read the manifest.
    pub fn find(manifest: Option<&Path>) -> Result<Self> {
        manifest::read(manifest).map(|metadata| Self::of(&metadata))
    }

    pub(crate) fn of(metadata: &Metadata) -> Self {
        Self {
            root: metadata.workspace_root.clone().into(),
            target: metadata.target_directory.clone().into(),
        }
    }

    /// The folder of the workspace's `Cargo.toml`.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Cargo's target folder, which the user's settings may put anywhere.
    #[must_use]
    pub fn cargo_target(&self) -> &Path {
        &self.target
    }

    /// openkit's own target folder. It is always below the workspace, because `wdk-build` searches
    /// the parents of its build folder for the workspace's `Cargo.lock`.
    #[must_use]
    pub fn target(&self) -> PathBuf {
        self.root.join("target")
    }

    /// The folder of all generated files except finished images. Delete it to start over.
    #[must_use]
    pub fn generated(&self) -> PathBuf {
        self.target().join("openkit")
    }

    /// The assembled kit, with the layout of the Windows Driver Kit.
    pub(crate) fn kit(&self) -> PathBuf {
        self.generated().join("kit")
    }

    /// The file that names the inputs of the assembled kit.
    pub(crate) fn kit_stamp(&self) -> PathBuf {
        self.generated().join("kit.stamp")
    }

    /// The lock of the kit's assembly.
    pub(crate) fn kit_lock(&self) -> PathBuf {
        self.generated().join("kit.lock")
    }

    /// The folder of tools under the names that cargo and `cc` expect.
    pub(crate) fn tools(&self) -> PathBuf {
        self.generated().join("bin")
    }

    /// The file that remembers the chosen Rust toolchain.
    pub(crate) fn toolchain_choice(&self) -> PathBuf {
        self.generated().join("toolchain")
    }

    /// Cargo's target folder for kernel mode.
    pub(crate) fn kernel_target(&self) -> PathBuf {
        self.generated().join("cargo-kernel")
    }

    /// Cargo's target folder for user mode.
    pub(crate) fn user_target(&self) -> PathBuf {
        self.generated().join("cargo-user")
    }
}
