//! Recordings: for any bytes in a file, the events read from it add up.
//!
//! A wrong checksum keeps most mutations from the code behind it. So each input is read twice: as
//! it is, and with correct checksums.

use std::io::Cursor as Bytes;

use sessionwatch_protocol::ControlCode;
use sessionwatch_reader::recording::{HEADER, Recording, write_frame};
use sessionwatch_reader::{AtEnd, Cursor, DeviceError, Limit, ReadError, bounds, present_sessions};
use sessionwatch_sessions::{Explainer, Instance};

use crate::replies::check_account;

/// The longest input to check, in bytes. Longer inputs reach no other code.
const LONGEST: usize = 64 * 1024;

/// Reads the bytes as a recording.
///
/// # Panics
///
/// If the events of a recording do not add up.
pub fn recording(bytes: &[u8]) {
    let bytes = &bytes[..bytes.len().min(LONGEST)];
    check(bytes.to_vec());
    check(with_checksums(bytes));
}

fn check(bytes: Vec<u8>) {
    let Ok(recording) = Recording::load(Bytes::new(bytes)) else { return };
    let journal = bounds(&recording).expect("a recording has a describe reply");
    assert_eq!(journal.begin..journal.next, recording.sequences());
    let mut cursor = Cursor::new(journal.journal_id, journal.begin, journal.next);
    let mut explainer = Explainer::new(journal.begin, u32::MAX);
    let (mut lost, mut delivered, mut in_instances) = (0, 0, 0);
    let mut count = |ended: Instance| in_instances += ended.events;
    while cursor.account().next() < journal.next {
        let batch = cursor.read(&recording, AtEnd::Return, Limit::NONE).expect("a valid recording");
        if let Some(range) = batch.lost {
            lost += range.count;
            explainer.lose(&range);
        }
        delivered += batch.records.len() as u64;
        for record in batch.records {
            explainer.explain(record, true, &mut count);
        }
        check_account(cursor.account());
    }
    explainer.into_present().for_each(count);
    assert_eq!((cursor.account().lost(), cursor.account().delivered()), (lost, delivered));
    assert_eq!(in_instances, delivered, "each event belongs to one instance");
    let end = cursor.read(&recording, AtEnd::Wait, Limit::NONE);
    assert!(matches!(end, Err(ReadError::Device(DeviceError::Ended))), "{end:?}");
    // A snapshot may contradict the records behind it. The reader rejects such a snapshot.
    if let Ok(present) = present_sessions(&recording) {
        assert_eq!(present.sessions.len() as u64, u64::from(present.head.present.get()));
    }
}

/// The bytes behind a valid header, each frame with the checksum of its content.
fn with_checksums(bytes: &[u8]) -> Vec<u8> {
    let mut file = HEADER.to_vec();
    let mut rest = bytes.get(HEADER.len()..).unwrap_or_default();
    while let Some((head, behind)) = rest.split_at_checked(16) {
        let length = u32::from_le_bytes([head[4], head[5], head[6], head[7]]);
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        let Some((reply, behind)) = behind.split_at_checked(length) else { break };
        let code = ControlCode(u32::from_le_bytes([head[0], head[1], head[2], head[3]]));
        write_frame(&mut file, code, reply).expect("a vector grows");
        rest = behind;
    }
    // A truncated frame stays truncated.
    file.extend_from_slice(rest);
    file
}
