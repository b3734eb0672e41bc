//! Runs other programs.

use std::process::{Command, ExitCode, ExitStatus, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

/// Runs a command to its end. The command inherits this program's output.
fn status(command: &mut Command) -> Result<ExitStatus> {
    command.status().with_context(|| format!("cannot start {}", name(command)))
}

/// Runs a command, and returns its exit code as that of this program.
///
/// # Errors
///
/// The command cannot be started.
pub fn pass_on(command: &mut Command) -> Result<ExitCode> {
    let code = status(command)?.code();
    // A command that a signal ended has no code, and must count as a failure.
    Ok(code.and_then(|code| u8::try_from(code).ok()).map_or(ExitCode::FAILURE, ExitCode::from))
}

/// Runs a command that must succeed.
///
/// # Errors
///
/// The command cannot be started, or fails.
pub fn succeed(command: &mut Command) -> Result<()> {
    let status = status(command)?;
    if !status.success() {
        bail!("{} ended with {status}", name(command));
    }
    Ok(())
}

/// Checks that a command succeeded.
///
/// # Errors
///
/// The command failed. The error has the command's output.
pub fn expect_success(name: &str, said: &Output) -> Result<()> {
    if !said.status.success() {
        let words = [said.stdout.as_slice(), said.stderr.as_slice()].map(String::from_utf8_lossy);
        bail!("{name} ended with {}: {}", said.status, words.join("").trim());
    }
    Ok(())
}

/// The output of a command; `None` if the command cannot be started or fails.
pub(crate) fn answer(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Runs a command quietly, and kills it at the limit. True if the command succeeds before the
/// limit.
pub(crate) fn succeeds_within(command: &mut Command, limit: Duration) -> bool {
    let quiet = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let Ok(mut child) = quiet.spawn() else {
        return false;
    };
    let end = Instant::now() + limit;
    while Instant::now() < end {
        match child.try_wait() {
            Ok(Some(status)) => return status.success(),
            Ok(None) => thread::sleep(Duration::from_millis(50)),
            Err(_) => break,
        }
    }
    // Killing fails only if the command has just ended.
    child.kill().ok();
    child.wait().ok();
    false
}

fn name(command: &Command) -> String {
    command.get_program().to_string_lossy().into_owned()
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_late_command_is_killed_and_counts_as_failed() {
        let mut late = Command::new("sleep");
        assert!(!succeeds_within(late.arg("60"), Duration::from_millis(100)));
    }

    #[test]
    fn a_failing_or_missing_program_does_not_succeed() {
        let generous = Duration::from_mins(1);
        assert!(succeeds_within(&mut Command::new("true"), generous));
        assert!(!succeeds_within(&mut Command::new("false"), generous));
        assert!(!succeeds_within(&mut Command::new("/no/such/program"), generous));
    }

    #[test]
    fn only_a_successful_command_has_an_answer() {
        assert_eq!(answer(Command::new("echo").arg("yes")).as_deref(), Some("yes"));
        assert_eq!(answer(&mut Command::new("false")), None);
    }
}
