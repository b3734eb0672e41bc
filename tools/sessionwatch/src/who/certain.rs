//! What user mode says of a session, as far as it certainly speaks of the same.

use std::collections::{HashMap, HashSet};

use sessionwatch_protocol::{EventKind, Record};

use super::{Directory, Who};
use crate::device::Device;
use crate::reader::present_sessions;

/// Who is behind the newest event of each session among these records, by the number
/// of the event.
///
/// WTS and LSA are asked first, and then the driver for the present sessions: where
/// another event of the session has come, the answer may be of what came after it
/// and is left out, and so is what cannot be looked up.
#[must_use]
pub fn newest(
    device: &dyn Device,
    directory: &dyn Directory,
    records: &[Record],
) -> HashMap<u64, Who> {
    let newest: HashMap<u32, &Record> =
        records.iter().map(|record| (record.session_id.get(), record)).collect();
    let sessions: Vec<_> = newest
        .values()
        .filter(|record| record.kind() != EventKind::TERMINATED)
        .filter_map(|record| {
            let session = directory.session(record.session_id.get()).ok().flatten()?;
            Some((record.sequence.get(), session))
        })
        .collect();
    if sessions.is_empty() {
        return HashMap::new();
    }
    let logons = directory.logons().unwrap_or_default();
    // What keeps the driver from its answer shows when it is read the next time.
    let Ok(present) = present_sessions(device) else { return HashMap::new() };
    let still: HashSet<u64> = present.sessions.iter().map(|last| last.sequence.get()).collect();
    sessions
        .into_iter()
        .filter(|(sequence, _)| still.contains(sequence))
        .map(|(sequence, session)| (sequence, Who::of(&session, &logons)))
        .collect()
}
