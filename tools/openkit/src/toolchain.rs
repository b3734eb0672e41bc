//! The Rust toolchain that compiles for Windows. Rustup's toolchain can download the standard
//! library for a target. The distribution's toolchain provides the library's sources.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use std::{env, fmt, fs};

use anyhow::{Context as _, Result, anyhow};

use crate::failure::Hint as _;
use crate::program;
use crate::workspace::Workspace;

/// The target of the driver. Its linker accepts the options of the kit's linker.
pub(crate) const KERNEL: &str = "x86_64-pc-windows-msvc";

/// The target of programs. MinGW has the user-mode libraries.
pub(crate) const USER: &str = "x86_64-pc-windows-gnu";

/// The oldest Rust with every feature that this kit and the wdk crates use.
const OLDEST: (u32, u32) = (1, 91);

/// The time that rustup has to download two targets.
const DOWNLOAD_LIMIT: Duration = Duration::from_mins(1);

/// The folder of the distribution's compiler.
const DISTRIBUTION: &str = "/usr/bin";

/// A toolchain that can compile for both targets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Toolchain {
    kind: Kind,
    /// The folder of its `cargo` and `rustc`. Both must belong to one toolchain. Otherwise,
    /// cargo looks for the standard library in the wrong folder.
    pub(crate) programs: PathBuf,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Rustup,
    Distribution,
}

impl Toolchain {
    /// The toolchain of the last choice, or else of a new choice. Remembers the choice, because
    /// asking rustup can take a minute.
    pub(crate) fn choose(workspace: &Workspace) -> Result<Option<Self>> {
        if let Some(toolchain) = Self::remembered(workspace) {
            return Ok(Some(toolchain));
        }
        let Some(toolchain) = Self::from_rustup(workspace)
            .and_then(|toolchain| toolchain.with_targets(workspace))
            .or_else(Self::from_distribution)
        else {
            return Ok(None);
        };
        let memory = workspace.toolchain_choice();
        if let Some(folder) = memory.parent() {
            fs::create_dir_all(folder).context("cannot make the target folder")?;
        }
        fs::write(&memory, toolchain.to_string()).context("cannot remember the toolchain")?;
        Ok(Some(toolchain))
    }

    /// The toolchain of [`choose`](Self::choose), or an error if there is none.
    pub(crate) fn expect(workspace: &Workspace) -> Result<Self> {
        Self::choose(workspace)?
            .map_or_else(|| Err(anyhow!("no Rust toolchain here compiles for Windows")), Ok)
            .hint("run `openkit setup`")
    }

    /// A toolchain that is complete without a download.
    pub(crate) fn present(workspace: &Workspace) -> Option<Self> {
        Self::remembered(workspace)
            .or_else(|| Self::from_rustup(workspace).filter(Self::is_complete))
            .or_else(Self::from_distribution)
    }

    fn remembered(workspace: &Workspace) -> Option<Self> {
        let text = fs::read_to_string(workspace.toolchain_choice()).ok()?;
        Self::parse(&text).filter(Self::is_complete)
    }

    /// Rustup's toolchain for this workspace, complete or not.
    fn from_rustup(workspace: &Workspace) -> Option<Self> {
        let compiler = program::answer(rustup(workspace).args(["which", "rustc"]))?;
        Some(Self { kind: Kind::Rustup, programs: Path::new(&compiler).parent()?.to_path_buf() })
    }

    /// Downloads the missing targets. `None` if that fails.
    fn with_targets(self, workspace: &Workspace) -> Option<Self> {
        if !self.is_complete() {
            let mut download = rustup(workspace);
            download.args(["target", "add", KERNEL, USER]);
            program::succeeds_within(&mut download, DOWNLOAD_LIMIT);
        }
        self.is_complete().then_some(self)
    }

    fn from_distribution() -> Option<Self> {
        let toolchain = Self { kind: Kind::Distribution, programs: DISTRIBUTION.into() };
        toolchain.is_complete().then_some(toolchain)
    }

    /// True if it compiles for both targets.
    fn is_complete(&self) -> bool {
        let compiler = self.programs.join("rustc");
        let recent_enough = program::answer(Command::new(&compiler).arg("--version"))
            .and_then(|text| version(&text))
            .is_some_and(|version| version >= OLDEST);
        if !recent_enough || !self.programs.join("cargo").exists() {
            return false;
        }
        let Some(root) = program::answer(Command::new(&compiler).args(["--print", "sysroot"]))
        else {
            return false;
        };
        let library = Path::new(&root).join("lib/rustlib");
        match self.kind {
            Kind::Rustup => [KERNEL, USER].iter().all(|target| library.join(target).exists()),
            Kind::Distribution => library.join("src/rust/library/std/Cargo.toml").exists(),
        }
    }

