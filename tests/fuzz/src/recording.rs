//! Recordings: whatever is in the file, what is shown of it adds up.
//!
//! A checksum would keep every mutation away from what is behind it, so the bytes are
//! tried as they are and once more with the checksums put right.

use std::io::Cursor;

use sessionwatch::args::{ExplainArguments, FollowArguments, ReadArguments};
use sessionwatch::command::{explain, follow, read, status};
use sessionwatch::error::Error;
use sessionwatch::reader::{bounds, present_sessions};
use sessionwatch::recording::{HEADER, Recording, write_frame};
use sessionwatch::render::{Form, Printer};
use sessionwatch_protocol::ControlCode;

use crate::replies::check_stream;

/// The longest input that is looked at: what is longer says nothing new.
const LONGEST: usize = 64 * 1024;

/// Reads the bytes as a recording.
///
/// # Panics
///
/// If what is shown of a recording does not add up.
pub fn recording(bytes: &[u8]) {
    let bytes = &bytes[..bytes.len().min(LONGEST)];
    check(bytes.to_vec());
    check(with_checksums(bytes));
}

fn check(bytes: Vec<u8>) {
    let Ok(recording) = Recording::load(Cursor::new(bytes)) else { return };
    let bounds = bounds(&recording).expect("a recording says what it is of");
    let (lines, error) = show(|printer| read::run(&recording, &ReadArguments::default(), printer));
    assert!(error.is_none(), "what was checked can be read: {error:?}");
    let (accounts, _) = check_stream(&lines, bounds.begin);
    assert_eq!(accounts, 1);

    let (followed, error) =
        show(|printer| follow::run(&recording, None, &FollowArguments::default(), printer));
    assert!(matches!(error, Some(Error::Ended)), "{error:?}");
    assert_eq!(followed, lines);

    for steps in [false, true] {
        let options = ExplainArguments { steps, ..ExplainArguments::default() };
        let (_, error) = show(|printer| explain::run(&recording, &options, printer));
        assert!(error.is_none(), "{error:?}");
    }
    let (_, error) = show(|printer| status::run(&recording, printer));
    assert!(error.is_none(), "{error:?}");
    // A snapshot may contradict the records behind it; the tool then says so.
    if let Ok(present) = present_sessions(&recording) {
        assert_eq!(present.sessions.len() as u64, u64::from(present.head.present.get()));
    }
}

fn show(command: impl FnOnce(&mut Printer<'_>) -> Result<(), Error>) -> (String, Option<Error>) {
    let mut output = Vec::new();
    let mut printer = Printer::new(Form::Ndjson, &mut output);
    let outcome = command(&mut printer);
    printer.end().expect("a vector takes everything");
    (String::from_utf8(output).expect("what is shown is text"), outcome.err())
}

/// The bytes behind a sound header, each frame with the checksum of what it holds.
fn with_checksums(bytes: &[u8]) -> Vec<u8> {
    let mut file = HEADER.to_vec();
    let mut rest = bytes.get(HEADER.len()..).unwrap_or_default();
    while let Some((head, behind)) = rest.split_at_checked(16) {
        let length = u32::from_le_bytes([head[4], head[5], head[6], head[7]]);
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        let Some((reply, behind)) = behind.split_at_checked(length) else { break };
        let code = ControlCode(u32::from_le_bytes([head[0], head[1], head[2], head[3]]));
        write_frame(&mut file, code, reply).expect("a vector takes everything");
        rest = behind;
    }
    // A frame that is cut stays cut.
    file.extend_from_slice(rest);
    file
}
