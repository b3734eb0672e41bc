//! The cargo workspace to build in, and the folders of what is generated for it.

use std::path::{Path, PathBuf};

use anyhow::Result;
use cargo_metadata::Metadata;

use crate::manifest;

/// A workspace, found when the program runs: a path that is compiled in would lead a
/// copied checkout back to the original.
#[derive(Debug)]
pub struct Workspace {
    root: PathBuf,
    target: PathBuf,
}

impl Workspace {
    /// The workspace of a manifest, or else of the current folder.
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

    /// Cargo's target folder, which settings of the user may put anywhere.
    #[must_use]
    pub fn cargo_target(&self) -> &Path {
        &self.target
    }

    /// The target folder of what is built here. It is always below the workspace:
    /// `wdk-build` searches upwards from it for the workspace's `Cargo.lock`.
    #[must_use]
    pub fn target(&self) -> PathBuf {
        self.root.join("target")
    }

    /// Everything generated, except finished images. To start from nothing, delete it.
    #[must_use]
    pub fn generated(&self) -> PathBuf {
        self.target().join("openkit")
    }

    /// The assembled kit, laid out as the Windows Driver Kit is.
    pub(crate) fn kit(&self) -> PathBuf {
        self.generated().join("kit")
    }

    /// Names the inputs that the assembled kit was made from.
    pub(crate) fn kit_stamp(&self) -> PathBuf {
        self.generated().join("kit.stamp")
    }

    /// Held while the kit is assembled.
    pub(crate) fn kit_lock(&self) -> PathBuf {
        self.generated().join("kit.lock")
    }

    /// Tools under the names that cargo and `cc` expect.
    pub(crate) fn tools(&self) -> PathBuf {
        self.generated().join("bin")
    }

    /// Remembers the chosen Rust toolchain.
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
