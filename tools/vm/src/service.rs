//! The driver's service in the service manager.

use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow};
use openkit::{Hint as _, failure};
use package::product::{NAME, SERVICE};
use package::windows::{Need, Step};

use crate::needs::ADMINISTRATOR;

/// `ERROR_SERVICE_DOES_NOT_EXIST`.
const NO_SERVICE: i32 = 1060;

/// The limit on the time that a driver takes to stop. Its last handle must close first.
const PATIENCE: Duration = Duration::from_secs(30);

/// Starts the driver.
///
/// The exit code is the system's error:
/// <https://learn.microsoft.com/windows-server/administration/windows-commands/sc-start>
pub(crate) fn start() -> Result<()> {
    Need::expect(&[ADMINISTRATOR])?;
    Step::windows("sc", ["start", SERVICE])
        .accepting(&[(1056, "It runs already.")])
        .hinting(
            "1060: it is not installed. 577: it is not signed, or test signing is off. For others, \
             see the System event log and docs/tracing.md",
        )
        .run()
}

/// Stops the driver and waits until it has stopped. A driver that is not running or not installed
/// counts as stopped.
pub(crate) fn stop() -> Result<()> {
    Need::expect(&[ADMINISTRATOR])?;
    Step::windows("sc", ["stop", SERVICE])
        .accepting(&[
            (1062, "It did not run."),
            (NO_SERVICE, "It is not installed."),
            (1061, "It is stopping."),
        ])
        .run()?;
    let begin = Instant::now();
    while state()?.is_some_and(|state| state != State::Stopped) {
        if begin.elapsed() > PATIENCE {
            let waited = PATIENCE.as_secs();
            return Err(anyhow!(
                "the driver has not stopped within {waited} s: a program has its device open"
            ))
            .hint(format!("end every {NAME} that reads or follows"));
        }
        sleep(Duration::from_millis(200));
    }
    Ok(())
}

/// Removes the service, if the driver store has left it behind.
pub(crate) fn delete() -> Result<()> {
    Step::windows("sc", ["delete", SERVICE]).run()
}

/// True if the driver's service exists.
pub(crate) fn is_installed() -> Result<bool> {
    Ok(state()?.is_some())
}

/// The states of the service that the tasks distinguish.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Stopped,
    Other,
}

/// The service's state; `None` if the service does not exist.
fn state() -> Result<Option<State>> {
    let answer = Step::windows("sc", ["query", SERVICE]).ask()?;
    match answer.status.code() {
        Some(0) => Ok(Some(state_in(&String::from_utf8_lossy(&answer.stdout)))),
        Some(NO_SERVICE) => Ok(None),
        code => {
            let code = code.map_or("no exit code".to_owned(), |code| format!("exit code {code}"));
            Err(failure(
                anyhow!("cannot query the service {SERVICE}: sc ended with {code}"),
                format!("run `sc query {SERVICE}` by hand"),
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
