//! Planned failures in the host, and its record of call sites.

use std::fs;

use kmdf_host_control::{INJECTION_PATH, Injection, Plan, SITES_PATH, Site};

/// The host's log of the driver's debug output.
const DEBUG_LOG_PATH: &str = r"C:\kmdf-host\debug.log";

/// Planned failures for every load, and the record of call sites. Dropping it ends both, even
/// after a failed test.
pub(crate) struct Faults {
    sites: &'static str,
    debug_log: &'static str,
}

impl Faults {
    /// Plans these failures, or none, and clears the earlier record.
    #[must_use]
    pub(crate) fn plan(failures: Vec<Injection>) -> Self {
        fs::create_dir_all(r"C:\kmdf-host").unwrap();
        let faults = Self { sites: SITES_PATH, debug_log: DEBUG_LOG_PATH };
        for earlier in [faults.sites, faults.debug_log] {
            let _there_may_be_none = fs::remove_file(earlier);
        }
        fs::write(INJECTION_PATH, serde_json::to_string(&Plan { failures }).unwrap()).unwrap();
        faults
    }

    /// The call sites so far, in order.
    #[must_use]
    pub(crate) fn sites(&self) -> Vec<Site> {
        let text = fs::read_to_string(self.sites).unwrap_or_default();
        let lines = text.lines().map(serde_json::from_str);
        lines.collect::<Result<_, _>>().unwrap_or_else(|error| panic!("{error}: {text}"))
    }

    /// The driver's debug output so far.
    #[must_use]
    pub(crate) fn debug_output(&self) -> String {
        fs::read_to_string(self.debug_log).unwrap_or_default()
    }
}

impl Drop for Faults {
    fn drop(&mut self) {
        let _gone_already = fs::remove_file(INJECTION_PATH);
    }
}
