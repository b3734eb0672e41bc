//! Records the driver's own journal, then reads the recording whole, cut and damaged.

mod machine;

use std::cell::RefCell;
use std::fs;
use std::io::Cursor as Bytes;
use std::path::Path;
use std::rc::Rc;

use machine::{Handle, Happening, Machine};
use proptest::prelude::*;
use serde_json::{Value, json};
use sessionwatch::args::{FollowArguments, ReadArguments, RecordArguments};
use sessionwatch::command::{follow, read, record, status};
use sessionwatch::error::Error;
use sessionwatch::render::{Form, Printer};
use sessionwatch_failure::{Exit, Failure};
use sessionwatch_protocol::{EventKind, SessionState};
use sessionwatch_reader::recording::{End, OpenError, Recording};
use sessionwatch_reader::{Device, Start, bounds, present_sessions};

fn show(
    command: impl FnOnce(&mut Printer<'_>) -> Result<(), Error>,
) -> (Vec<Value>, Option<Error>) {
    let mut output = Vec::new();
    let mut printer = Printer::new(Form::Ndjson, &mut output);
    let outcome = command(&mut printer);
    printer.end().unwrap();
    let text = str::from_utf8(&output).unwrap();
    (text.lines().map(|line| line.parse().unwrap()).collect(), outcome.err())
}

fn read_all(device: &dyn Device) -> Vec<Value> {
    let (lines, error) = show(|printer| read::run(device, &ReadArguments::default(), printer));
    assert!(error.is_none(), "{error:?}");
    lines
}

/// Records the events of the machine and those of its happenings.
fn record_of(machine: &Rc<RefCell<Machine>>, from: Start, now: bool) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.swrec");
    let options = RecordArguments { file: file.clone(), from, now };
    let (_, error) = show(|printer| record::run(&Handle(Rc::clone(machine)), &options, printer));
    assert!(error.is_none(), "{error:?}");
    fs::read(file).unwrap()
}

fn load(bytes: &[u8]) -> Result<Recording, OpenError> {
    Recording::load(Bytes::new(bytes.to_vec()))
}

/// A machine with a few overwritten events, and with an ended session.
fn busy() -> Rc<RefCell<Machine>> {
    let machine = Machine::new(64);
    {
        let mut machine = machine.borrow_mut();
        machine.raise(70);
        machine.raise_in(8, EventKind::CREATED, SessionState::CREATED);
        machine.raise_in(9, EventKind::CREATED, SessionState::CREATED);
        machine.raise_in(8, EventKind::TERMINATED, SessionState::TERMINATED);
        machine.happenings.extend([Happening::Events(5), Happening::InVain, Happening::Events(2)]);
    }
    machine
}

#[test]
fn a_recording_reads_like_its_journal() {
    let machine = busy();
    let bytes = record_of(&machine, Start::Oldest, false);
    let recording = load(&bytes).unwrap();
    assert_eq!(*recording.end(), End::Whole);
    assert_eq!(recording.sequences(), 10..81);

    let first = ReadArguments { from: std::num::NonZeroU64::new(17), ..ReadArguments::default() };
    let (live, _) = show(|printer| read::run(&Handle(Rc::clone(&machine)), &first, printer));
    let (replayed, _) = show(|printer| read::run(&recording, &first, printer));
    assert_eq!(live, replayed);
    assert_eq!(live.len(), 80 - 16 + 1);

    let (live, _) = show(|printer| status::run(&Handle(Rc::clone(&machine)), printer));
    let (replayed, _) = show(|printer| status::run(&recording, printer));
    assert_eq!(live[0]["journal_id"], replayed[0]["journal_id"]);
    assert_eq!(replayed[0]["seen"], 73, "the count at the start of the recording");

    let live = present_sessions(&Handle(machine)).unwrap();
    let replayed = present_sessions(&recording).unwrap();
    assert_eq!(live.sessions, replayed.sessions);
    assert_eq!(live.head.next, replayed.head.next);
}

