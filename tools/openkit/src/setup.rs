//! `openkit check` and `openkit setup`.

use std::process::{Command, ExitCode};

use anyhow::{Result, bail};

use crate::{
    llvm::Llvm,
    needs::{self, Need, RUST_PACKAGES},
    places::Places,
    program,
    toolchain::Toolchain,
};

/// Lists what is needed. Fails if something is missing.
pub(crate) fn check(places: &Places) -> Result<ExitCode> {
    let needs = needs::all(&Llvm::choose());
    for need in &needs {
        print_line(need.is_met(), &need.path.to_string_lossy(), need.purpose, &need.package);
    }
    let toolchain = Toolchain::choose(places)?;
    let rust = toolchain.as_ref().map_or("Rust for Windows".to_owned(), Toolchain::to_string);
    print_line(
        toolchain.is_some(),
        &rust,
        "compiles for Windows",
        &format!("rustup target add, or {}", RUST_PACKAGES.join(" ")),
    );
    let complete = toolchain.is_some() && needs.iter().all(Need::is_met);
    Ok(if complete { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn print_line(is_met: bool, what: &str, purpose: &str, package: &str) {
    let word = if is_met { "found  " } else { "missing" };
    println!("{word}  {what:<46} {purpose:<30} {package}");
}

/// Installs what is missing. Where it may not, it says what would.
pub(crate) fn run(places: &Places) -> Result<ExitCode> {
    let mut missing = needs::missing_packages(&needs::all(&Llvm::choose()));
    if Toolchain::choose(places)?.is_none() {
        missing.extend(RUST_PACKAGES.map(String::from));
    }
    if missing.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }

    let Some(apt) = Apt::with_rights() else {
        println!("run: sudo apt-get install --yes {}", missing.join(" "));
        return Ok(ExitCode::FAILURE);
    };
    apt.update()?;
    apt.install(&missing)?;

    let still = needs::missing_packages(&needs::all(&Llvm::choose()));
    if !still.is_empty() {
        bail!("installed, and still missing what these should bring: {}", still.join(" "));
    }
    if Toolchain::choose(places)?.is_none() {
        bail!("no Rust that compiles for Windows; try: rustup target add x86_64-pc-windows-msvc");
    }
    Ok(ExitCode::SUCCESS)
}

/// The package manager, run as root.
struct Apt {
    prefix: &'static [&'static str],
}

impl Apt {
    /// None if this user may not install.
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

    /// `env` sets the variable, since sudo would drop ours.
    fn command(&self) -> Command {
        let words = self.prefix.iter().chain(&["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]);
        let mut words = words.copied();
        let mut command = Command::new(words.next().unwrap_or("env"));
        command.args(words);
        command
    }
}
