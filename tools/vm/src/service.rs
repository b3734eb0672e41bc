//! The driver's service in the service manager.

use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow};
use openkit::{Hint as _, failure};
use package::product::{LOG_SERVICE, NAME, SERVICE};
use package::windows::{Need, Step};

use crate::needs::ADMINISTRATOR;

/// `ERROR_SERVICE_DOES_NOT_EXIST`.
const NO_SERVICE: i32 = 1060;

/// `ERROR_SERVICE_ALREADY_RUNNING`.
const RUNS_ALREADY: (i32, &str) = (1056, "It runs already.");

/// The limit on the time that a driver takes to stop. Its last handle must close first.
const PATIENCE: Duration = Duration::from_secs(30);

/// Starts the driver, and the log service if it is installed.
///
/// The exit code is the system's error:
/// <https://learn.microsoft.com/windows-server/administration/windows-commands/sc-start>
pub(crate) fn start() -> Result<()> {
    Need::expect(&[ADMINISTRATOR])?;
    Step::windows("sc", ["start", SERVICE])
        .accepting(&[RUNS_ALREADY])
        .hinting(
            "1060: it is not installed. 577: it is not signed, or test signing is off. For others, \
             see the System event log and docs/tracing.md",
        )
        .run()?;
    if has_log_service()? {
        Step::windows("sc", ["start", LOG_SERVICE])
            .accepting(&[RUNS_ALREADY])
            .hinting("run `sessionwatch doctor`")
            .run()?;
    }
    Ok(())
}

/// Stops the log service, which has the driver's device open, and then the driver. Waits until they
/// have stopped. What is not running or not installed counts as stopped.
pub(crate) fn stop() -> Result<()> {
    Need::expect(&[ADMINISTRATOR])?;
    [LOG_SERVICE, SERVICE].into_iter().try_for_each(stop_one)
}

fn stop_one(name: &str) -> Result<()> {
    Step::windows("sc", ["stop", name])
        .accepting(&[
            (1062, "It did not run."),
            (NO_SERVICE, "It is not installed."),
            (1061, "It is stopping."),
        ])
        .run()?;
    let begin = Instant::now();
    while state(name)?.is_some_and(|state| state != State::Stopped) {
        if begin.elapsed() > PATIENCE {
            let waited = PATIENCE.as_secs();
            let reason = if name == SERVICE { ": a program has its device open" } else { "" };
            return Err(anyhow!("{name} has not stopped within {waited} s{reason}"))
                .hint(format!("end every {NAME} that reads or follows"));
        }
        sleep(Duration::from_millis(200));
    }
    Ok(())
}

/// True if the log service exists.
pub(crate) fn has_log_service() -> Result<bool> {
    Ok(state(LOG_SERVICE)?.is_some())
}

/// Removes the service, if the driver store has left it behind.
pub(crate) fn delete() -> Result<()> {
    Step::windows("sc", ["delete", SERVICE]).run()
}

/// True if the driver's service exists.
pub(crate) fn is_installed() -> Result<bool> {
    Ok(state(SERVICE)?.is_some())
}

/// The states of the service that the tasks distinguish.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Stopped,
    Other,
}

/// A service's state; `None` if the service does not exist.
fn state(name: &str) -> Result<Option<State>> {
    let answer = Step::windows("sc", ["query", name]).ask()?;
    match answer.status.code() {
        Some(0) => Ok(Some(state_in(&String::from_utf8_lossy(&answer.stdout)))),
        Some(NO_SERVICE) => Ok(None),
        code => {
            let code = code.map_or("no exit code".to_owned(), |code| format!("exit code {code}"));
            Err(failure(
                anyhow!("cannot query the service {name}: sc ended with {code}"),
                format!("run `sc query {name}` by hand"),
            ))
        }
    }
}

/// Finds the state in the output of `sc query`. Windows translates the labels, but never the name
/// of a state.
fn state_in(said: &str) -> State {
    let is_stopped = said.split_whitespace().any(|word| word == "STOPPED");
    if is_stopped { State::Stopped } else { State::Other }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_is_read_with_any_label() {
        let said =
            |state| format!("\r\nSERVICE_NAME: SessionWatch\r\n        STATUS : {state} \r\n");
        assert_eq!(state_in(&said("1  STOPPED")), State::Stopped);
        assert_eq!(state_in(&said("3  STOP_PENDING")), State::Other);
        assert_eq!(state_in(&said("4  RUNNING")), State::Other);
    }
}
