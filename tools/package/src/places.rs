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
    /// On Linux, packages are in the workspace: scripts that run Wine look there.
    ///
    /// # Errors
    ///
    /// The current folder is not in the product's workspace.
    pub fn on_linux() -> Result<Self> {
        let workspace = find()?;
        Ok(Self { target: workspace.target(), workspace })
    }

    /// On Windows, packages are where cargo builds.
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

    /// A file of the sources.
    pub(crate) fn source(&self, name: impl AsRef<Path>) -> PathBuf {
        self.workspace.root().join(name)
    }

    pub(crate) fn target(&self) -> &Path {
        &self.target
    }

    /// The folder of the files that are shipped.
    #[must_use]
    pub fn package(&self) -> PathBuf {
        self.target.join("package")
    }

    /// A file that is shipped.
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
