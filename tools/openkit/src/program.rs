//! Running other programs.

use std::process::{Command, ExitCode, ExitStatus, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

/// Runs a command to its end. Its output goes to ours.
fn status(command: &mut Command) -> Result<ExitStatus> {
    command.status().with_context(|| format!("cannot start {}", name(command)))
}

/// Runs a command in this program's place: its exit code is ours.
///
/// # Errors
///
/// The command cannot be started.
pub fn pass_on(command: &mut Command) -> Result<ExitCode> {
    let code = status(command)?.code();
    // A command that a signal ended has no code, and must not look successful.
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

/// Accepts the output of a command that succeeded.
///
/// # Errors
///
/// The command failed: its words.
pub fn expect_success(name: &str, said: &Output) -> Result<()> {
    if !said.status.success() {
        let words = [said.stdout.as_slice(), said.stderr.as_slice()].map(String::from_utf8_lossy);
        bail!("{name} ended with {}: {}", said.status, words.join("").trim());
    }
    Ok(())
}

/// The output of a command that can be started and succeeds.
pub(crate) fn answer(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Runs a command quietly. True if it succeeds before the limit; at the limit it is
/// ended.
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
    // If it has just ended, there is nothing to kill.
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
    fn a_late_command_is_ended_and_counts_as_failed() {
        let mut late = Command::new("sleep");
        assert!(!succeeds_within(late.arg("60"), Duration::from_millis(100)));
    }

    #[test]
    fn success_failure_and_absence_are_told_apart() {
        let generous = Duration::from_mins(1);
        assert!(succeeds_within(&mut Command::new("true"), generous));
        assert!(!succeeds_within(&mut Command::new("false"), generous));
        assert!(!succeeds_within(&mut Command::new("/no/such/program"), generous));
    }

    #[test]
    fn only_the_output_of_a_success_is_an_answer() {
        assert_eq!(answer(Command::new("echo").arg("yes")).as_deref(), Some("yes"));
        assert_eq!(answer(&mut Command::new("false")), None);
    }
}
