//! The inputs from which the fuzzers start: requests that programs send, replies that the driver
//! sends, and scenarios that the tests raise.

use kmdf_host_control::{Raise, Scenario};
use sessionwatch_protocol::{
    ControlCode, DESCRIBE, DescribeReply, DescribeRequest, READ, ReadReply, ReadRequest, Record,
    SESSIONS, SessionsReply, SessionsRequest,
};
use zerocopy::little_endian::U16;
use zerocopy::{IntoBytes, transmute};

use crate::case::{AnswerHead, EventBytes, JournalSize, Reading, Step};
use crate::dispatch::{Answer, Driver};

const WORKSTATION: &str = include_str!("../../scenarios/workstation-day.json");
const MALFORMED: &str = include_str!("../../scenarios/malformed.json");

const RECORDING: &[u8] =
    include_bytes!("../../../tools/sessionwatch/tests/recordings/workstation-day.swrec");

/// The size of a read's output with room for `records` records, in bytes.
const fn room(records: usize) -> usize {
    ReadReply::SIZE + records * Record::SIZE
}

/// An input from which a fuzzer starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seed {
    /// The fuzzer, and the name of its folder in `corpus`.
    pub target: &'static str,
    /// The name of the file.
    pub name: &'static str,
    /// The content of the file.
    pub bytes: Vec<u8>,
}

/// All seeds, built from the documents and files that they represent.
///
/// # Panics
///
/// If one of these documents or files has an unexpected form.
#[must_use]
pub fn seeds() -> Vec<Seed> {
    let seed = |target, name, bytes| Seed { target, name, bytes };
    vec![
        seed("dispatch", "seed-documented", steps(64, &documented_requests())),
        seed("dispatch", "seed-overwritten", steps(4, &overwritten())),
        seed("dispatch", "seed-refused", steps(1, &refused())),
        seed("dispatch", "seed-workstation-day", steps(8, &story(WORKSTATION))),
        seed("dispatch", "seed-malformed", steps(64, &story(MALFORMED))),
        seed("replies", "seed-documented", documented_replies(0)),
        seed("replies", "seed-claimed", documented_replies(u8::MAX)),
        seed("replies", "seed-read", answered(0)),
        seed("replies", "seed-sessions", present()),
        seed("replies", "seed-read-one", answered(1)),
        seed("recording", "seed-workstation-day", RECORDING.to_vec()),
        seed("recording", "seed-cut", RECORDING[..RECORDING.len() - 100].to_vec()),
        seed("recording", "seed-empty", RECORDING[..16 + 16 + 240].to_vec()),
        seed("scenario", "seed-workstation-day", WORKSTATION.into()),
        seed("scenario", "seed-malformed", MALFORMED.into()),
    ]
}

fn steps(capacity: u8, steps: &[Step]) -> Vec<u8> {
    let size = JournalSize { capacity: capacity - 1, sessions: 16 };
    [size.as_bytes(), steps.as_bytes()].concat()
}

fn request(code: ControlCode, input: &[u8], room: usize) -> Step {
    let mut bytes = [0; 20];
    bytes[..input.len()].copy_from_slice(input);
    Step {
        is_request: 1,
        offset: 0,
        count: short(input.len()),
        room: short(room),
        code: code.0.into(),
        bytes,
    }
}

fn short(length: usize) -> U16 {
    u16::try_from(length).expect("a seed is short").into()
}

fn describe() -> Step {
    request(DESCRIBE, DescribeRequest::new().as_bytes(), DescribeReply::SIZE)
}

fn read(from: u64, records: usize) -> Step {
    request(READ, ReadRequest::new(from).as_bytes(), room(records))
}

/// A request for the present sessions, with room for `room` sessions.
fn sessions(room: usize) -> Step {
    let room = SessionsReply::SIZE + room * Record::SIZE;
    request(SESSIONS, SessionsRequest::new().as_bytes(), room)
}

/// A read with the flag `wait`.
fn wait(from: u64) -> Step {
    let mut step = read(from, 1);
    step.bytes[4] = 1;
    step
}

