//! Shared by the tests of several modules.

use sessionwatch_protocol::{EventKind, Record};
use zerocopy::FromZeros;

/// A record with these fields, and zeros in all others.
pub(crate) fn record(sequence: u64, session_id: u32, kind: EventKind) -> Record {
    let mut record = Record::new_zeroed();
    record.sequence = sequence.into();
    record.session_id = session_id.into();
    record.kind = kind.0.into();
    record
}
