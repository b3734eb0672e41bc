//! Where things are in the workspace.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

/// The driver's file in the package.
pub(crate) const DRIVER: &str = "sessionwatch.sys";
/// Its INF.
pub(crate) const INF: &str = "sessionwatch.inf";
/// The package's catalogue.
pub(crate) const CATALOGUE: &str = "sessionwatch.cat";
/// The certificate that both are signed with.
pub(crate) const CERTIFICATE: &str = "sessionwatch.cer";
/// The tool.
pub(crate) const TOOL: &str = "sessionwatch.exe";
/// The name of the service, and of its key.
pub(crate) const SERVICE: &str = "SessionWatch";

/// The folders that this program reads and writes.
pub(crate) struct Places {
    pub(crate) workspace: PathBuf,
    /// The files that are shipped.
    pub(crate) package: PathBuf,
    /// Where cargo puts what it builds in release.
    pub(crate) built: PathBuf,
}

impl Places {
    /// The places of the workspace that this program was compiled in.
    pub(crate) fn of_this_workspace() -> Result<Self> {
        let workspace = Path::new(env!("CARGO_MANIFEST_DIR"))
            .ancestors()
            .nth(2)
            .context("this program must be built inside its workspace")?
            .to_path_buf();
        // As cargo has it.
        let target = env::var_os("CARGO_TARGET_DIR")
            .map_or_else(|| workspace.join("target"), |folder| workspace.join(folder));
        Ok(Self { package: target.join("package"), built: target.join("release"), workspace })
    }

    /// A file of the package.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.package.join(name)
    }
}
