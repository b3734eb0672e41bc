//! Installs and removes the driver.

use std::process::Command;

use anyhow::{Context as _, Result, anyhow};
use openkit::Hint as _;
use package::Places;
use package::product::{CERTIFICATE, DRIVER, INF, LOG_SERVICE, NAME, SUBJECT, TOOL};
use package::windows::{Need, Step};

use crate::needs::INSTALLING;
use crate::{service, verifier};

const LOG_HINT: &str = r"the end of C:\Windows\INF\setupapi.dev.log says why";

const RESTART: &str = "Restart Windows to complete it.";

/// The machine's certificate stores that must have a driver's certificate.
/// <https://learn.microsoft.com/windows-hardware/drivers/install/installing-test-certificates>
const STORES: [&str; 2] = ["Root", "TrustedPublisher"];

/// Installs the package, or updates it if it is installed.
pub(crate) fn install() -> Result<()> {
    install_from(&Places::on_windows()?)
}

fn install_from(places: &Places) -> Result<()> {
    Need::expect(&INSTALLING)?;
    for name in [INF, DRIVER, CERTIFICATE] {
        let file = places.file(name);
        if !file.exists() {
            return Err(anyhow!("cannot install the driver: there is no {}", file.display()))
                .hint("run `cargo make package`");
        }
    }
    for store in STORES {
        let certificate = places.file(CERTIFICATE);
        Step::windows("certutil", ["-f", "-addstore", store, &certificate.to_string_lossy()])
            .run()?;
    }
    // Windows does not replace a running image.
    service::stop()?;
    add(&places.file(INF).to_string_lossy()).run()?;
    if !service::is_installed()? {
        return Err(anyhow!("pnputil succeeded, but the driver is not installed")).hint(LOG_HINT);
    }
    println!(
        "installed: `cargo make start` starts it and the log service, and so does a restart of Windows"
    );
    Ok(())
}

/// Sources: <https://learn.microsoft.com/windows-hardware/drivers/devtest/pnputil-command-syntax>
/// and its page of return values.
fn add(inf: &str) -> Step {
    Step::windows("pnputil", ["/add-driver", inf, "/install"])
        .accepting(&[(259, "It was there already."), (3010, RESTART)])
        .hinting(LOG_HINT)
}

/// Removes everything that `install` and the driver have left behind.
pub(crate) fn uninstall() -> Result<()> {
    service::stop()?;
    let listed = Step::windows("pnputil", ["/enum-drivers"]).ask()?;
    for package in published_names(&String::from_utf8_lossy(&listed.stdout)) {
        remove(&package).run()?;
    }
    // The driver's settings are in the service's key, so the service takes them along.
    if service::is_installed()? {
        service::delete()?;
    }
    for store in STORES {
        if Step::windows("certutil", ["-store", store, SUBJECT]).ask()?.status.success() {
            Step::windows("certutil", ["-delstore", store, SUBJECT]).run()?;
        }
    }
    if verifier::names_driver()? {
        println!("Driver Verifier still knows {DRIVER}: `cargo make verifier-off` ends it");
    }
    if service::has_log_service()? {
        println!(
            "The log service {LOG_SERVICE} stays: `{NAME} service remove --purge` removes it and its \
             log"
        );
    }
    println!("removed");
    Ok(())
}

/// <https://learn.microsoft.com/windows-hardware/drivers/install/how-devices-and-driver-packages-are-uninstalled>
fn remove(published: &str) -> Step {
    Step::windows("pnputil", ["/delete-driver", published, "/uninstall"])
        .accepting(&[(3010, RESTART)])
        .hinting(LOG_HINT)
}

/// The driver store's names for this product's packages.
///
/// Empty lines separate the packages in the list. The labels are in the language of Windows, so
/// only the values matter: a package is this product's if a value is the name of its INF.
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

/// Starts the driver and follows the session events of this machine.
pub(crate) fn demo() -> Result<()> {
    let places = Places::on_windows()?;
    install_from(&places)?;
    service::start()?;
    let tool = places.file(TOOL);
    let tool = |words: &[&str]| {
        println!("> {NAME} {}", words.join(" "));
        Command::new(&tool)
            .args(words)
            .status()
            .with_context(|| format!("cannot start {}", tool.display()))
            .hint("run `cargo make package`")
    };
    if !tool(&["status"])?.success() {
        return Err(anyhow!("the driver does not answer the tool"))
            .hint(format!("run `{NAME} doctor`"));
    }
    println!(
        "\nSign in as another user, switch users, connect by Remote Desktop. Ctrl-C ends this."
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
    fn the_products_packages_are_found_among_others() {
        assert_eq!(published_names(LISTED), ["oem12.inf", "oem13.inf"]);
        assert_eq!(published_names("Microsoft PnP Utility\r\n\r\n"), [""; 0]);
    }

    #[test]
    fn packages_are_found_in_every_language() {
        let german = LISTED
            .replace("Published Name", "Veröffentlichter Name")
            .replace("Original Name", "Originalname");
        assert_eq!(published_names(&german), ["oem12.inf", "oem13.inf"]);
    }
}
