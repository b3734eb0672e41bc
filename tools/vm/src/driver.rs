//! Installing, starting, stopping and removing the driver.

use std::{
    thread::sleep,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail};

use crate::{
    kit::SUBJECT,
    needs::{self, INSTALLING, Need},
    places::{CERTIFICATE, DRIVER, INF, Places, SERVICE, TOOL},
    run::Step,
    verifier,
};

/// `ERROR_SERVICE_DOES_NOT_EXIST`.
const NO_SERVICE: i32 = 1060;

/// How long a driver may take to stop: its last handle has to be closed.
const PATIENCE: Duration = Duration::from_secs(30);

/// The machine's stores that a driver's certificate has to be in.
/// <https://learn.microsoft.com/windows-hardware/drivers/install/installing-test-certificates>
const STORES: [&str; 2] = ["Root", "TrustedPublisher"];

/// Installs the package; a second time, the package as it is now.
pub(crate) fn install(places: &Places) -> Result<()> {
    needs::expect(&INSTALLING)?;
    for name in [INF, DRIVER, CERTIFICATE] {
        if !places.file(name).exists() {
            bail!("there is no {}: run `cargo make package`", places.file(name).display());
        }
    }
    for store in STORES {
        let certificate = places.file(CERTIFICATE);
        Step::new("certutil", ["-f", "-addstore", store, &certificate.to_string_lossy()]).run()?;
    }
    // An image that runs is not replaced.
    stop()?;
    add(&places.file(INF).to_string_lossy()).run()?;
    if !is_installed()? {
        bail!(r"the driver is not installed: C:\Windows\INF\setupapi.dev.log says why, at its end");
    }
    println!("installed: `cargo make start` starts it, and so does the next start of Windows");
    Ok(())
}

/// <https://learn.microsoft.com/windows-hardware/drivers/devtest/pnputil-command-syntax>,
/// and its page of return values.
fn add(inf: &str) -> Step {
    Step::new("pnputil", ["/add-driver", inf, "/install"])
        .accepting(&[(259, "It was there already."), (3010, "Start Windows anew to complete it.")])
        .advising(r"C:\Windows\INF\setupapi.dev.log says why, at its end.")
}

/// <https://learn.microsoft.com/windows-server/administration/windows-commands/sc-start>;
/// the exit code is the system's error.
pub(crate) fn start() -> Result<()> {
    needs::expect(&[Need::Administrator])?;
    Step::new("sc", ["start", SERVICE])
        .accepting(&[(1056, "It runs already.")])
        .advising(
            "1060: it is not installed. 577: it is not signed, or test signing is off. Else the \
             System event log and `docs/tracing.md` say why.",
        )
        .run()
}

/// Stops the driver and waits until it is stopped. It need not run, nor be there.
pub(crate) fn stop() -> Result<()> {
    needs::expect(&[Need::Administrator])?;
    Step::new("sc", ["stop", SERVICE])
        .accepting(&[
            (1062, "It did not run."),
            (NO_SERVICE, "It is not installed."),
            (1061, "It is stopping."),
        ])
        .run()?;
    let begin = Instant::now();
    while state()?.is_some_and(|state| state != State::Stopped) {
        if begin.elapsed() > PATIENCE {
            bail!(
                "it does not stop as long as a program has its device open: close `sessionwatch`"
            );
        }
        sleep(Duration::from_millis(200));
    }
    Ok(())
}

/// Removes all that `install` and the driver have left.
pub(crate) fn uninstall() -> Result<()> {
    stop()?;
    let listed = Step::new("pnputil", ["/enum-drivers"]).ask()?;
    for package in published_names(&String::from_utf8_lossy(&listed.stdout)) {
        remove(&package).run()?;
    }
    // Its settings are in the service's key and go with it.
    if is_installed()? {
        Step::new("sc", ["delete", SERVICE]).run()?;
    }
    for store in STORES {
        if Step::new("certutil", ["-store", store, SUBJECT]).ask()?.status.success() {
            Step::new("certutil", ["-delstore", store, SUBJECT]).run()?;
        }
    }
    if verifier::names_driver()? {
        println!("Driver Verifier still knows {DRIVER}: `cargo make verifier-off` ends it");
    }
    println!("removed");
    Ok(())
}