#[test]
fn follow_shows_a_whole_recording_and_ends() {
    let bytes = record_of(&busy(), Start::Oldest, false);
    let recording = load(&bytes).unwrap();
    let options = FollowArguments::default();
    let (lines, error) = show(|printer| follow::run(&recording, None, &options, printer));
    assert!(error.as_ref().is_some_and(Error::is_end_of_recording), "{error:?}");
    assert_eq!(lines, read_all(&recording));
    assert_eq!(lines.last().unwrap()["delivered"], 71);
}

#[test]
fn a_recording_of_now_ends_with_the_newest_event() {
    let machine = busy();
    let bytes = record_of(&machine, Start::Sequence(std::num::NonZeroU64::new(70).unwrap()), true);
    let recording = load(&bytes).unwrap();
    assert_eq!(recording.sequences(), 70..74);
    assert_eq!(read_all(&recording).len(), 4 + 1);
    // Events before the recording count as lost.
    let early = ReadArguments { from: std::num::NonZeroU64::new(60), ..ReadArguments::default() };
    let (lines, _) = show(|printer| read::run(&recording, &early, printer));
    assert_eq!((&lines[0]["first"], &lines[0]["last"]), (&60.into(), &69.into()));
}

#[test]
fn an_existing_file_is_not_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.swrec");
    fs::write(&file, "precious").unwrap();
    let options = RecordArguments { file: file.clone(), from: Start::Oldest, now: true };
    let (_, error) = show(|printer| record::run(&Handle(busy()), &options, printer));
    let error = error.unwrap();
    assert!(error.to_string().contains("a.swrec: it already exists"), "{error}");
    assert_eq!(error.exit(), Exit::File);
    assert_eq!(fs::read_to_string(&file).unwrap(), "precious");
}

/// A recording that is cut at any byte is readable up to its last whole reply.
#[test]
fn a_cut_recording_is_read_up_to_its_last_whole_reply() {
    let bytes = record_of(&busy(), Start::Oldest, false);
    let whole = read_all(&load(&bytes).unwrap());
    let mut ends = std::collections::BTreeSet::new();
    for length in 0..bytes.len() {
        match load(&bytes[..length]) {
            Err(OpenError::NoRecording) => assert!(length < 16, "{length}"),
            Err(OpenError::Empty) => assert!(length < 16 + 16 + 240, "{length}"),
            Err(other) => panic!("{length}: {other}"),
            Ok(recording) => {
                let is_whole = *recording.end() == End::Whole;
                assert!(is_whole || matches!(recording.end(), End::Cut(at) if *at < length as u64));
                let bounds = bounds(&recording).unwrap();
                ends.insert(bounds.next);
                let lines = read_all(&recording);
                let (account, items) = lines.split_last().unwrap();
                assert_eq!(*items, whole[..items.len()], "{length}");
                assert_eq!(account["next"], bounds.next);
                present_sessions(&recording).unwrap();
            }
        }
    }
    assert_eq!(ends.into_iter().collect::<Vec<_>>(), [74, 79]);
}

proptest! {
    /// A recording with any wrong byte shows only recorded lines.
    #[test]
    fn a_damaged_recording_shows_only_recorded_lines(
        place in any::<prop::sample::Index>(),
        wrong in 1..=u8::MAX,
    ) {
        let mut bytes = record_of(&busy(), Start::Oldest, false);
        let whole = read_all(&load(&bytes).unwrap());
        let place = place.index(bytes.len());
        bytes[place] ^= wrong;
        if let Ok(recording) = load(&bytes) {
            prop_assert_ne!(recording.end(), &End::Whole);
            let lines = read_all(&recording);
            let items = &lines[..lines.len() - 1];
            prop_assert_eq!(items, &whole[..items.len()]);
        }
    }

    #[test]
    fn arbitrary_bytes_are_rejected(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(load(&bytes).is_err());
        let mut headed = sessionwatch_reader::recording::HEADER.to_vec();
        headed.extend(bytes);
        prop_assert!(load(&headed).is_err());
    }
}

