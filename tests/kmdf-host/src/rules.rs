//! Where every broken rule ends, and where verdicts are written.
//!
//! A violation ends the process at once, from whatever thread and under whatever lock: nothing that
//! the driver does afterwards could be believed. Windows would bug-check in some of these
//! cases, and go on with damaged memory in others.
#![expect(unsafe_code, reason = "ends the process")]

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::Path;
use std::sync::Mutex;

use kmdf_host_control::{Rule, VERDICT_PATH, Verdict};
use windows_sys::Win32::System::Threading::{GetCurrentProcess, TerminateProcess};

use crate::load;
use crate::sync::lock;

/// Verdicts of this process.
static VERDICTS: Mutex<Vec<Verdict>> = Mutex::new(Vec::new());
/// Held for ever by the first violation: a second one must not follow it into the file.
static ENDING: Mutex<()> = Mutex::new(());

/// Ends the process: `call` broke `rule`.
pub(crate) fn violation(call: &str, rule: Rule, detail: impl Into<String>) -> ! {
    let _ending = lock(&ENDING);
    let verdict = Verdict::Violation {
        call: call.into(),
        rule,
        detail: detail.into(),
        image_sha256: load::image_sha256(),
    };
    write_line(&verdict);
    // SAFETY: the pseudo handle of the own process is always valid.
    let process = unsafe { GetCurrentProcess() };
    // SAFETY: ending the process is what is wanted, whatever other threads do.
    unsafe { TerminateProcess(process, 1) };
    std::process::abort()
}

/// Writes the verdict on a load that broke no rule.
pub(crate) fn clean(verdict: Verdict) {
    write_line(&verdict);
    lock(&VERDICTS).push(verdict);
}

/// The verdicts of this process so far.
pub(crate) fn verdicts() -> Vec<Verdict> {
    lock(&VERDICTS).clone()
}

/// A verdict that cannot be written has no other way out: the test that waits for it fails.
fn write_line(verdict: &Verdict) {
    let Ok(line) = serde_json::to_string(verdict) else { return };
    append(Path::new(VERDICT_PATH), &line);
}

/// Appends a line to a file of the host.
pub(crate) fn append(path: &Path, line: &str) {
    if let Some(folder) = path.parent() {
        let _exists_already = fs::create_dir_all(folder);
    }
    if let Ok(mut file) = OpenOptions::new().create(true).append(true).open(path) {
        let _cannot_be_reported = writeln!(file, "{line}");
    }
}
