//! The verdict on each load, and the file that collects them.

use std::path::Path;
use std::sync::Mutex;

use kmdf_host_control::{Rule, VERDICT_PATH, Verdict};

use crate::watch::files;
use crate::watch::sync::lock;

/// The clean verdicts of this process. A violation ends the process, so it is never read back.
static CLEAN: Mutex<Vec<Verdict>> = Mutex::new(Vec::new());
/// The hash of the image that is loaded. No call is made under this lock, so a violation never
/// waits for it.
static IMAGE_SHA256: Mutex<Option<String>> = Mutex::new(None);

/// Names the image that is loaded from now on; `None` after its load.
pub(crate) fn set_image(sha256: Option<String>) {
    *lock(&IMAGE_SHA256) = sha256;
}

/// Writes the verdict on a load that broke no rule.
pub(crate) fn clean(verdict: Verdict) {
    write(&verdict);
    lock(&CLEAN).push(verdict);
}

/// Writes the verdict on a load in which `call` broke `rule`.
pub(crate) fn violated(call: &str, rule: Rule, detail: String) {
    let image_sha256 = lock(&IMAGE_SHA256).clone();
    write(&Verdict::Violation { call: call.into(), rule, detail, image_sha256 });
}

/// The verdicts of this process.
pub(crate) fn all() -> Vec<Verdict> {
    lock(&CLEAN).clone()
}

fn write(verdict: &Verdict) {
    let Ok(line) = serde_json::to_string(verdict) else { return };
    files::append(Path::new(VERDICT_PATH), &line);
}
