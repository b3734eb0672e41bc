//! Lists and installs the needs of a build.

use std::process::{Command, ExitCode};

use anyhow::{Result, anyhow};

use crate::failure::Hint as _;
use crate::llvm::Llvm;
use crate::needs::{self, Need, RUST_PACKAGES};
use crate::program;
use crate::toolchain::Toolchain;
use crate::workspace::Workspace;

/// Lists the needs of openkit and of its caller, each as found or missing. The exit code is a
/// failure if a need is missing.
#[must_use]
pub fn check(workspace: &Workspace, further: &[Need]) -> ExitCode {
    let needs = with(&Llvm::choose(), further);
    for need in &needs {
        print_line(need.is_met(), &need.path.to_string_lossy(), need.purpose, &need.package);
    }
    let toolchain = Toolchain::present(workspace);
    let rust = toolchain.as_ref().map_or("Rust for Windows".to_owned(), Toolchain::to_string);
    print_line(
        toolchain.is_some(),
        &rust,
        "compiles for Windows",
        &format!("rustup target add, or {}", RUST_PACKAGES.join(" ")),
    );
    let complete = toolchain.is_some() && needs.iter().all(Need::is_met);
    if complete { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn print_line(is_met: bool, what: &str, purpose: &str, package: &str) {
    let word = if is_met { "found  " } else { "missing" };
    println!("{word}  {what:<46} {purpose:<30} {package}");
}

/// Installs the missing needs. A user who may not install gets the command instead.
///
/// # Errors
///
/// No package provides a missing need, or a package cannot be installed.
pub fn run(workspace: &Workspace, further: &[Need]) -> Result<ExitCode> {
    let missing_packages =
        || needs::missing_packages(&with(&Llvm::choose_or_install(is_offered), further));
    if Toolchain::choose(workspace)?.is_some() && missing_packages().is_empty() {
        return Ok(ExitCode::SUCCESS);
    }

    let apt = Apt::with_rights();
    if let Some(apt) = &apt {
        apt.update()?;
    }
    let mut packages = missing_packages();
    if Toolchain::present(workspace).is_none() {
        packages.extend(RUST_PACKAGES.map(String::from));
        if !RUST_PACKAGES.iter().all(|package| is_offered(package)) {
            return Err(anyhow!(
                "no Rust for Windows: rustup cannot download the targets, and this distribution \
                 has no {}",
                RUST_PACKAGES.join(", ")
            ))
            .hint("run `rustup target add x86_64-pc-windows-msvc x86_64-pc-windows-gnu` online");
        }
    }
    let Some(apt) = apt else {
        println!("run: sudo apt-get install --yes {}", packages.join(" "));
        return Ok(ExitCode::FAILURE);
    };
    apt.install(&packages)?;

    let still = missing_packages();
    if !still.is_empty() {
        return Err(anyhow!("still missing after the installation: {}", still.join(" ")))
            .hint("run `openkit check`: it names each file that is missing");
    }
    if Toolchain::choose(workspace)?.is_none() {
        return Err(anyhow!("still no Rust that compiles for Windows after the installation"))
            .hint("run `openkit check`");
    }
    Ok(ExitCode::SUCCESS)
}

fn with(llvm: &Llvm, further: &[Need]) -> Vec<Need> {
    [needs::all(llvm).as_slice(), further].concat()
}

/// True if the package manager knows a package.
fn is_offered(package: &str) -> bool {
    program::answer(Command::new("apt-cache").args(["show", package])).is_some()
}

/// The package manager, run as root.
struct Apt {
    prefix: &'static [&'static str],
}

impl Apt {
    /// `None` if this user may not install.
    fn with_rights() -> Option<Self> {
        if program::answer(Command::new("id").arg("-u")).as_deref() == Some("0") {
            return Some(Self { prefix: &[] });
        }
        program::answer(Command::new("sudo").args(["--non-interactive", "true"]))
            .map(|_| Self { prefix: &["sudo", "--non-interactive"] })
    }

    fn update(&self) -> Result<()> {
        program::succeed(self.command().args(["--quiet", "update"]))
    }

    fn install(&self, packages: &[String]) -> Result<()> {
        let options = ["--quiet", "--yes", "--no-install-recommends", "install"];
        program::succeed(self.command().args(options).args(packages))
    }

    /// The command to extend. `env` sets the variable, because sudo drops variables.
    fn command(&self) -> Command {
        let words = self.prefix.iter().chain(&["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]);
        let mut words = words.copied();
        let mut command = Command::new(words.next().unwrap_or("env"));
        command.args(words);
        command
    }
}
