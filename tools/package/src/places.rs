//! The folders of the product's files.

use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow};
use openkit::{Hint as _, Workspace};

use crate::product::{INF_SOURCE, NAME};

/// The folders that packaging reads and writes.
#[derive(Debug)]
pub struct Places {
    workspace: Workspace,
    target: PathBuf,
}

impl Places {
    /// The folders on Linux. Packages are in the workspace, where scripts that run Wine look.
    ///
    /// # Errors
    ///
    /// The current folder is not in the product's workspace.
    pub fn on_linux() -> Result<Self> {
        let workspace = find()?;
        Ok(Self { target: workspace.target(), workspace })
    }

    /// The folders on Windows. Packages are in cargo's target folder.
    ///
    /// # Errors
    ///
    /// The current folder is not in the product's workspace.
    pub fn on_windows() -> Result<Self> {
        let workspace = find()?;
        Ok(Self { target: workspace.cargo_target().to_path_buf(), workspace })
    }

    pub(crate) fn workspace(&self) -> &Workspace {
        &self.workspace
    }

    /// A source file.
    pub(crate) fn source(&self, name: impl AsRef<Path>) -> PathBuf {
        self.workspace.root().join(name)
    }

    pub(crate) fn target(&self) -> &Path {
        &self.target
    }

    /// The folder of the shipped files.
    #[must_use]
    pub fn package(&self) -> PathBuf {
        self.target.join("package")
    }

    /// A shipped file.
    #[must_use]
    pub fn file(&self, name: &str) -> PathBuf {
        self.package().join(name)
    }
}

fn find() -> Result<Workspace> {
    let hint = format!("run this in the checkout of {NAME}");
    let workspace = Workspace::find(None).hint(&hint)?;
    if !workspace.root().join(INF_SOURCE).exists() {
        let root = workspace.root().display();
        return Err(anyhow!("{root} is not the workspace of {NAME}: it has no {INF_SOURCE}"))
            .hint(hint);
    }
    Ok(workspace)
}
