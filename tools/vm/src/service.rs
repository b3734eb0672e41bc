//! The driver's service, as the service manager knows it.

use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow};
use openkit::{Hint as _, failure};
use package::product::{NAME, SERVICE};
use package::windows::{Need, Step};

use crate::needs::ADMINISTRATOR;

/// `ERROR_SERVICE_DOES_NOT_EXIST`.
const NO_SERVICE: i32 = 1060;

/// The time for a driver to stop: its last handle must be closed first.
const PATIENCE: Duration = Duration::from_secs(30);

/// Starts the driver.
///
/// <https://learn.microsoft.com/windows-server/administration/windows-commands/sc-start>;
/// the exit code is the system's error.
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

/// Stops the driver and waits until it has stopped. A driver that does not run, or is
/// not installed, counts as stopped.
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

/// Removes the service itself, where the driver store has left it behind.
pub(crate) fn delete() -> Result<()> {
    Step::windows("sc", ["delete", SERVICE]).run()
}

/// True if there is a service of our name.
pub(crate) fn is_installed() -> Result<bool> {
    Ok(state()?.is_some())
}

/// The service's state, as far as the tasks tell states apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Stopped,
    Other,
}

/// `None` if there is no service.
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

/// Windows translates the labels around a state, never the state's name.
fn state_in(said: &str) -> State {
    let is_stopped = said.split_whitespace().any(|word| word == "STOPPED");
    if is_stopped { State::Stopped } else { State::Other }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_is_read_whatever_its_label() {
        let said =
            |state| format!("\r\nSERVICE_NAME: SessionWatch\r\n        STATUS : {state} \r\n");
        assert_eq!(state_in(&said("1  STOPPED")), State::Stopped);
        assert_eq!(state_in(&said("3  STOP_PENDING")), State::Other);
        assert_eq!(state_in(&said("4  RUNNING")), State::Other);
    }
}