/// A step that records an event of a scenario `times` times.
fn events(raise: &Raise, times: u16) -> Step {
    let mut payload = [0; 8];
    let bytes = raise.payload.bytes.as_deref().map(hex);
    for (to, from) in payload.iter_mut().zip(bytes.iter().flatten()) {
        *to = *from;
    }
    let [session_id @ .., payload_local, _, _, _]: [u8; 8] = payload;
    let event = EventBytes {
        event: raise.event.0.into(),
        length: raise.payload.length.into(),
        session_id: raise.session.into(),
        state: raise.state.0.into(),
        local: raise.local,
        payload_local,
        is_null: bytes.is_none().into(),
        is_unknown: raise.information_fails.into(),
    };
    Step {
        is_request: 0,
        offset: 0,
        count: times.into(),
        room: 0.into(),
        code: u32::from_le_bytes(session_id).into(),
        bytes: transmute!(event),
    }
}

fn raises(scenario: &str) -> Vec<Raise> {
    let scenario = Scenario::parse(scenario).expect("the project's own scenario");
    scenario.raises().expect("an accepted scenario can be raised")
}

/// The events of a scenario, then the requests of a reader.
fn story(scenario: &str) -> Vec<Step> {
    let raises = raises(scenario);
    let events = raises.iter().map(|raise| events(raise, 1));
    events.chain([describe(), read(1, 64), read(3, 2), sessions(0), sessions(8)]).collect()
}

fn overwritten() -> Vec<Step> {
    let logon = &raises(WORKSTATION)[2];
    vec![
        events(logon, 4),
        read(1, 5),
        events(logon, 1),
        read(1, 5),
        events(logon, 4),
        read(1, 2),
        read(5, 5),
        read(6, 5),
        read(9, 1),
        read(10, 1),
        read(u64::MAX, 1),
        wait(9),
        wait(10),
        describe(),
    ]
}

fn refused() -> Vec<Step> {
    let good = read(1, 1);
    let mut newer = good;
    newer.bytes[0] = 2;
    let mut flagged = good;
    flagged.bytes[5] = 0x80;
    vec![
        Step { count: 15.into(), ..good },
        Step { count: 17.into(), ..good },
        Step { offset: 4, ..good },
        Step { room: 111.into(), ..good },
        Step { code: (READ.0 + 4).into(), ..good },
        Step { room: 127.into(), ..describe() },
        newer,
        flagged,
        read(0, 1),
        describe(),
    ]
}

fn documented_requests() -> Vec<Step> {
    vec![
        request(DESCRIBE, &documented("describe-request"), 128),
        request(READ, &documented("read-request"), room(1)),
    ]
}

fn documented_replies(excess: u8) -> Vec<u8> {
    replies(35, 0, excess, &[documented("describe-reply"), documented("read-reply")])
}

/// A driver's replies to a reader of the present sessions.
fn present() -> Vec<u8> {
    replies(1, 0, 0, &[documented("sessions-reply")])
}

/// A driver's replies to `sessionwatch read`, after the ring overwrote some events. The reader
/// stops after `events` events; 0 means that it reads all.
fn answered(events: u16) -> Vec<u8> {
    let mut driver = Driver::new(JournalSize { capacity: 3, sessions: 8 });
    driver.events(&self::events(&raises(WORKSTATION)[2], 6));
    let ask = |code, input: &[u8], room: usize| {
        let mut output = vec![0; room];
        let Answer::Replied(length) = driver.ask(code, input, 0, &mut output) else {
            panic!("a valid request was rejected")
        };
        output.truncate(length);
        output
    };
    replies(
        1,
        events,
        0,
        &[
            ask(DESCRIBE, DescribeRequest::new().as_bytes(), DescribeReply::SIZE),
            ask(READ, ReadRequest::new(1).as_bytes(), room(3)),
            ask(READ, ReadRequest::new(6).as_bytes(), room(3)),
        ],
    )
}

fn replies(from: u64, events: u16, excess: u8, answers: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = Reading { from: from.into(), events: events.into() }.as_bytes().to_vec();
    for answer in answers {
        let head = AnswerHead { length: short(answer.len()), excess };
        bytes.extend_from_slice(head.as_bytes());
        bytes.extend_from_slice(answer);
    }
    bytes
}

/// The bytes of the example with this name in `docs/protocol.md`.
fn documented(name: &str) -> Vec<u8> {
    let page = include_str!("../../../docs/protocol.md");
    let (_, rest) = page.split_once(&format!("```hex {name}\n")).expect(name);
    let (digits, _) = rest.split_once("```").expect(name);
    hex(&digits.split_whitespace().collect::<String>())
}

fn hex(digits: &str) -> Vec<u8> {
    hex::decode(digits).expect("pairs of hexadecimal digits")
}
