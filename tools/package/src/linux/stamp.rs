//! Stamps date, version and architecture into an INF.

use anyhow::{Context as _, Result};
use jiff::civil::Date;

/// Turns an `.inx` into an INF, with Windows line endings.
pub(super) fn stamp(inx: &str, date: Date, version: &str, architecture: &str) -> Result<String> {
    let is_version = |line: &str| {
        line.split_once('=').is_some_and(|(key, _)| key.trim().eq_ignore_ascii_case("DriverVer"))
    };
    inx.lines().find(|line| is_version(line)).context("it has no DriverVer line")?;
    let lines = inx.lines().map(|line| {
        if is_version(line) {
            format!("DriverVer   = {},{version}.0\r\n", date.strftime("%m/%d/%Y"))
        } else {
            format!("{}\r\n", line.replace("$ARCH$", architecture))
        }
    });
    Ok(lines.collect())
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn the_stamp_changes_only_date_version_and_architecture() {
        let inx = "[Version]\ndriverver  = ; later\nClass = X\n[DefaultInstall.NT$ARCH$]\n";
        assert_eq!(
            stamp(inx, date(2026, 3, 9), "0.1.0", "arm64").unwrap(),
            "[Version]\r\nDriverVer   = 03/09/2026,0.1.0.0\r\nClass = X\r\n[DefaultInstall.NTarm64]\r\n"
        );
    }

    #[test]
    fn an_inf_without_a_version_line_is_rejected() {
        assert!(
            stamp("[Version]\n; DriverVersion = 1\n", date(2026, 3, 9), "1.0.0", "amd64").is_err()
        );
    }
}