#[test]
fn another_file_differs_from_a_recording_of_another_version() {
    assert!(matches!(load(b"#!/bin/sh\necho not this\n"), Err(OpenError::NoRecording)));
    let mut later = sessionwatch_reader::recording::HEADER;
    later[8] = 2;
    assert!(matches!(load(&later), Err(OpenError::OtherVersion)));
    let missing = Recording::open(Path::new("no-such-file.swrec"));
    assert!(matches!(missing, Err(OpenError::Io(_))));
}

#[test]
fn follow_continues_at_its_position_without_loss_or_repetition() {
    let folder = tempfile::tempdir().unwrap();
    let machine = Machine::new(64);
    machine.borrow_mut().raise(10);
    let options = FollowArguments {
        from: Some(Start::Oldest),
        state: Some(folder.path().join("place.json")),
        count: Some(4),
        ..FollowArguments::default()
    };
    let mut numbers = Vec::new();
    let run = |machine: &Rc<RefCell<Machine>>| {
        let (lines, error) =
            show(|printer| follow::run(&Handle(Rc::clone(machine)), None, &options, printer));
        assert!(error.as_ref().is_none_or(Error::is_interrupted), "{error:?}");
        lines
    };
    for _ in 0..3 {
        let events = run(&machine).into_iter().filter(|line| line["type"] == "event");
        numbers.extend(events.map(|event| event["sequence"].as_u64().unwrap()));
    }
    assert_eq!(numbers, (1..=10).collect::<Vec<_>>());

    // The ring was overrun meanwhile, so the lost events are named.
    machine.borrow_mut().raise(100);
    let lines = run(&machine);
    assert_eq!((&lines[0]["first"], &lines[0]["last"]), (&11.into(), &46.into()));
}

#[test]
fn follow_reports_a_restart_of_the_driver() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("place.json");
    fs::write(&state, r#"{"journal_id":"0000000000000001","next":7}"#).unwrap();
    let machine = Machine::new(64);
    machine.borrow_mut().raise(2);
    let options = FollowArguments {
        state: Some(state.clone()),
        count: Some(2),
        ..FollowArguments::default()
    };
    let (lines, error) = show(|printer| follow::run(&Handle(machine), None, &options, printer));
    assert!(error.is_none());
    assert_eq!(lines[0]["type"], "restart");
    assert_eq!(lines[0]["previous_journal_id"], "0000000000000001");
    assert_eq!(lines[0]["previous_next"], 7);
    assert_eq!(lines[1]["sequence"], 1);
    assert!(fs::read_to_string(state).unwrap().contains(r#""next":3"#));
}

/// A machine that was set back to a checkpoint.
#[test]
fn follow_reports_a_position_past_the_end_and_repeats_rather_than_waits() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("place.json");
    let machine = Machine::new(64);
    machine.borrow_mut().raise(70);
    let options = FollowArguments {
        from: Some(Start::Oldest),
        state: Some(state.clone()),
        count: Some(64),
        ..FollowArguments::default()
    };
    let run = || {
        let device = Handle(Rc::clone(&machine));
        show(|printer| follow::run(&device, None, &options, printer))
    };
    assert!(run().1.is_none());
    let kept: Value = serde_json::from_str(&fs::read_to_string(&state).unwrap()).unwrap();
    let past = kept["next"].as_u64().unwrap() + 1000;
    fs::write(&state, json!({"journal_id": kept["journal_id"], "next": past}).to_string()).unwrap();
    let (lines, error) = run();
    assert!(error.is_none());
    let rewind = &lines[0];
    assert_eq!(rewind["type"], "rewind");
    assert_eq!((&rewind["position"], &rewind["end"]), (&past.into(), &71.into()));
    assert_eq!((&rewind["next"], &lines[1]["sequence"]), (&7.into(), &7.into()));
}