    /// Cargo of this toolchain, in an environment that depends only on the toolchain. Variables of
    /// the cargo or rustup that started this program would mix two toolchains, or make cargo
    /// rebuild everything.
    pub(crate) fn cargo(&self) -> Command {
        let mut cargo = Command::new(self.programs.join("cargo"));
        for (name, _) in env::vars_os() {
            if name.to_str().is_none_or(is_leaked) {
                cargo.env_remove(name);
            }
        }
        let path = [self.programs.as_path(), Path::new("/usr/bin"), Path::new("/bin")];
        cargo
            .env("PATH", env::join_paths(path).unwrap_or_default())
            .env("RUSTC", self.programs.join("rustc"));
        if self.kind == Kind::Distribution {
            // Building the standard library is an unstable feature of cargo.
            cargo.env("RUSTC_BOOTSTRAP", "1");
        }
        cargo
    }

    /// The argument that makes cargo build these crates of the standard library, if the target
    /// lacks them.
    pub(crate) fn standard_library(&self, crates: &str) -> Option<String> {
        match self.kind {
            Kind::Rustup => None,
            Kind::Distribution => Some(format!("-Zbuild-std={crates}")),
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let (kind, programs) = text.trim().split_once(' ')?;
        let kind = match kind {
            "rustup" => Kind::Rustup,
            "distribution" => Kind::Distribution,
            _ => return None,
        };
        Some(Self { kind, programs: programs.into() })
    }
}

fn rustup(workspace: &Workspace) -> Command {
    let mut command = Command::new("rustup");
    command.current_dir(workspace.root());
    command
}

/// The form of a remembered choice.
impl fmt::Display for Toolchain {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            Kind::Rustup => "rustup",
            Kind::Distribution => "distribution",
        };
        write!(formatter, "{kind} {}", self.programs.display())
    }
}

/// True for a variable that comes from the cargo that runs this program, or that would change the
/// build of another cargo.
fn is_leaked(name: &str) -> bool {
    const NAMES: [&str; 9] = [
        "CARGO",
        "CARGO_ENCODED_RUSTFLAGS",
        "CARGO_TARGET_DIR",
        "LD_LIBRARY_PATH",
        "OUT_DIR",
        "RUSTC",
        "RUSTC_WRAPPER",
        "RUSTC_WORKSPACE_WRAPPER",
        "RUSTFLAGS",
    ];
    const FAMILIES: [&str; 8] = [
        "CARGO_BIN_",
        "CARGO_BUILD_",
        "CARGO_CFG_",
        "CARGO_FEATURE_",
        "CARGO_MANIFEST_",
        "CARGO_PKG_",
        "CARGO_PROFILE_",
        "RUSTUP_TOOLCHAIN",
    ];
    NAMES.contains(&name) || FAMILIES.iter().any(|family| name.starts_with(family))
}

/// The major and minor number in the output of `rustc --version`.
fn version(text: &str) -> Option<(u32, u32)> {
    let number = text.split_whitespace().nth(1)?;
    let mut parts = number.split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_compilers_version_is_read_from_its_output() {
        assert_eq!(version("rustc 1.96.0 (abc 2026-05-25) (built from a tarball)"), Some((1, 96)));
        assert_eq!(version("rustc 1.97.0-nightly (abc 2026-06-01)"), Some((1, 97)));
        assert_eq!(version("error: no such command"), None);
        assert_eq!(version(""), None);
    }

    #[test]
    fn a_remembered_choice_is_read_back() {
        let toolchain =
            Toolchain { kind: Kind::Rustup, programs: "/home/me/some tools/bin".into() };
        assert_eq!(Toolchain::parse(&toolchain.to_string()), Some(toolchain));
        assert_eq!(Toolchain::parse("unknown /usr/bin"), None);
        assert_eq!(Toolchain::parse(""), None);
    }

    #[test]
    fn only_the_distributions_rust_builds_the_standard_library() {
        let crates = "core,alloc";
        let rustup = Toolchain { kind: Kind::Rustup, programs: "/a".into() };
        let distribution = Toolchain { kind: Kind::Distribution, programs: "/b".into() };
        assert_eq!(rustup.standard_library(crates), None);
        assert_eq!(
            distribution.standard_library(crates).as_deref(),
            Some("-Zbuild-std=core,alloc")
        );
    }

    #[test]
    fn only_variables_of_the_outer_cargo_are_removed() {
        assert!(is_leaked("CARGO"));
        assert!(is_leaked("CARGO_PKG_NAME"));
        assert!(is_leaked("RUSTUP_TOOLCHAIN"));
        assert!(is_leaked("CARGO_TARGET_DIR"));
        assert!(!is_leaked("CARGO_HOME"));
        assert!(!is_leaked("CARGO_NET_OFFLINE"));
        assert!(!is_leaked("CARGO_TARGET_X86_64_PC_WINDOWS_GNU_RUNNER"));
    }
}