/// <https://learn.microsoft.com/windows-hardware/drivers/install/how-devices-and-driver-packages-are-uninstalled>
fn remove(published: &str) -> Step {
    Step::new("pnputil", ["/delete-driver", published, "/uninstall"])
        .accepting(&[(3010, "Start Windows anew to complete it.")])
        .advising(r"C:\Windows\INF\setupapi.dev.log says why, at its end.")
}

/// The names under which the driver store keeps our package. The output is in the
/// language of Windows, so it goes by the values: of the packages, which empty
/// lines divide, those with our INF.
fn published_names(listed: &str) -> Vec<String> {
    let value = |line: &str| line.split_once(':').map(|(_, value)| value.trim().to_lowercase());
    let is_published = |value: &String| {
        let number = value.strip_prefix("oem").and_then(|rest| rest.strip_suffix(".inf"));
        number.is_some_and(|number| number.parse::<u32>().is_ok())
    };
    let lines = listed.replace("\r\n", "\n");
    let packages = lines.split("\n\n").map(|package| package.lines().filter_map(value));
    packages
        .filter(|package| package.clone().any(|value| value == INF))
        .filter_map(|mut package| package.find(is_published))
        .collect()
}

/// What the service manager says of the driver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Stopped,
    Other,
}

/// Whether there is a service of our name.
pub(crate) fn is_installed() -> Result<bool> {
    Ok(state()?.is_some())
}

/// None if there is no service.
fn state() -> Result<Option<State>> {
    let answer = Step::new("sc", ["query", SERVICE]).ask()?;
    match answer.status.code() {
        Some(0) => Ok(Some(state_in(&String::from_utf8_lossy(&answer.stdout)))),
        Some(NO_SERVICE) => Ok(None),
        _ => bail!("sc cannot say whether {SERVICE} is installed"),
    }
}

/// The names of states are never translated.
fn state_in(said: &str) -> State {
    let is_stopped = said.split_whitespace().any(|word| word == "STOPPED");
    if is_stopped { State::Stopped } else { State::Other }
}

/// Shows the driver at work, with what really happens on this machine.
pub(crate) fn demo(places: &Places) -> Result<()> {
    install(places)?;
    start()?;
    let tool = places.file(TOOL);
    let tool = |words: &[&str]| {
        println!("> sessionwatch {}", words.join(" "));
        std::process::Command::new(&tool).args(words).status().context("cannot start the tool")
    };
    if !tool(&["status"])?.success() {
        bail!("the driver does not answer");
    }
    println!(
        "\nSign in as somebody else, switch users, connect by Remote Desktop. Ctrl-C ends this."
    );
    println!("`cargo make uninstall` removes the driver again.");
    tool(&["follow", "--snapshot"])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const LISTED: &str = "Microsoft PnP Utility\r\n\r\n\
        Published Name:     oem3.inf\r\n\
        Original Name:      other.inf\r\n\
        Provider Name:      Somebody\r\n\r\n\
        Published Name:     oem12.inf\r\n\
        Original Name:      sessionwatch.inf\r\n\
        Class Name:         System\r\n\
        Driver Version:     11/21/2026 0.1.0.0\r\n\r\n\
        Published Name:     oem13.inf\r\n\
        Original Name:      SessionWatch.inf\r\n";

    #[test]
    fn our_packages_are_found_among_others() {
        assert_eq!(published_names(LISTED), ["oem12.inf", "oem13.inf"]);
        assert_eq!(published_names("Microsoft PnP Utility\r\n\r\n"), [""; 0]);
    }

    #[test]
    fn they_are_found_in_every_language() {
        let german = LISTED
            .replace("Published Name", "Veröffentlichter Name")
            .replace("Original Name", "Originalname");
        assert_eq!(published_names(&german), ["oem12.inf", "oem13.inf"]);
    }

    #[test]
    fn a_state_is_read_whatever_its_label() {
        let said =
            |state| format!("\r\nSERVICE_NAME: SessionWatch\r\n        STATUS : {state} \r\n");
        assert_eq!(state_in(&said("1  STOPPED")), State::Stopped);
        assert_eq!(state_in(&said("3  STOP_PENDING")), State::Other);
        assert_eq!(state_in(&said("4  RUNNING")), State::Other);
    }
}
