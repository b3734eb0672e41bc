//! `openkit package`: the folder of the files that are shipped.

use std::{fs, process::ExitCode};

use anyhow::{Context as _, Result};
use jiff::{Timestamp, civil::Date, tz::TimeZone};

use crate::{
    cargo, driver,
    files::{copy_if_changed, write_if_changed},
    places::Places,
};

/// The version in the INF: the workspace's, which this program shares.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Builds driver and tool and puts them, with the INF, into one folder.
pub(crate) fn build(places: &Places) -> Result<ExitCode> {
    let built = driver::build(places, "sessionwatch-driver", None)?;
    if built != ExitCode::SUCCESS {
        return Ok(built);
    }
    let tool = ["build", "--locked", "--release", "--package", "sessionwatch"].map(String::from);
    let built = cargo::run_user(places, &tool)?;
    if built != ExitCode::SUCCESS {
        return Ok(built);
    }

    let folder = places.package();
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    copy_if_changed(&places.driver(), &folder.join("sessionwatch.sys"))?;
    copy_if_changed(&places.tool(), &folder.join("sessionwatch.exe"))?;
    let source = places.workspace.join("inf/sessionwatch.inx");
    let text =
        fs::read_to_string(&source).with_context(|| format!("cannot read {}", source.display()))?;
    let today = Timestamp::now().to_zoned(TimeZone::UTC).date();
    let stamped = stamp(&text, today).with_context(|| format!("in {}", source.display()))?;
    write_if_changed(&folder.join("sessionwatch.inf"), stamped.as_bytes())?;
    println!("{}", folder.display());
    Ok(ExitCode::SUCCESS)
}

/// Puts date and version into the `DriverVer` line, as the kit's `stampinf`
/// does, and ends lines as Windows does.
fn stamp(inx: &str, date: Date) -> Result<String> {
    let is_version = |line: &str| {
        line.split_once('=').is_some_and(|(key, _)| key.trim().eq_ignore_ascii_case("DriverVer"))
    };
    inx.lines().find(|line| is_version(line)).context("there is no DriverVer line")?;
    let lines = inx.lines().map(|line| {
        if is_version(line) {
            format!("DriverVer = {},{VERSION}.0\r\n", date.strftime("%m/%d/%Y"))
        } else {
            format!("{line}\r\n")
        }
    });
    Ok(lines.collect())
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn date_and_version_are_put_in_and_nothing_else_is_changed() {
        let stamped =
            stamp("[Version]\ndriverver  = ; later\nClass = X\n", date(2026, 3, 9)).unwrap();
        assert_eq!(
            stamped,
            format!("[Version]\r\nDriverVer = 03/09/2026,{VERSION}.0\r\nClass = X\r\n")
        );
    }

    #[test]
    fn an_inf_without_a_version_line_is_refused() {
        assert!(stamp("[Version]\n; DriverVersion = 1\n", date(2026, 3, 9)).is_err());
    }
}
