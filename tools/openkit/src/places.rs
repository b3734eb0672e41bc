//! Where things are in the workspace.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

/// The folders that this program reads and writes.
#[derive(Debug)]
pub(crate) struct Places {
    /// The folder of the workspace's `Cargo.toml`.
    pub(crate) workspace: PathBuf,
    /// The checked-in part of the kit: headers, `.def` files, sources.
    pub(crate) kit_sources: PathBuf,
    /// Everything generated, one folder below `target`.
    generated: PathBuf,
}

impl Places {
    /// The places of the workspace that this program was compiled in.
    pub(crate) fn of_this_workspace() -> Result<Self> {
        let package = Path::new(env!("CARGO_MANIFEST_DIR"));
        let workspace = package
            .ancestors()
            .nth(2)
            .context("this program must be built inside its workspace")?
            .to_path_buf();
        Ok(Self {
            kit_sources: package.join("kit"),
            generated: workspace.join("target/openkit"),
            workspace,
        })
    }

    /// The assembled kit, laid out as the Windows Driver Kit is.
    pub(crate) fn kit(&self) -> PathBuf {
        self.generated.join("kit")
    }

    /// Says from what the assembled kit was made.
    pub(crate) fn kit_stamp(&self) -> PathBuf {
        self.generated.join("kit.stamp")
    }

    /// Held while the kit is assembled.
    pub(crate) fn kit_lock(&self) -> PathBuf {
        self.generated.join("kit.lock")
    }

    /// Tools under the names that cargo and `cc` expect.
    pub(crate) fn tools(&self) -> PathBuf {
        self.generated.join("bin")
    }

    /// Remembers which Rust toolchain was chosen.
    pub(crate) fn toolchain_choice(&self) -> PathBuf {
        self.generated.join("toolchain")
    }

    /// The driver's image.
    pub(crate) fn driver(&self) -> PathBuf {
        self.workspace.join("target/driver/sessionwatch.sys")
    }

    /// The driver's symbols, under the name that the image asks debuggers for.
    pub(crate) fn driver_symbols(&self) -> PathBuf {
        self.driver().with_file_name("sessionwatch_driver.pdb")
    }

    /// The files that are shipped.
    pub(crate) fn package(&self) -> PathBuf {
        self.workspace.join("target/package")
    }

    /// What the package is made of on its way.
    pub(crate) fn packaging(&self) -> PathBuf {
        self.generated.join("packaging")
    }

    /// Key and certificate for test machines. Not below what is deleted to start
    /// from nothing: machines that trust a certificate should go on to.
    pub(crate) fn certificate(&self) -> PathBuf {
        self.workspace.join("target/certificate")
    }

    /// Cargo's target folder for kernel mode.
    pub(crate) fn kernel_target(&self) -> PathBuf {
        self.generated.join("cargo-kernel")
    }

    /// Cargo's target folder for user mode.
    pub(crate) fn user_target(&self) -> PathBuf {
        self.generated.join("cargo-user")
    }
}

/// The name under which this program was started. Cargo and rustc give a
/// wrapper no arguments of its own, so its name says what it is to do.
pub(crate) fn own_name() -> Option<String> {
    let own = env::args().next()?;
    Path::new(&own).file_name()?.to_str().map(str::to_owned)
}

/// The folder of the stand-in sources and of the patched copies, as the
/// wrapper finds it: it is started by cargo and knows only its own path.
pub(crate) fn generated_beside_wrapper() -> Result<PathBuf> {
    let own = env::args_os().next().context("started without a name")?;
    let tools = Path::new(&own).parent().context("started without a path")?;
    Ok(tools.parent().context("the tools folder has no parent")?.to_path_buf())
}
