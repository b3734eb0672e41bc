//! A trace session that listens to drivers in the host, and decodes self-describing events.
//!
//! The decoder is independent of the crate that writes the events: it follows the description of
//! the format in `TraceLoggingProvider.h`.

use std::fs;

use kmdf_host_control::client::Client;
use kmdf_host_control::{Command, LISTENER_PATH, Listener, Reply, TRACE_PATH, TraceEvent};

/// A trace session, from the next load on until the value is dropped.
pub(crate) struct Session;

impl Session {
    /// Listens to events with these keywords, up to this level.
    pub(crate) fn begin(level: u8, any_keyword: u64) -> Self {
        let session = Self::without_listener();
        let listener = Listener { level, any_keyword, all_keywords: 0 };
        fs::create_dir_all(r"C:\kmdf-host").unwrap();
        fs::write(LISTENER_PATH, serde_json::to_string(&listener).unwrap()).unwrap();
        session
    }

    /// Begins without a listener.
    pub(crate) fn without_listener() -> Self {
        for path in [LISTENER_PATH, TRACE_PATH] {
            let _there_may_be_none = fs::remove_file(path);
        }
        Self
    }

    /// The events since the session began.
    #[expect(clippy::unused_self, reason = "without a session there are no events of it")]
    pub(crate) fn events(&self) -> Vec<Event> {
        let text = fs::read_to_string(TRACE_PATH).unwrap_or_default();
        text.lines().map(|line| Event::decode(&serde_json::from_str(line).unwrap())).collect()
    }

    /// The events of this name.
    pub(crate) fn events_named(&self, name: &str) -> Vec<Event> {
        self.events().into_iter().filter(|event| event.name == name).collect()
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let _there_may_be_none = fs::remove_file(LISTENER_PATH);
    }
}

/// Replaces the listener of the running driver.
pub(crate) fn listen(listener: Option<Listener>) {
    let reply = Client::open().unwrap().send(&Command::Listen { listener }).unwrap();
    assert_eq!(reply, Reply::Listening { providers: 1 });
}

/// An event, decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Event {
    /// The provider's GUID and name.
    pub(crate) provider: (String, String),
    pub(crate) name: String,
    pub(crate) level: u8,
    pub(crate) keyword: u64,
    pub(crate) fields: Vec<(String, Value)>,
}

/// A field's value, with its type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    U8(u8),
    U32(u32),
    U64(u64),
    /// `UINT16`, shown in hexadecimal digits.
    Hex16(u16),
    Hex32(u32),
    Hex64(u64),
    Status(u32),
    /// UTF-8.
    Text(String),
}

impl Event {
    fn decode(event: &TraceEvent) -> Self {
        // TraceLogging events have no ids, and a channel of their own.
        assert_eq!((event.id, event.version, event.channel), (0, 0, 11), "{event:?}");
        assert_eq!((event.opcode, event.task), (0, 0), "{event:?}");
        let mut blocks = event.blocks.iter().map(|block| hex::decode(&block.bytes).unwrap());
        let kinds: Vec<_> = event.blocks.iter().map(|block| block.kind).collect();
        assert_eq!(kinds[..2], [2, 1]);
        assert!(kinds[2..].iter().all(|kind| *kind == 0));
        let (traits, description) = (blocks.next().unwrap(), blocks.next().unwrap());
        let mut data = Bytes(blocks.flatten().collect());

        let mut traits = Bytes::of_description(traits);
        let provider = (event.provider.clone(), traits.name());
        traits.end();

        let mut description = Bytes::of_description(description);
        // The tag has seven bits per byte. The top bit means that another byte follows.
        assert_eq!(description.take(), [0_u8]);
        let name = description.name();
        let mut fields = Vec::new();
        while !description.0.is_empty() {
            let field = description.name();
            let [in_type] = description.take();
            let out_type = if in_type & 0x80 == 0 { 0 } else { description.take::<1>()[0] };
            assert_eq!(out_type & 0x80, 0, "{field} has a tag");
            fields.push((field, data.value(in_type & 0x7F, out_type)));
        }
        data.end();
        Self { provider, name, level: event.level, keyword: event.keyword, fields }
    }

    /// The value of a 64-bit field.
    pub(crate) fn number(&self, field: &str) -> u64 {
        match self.fields.iter().find(|(name, _)| name == field) {
            Some((_, Value::U64(number))) => *number,
            other => panic!("{field} is {other:?}"),
        }
    }
}

/// Bytes, consumed from the front.
struct Bytes(Vec<u8>);

impl Bytes {
    /// The bytes behind the size field, which is checked.
    fn of_description(bytes: Vec<u8>) -> Self {
        let mut bytes = Self(bytes);
        let length = bytes.0.len();
        assert_eq!(usize::from(u16::from_le_bytes(bytes.take())), length);
        bytes
    }

    fn take<const N: usize>(&mut self) -> [u8; N] {
        self.0.drain(..N).collect::<Vec<_>>().try_into().unwrap()
    }

    /// Consumes a zero-terminated name.
    fn name(&mut self) -> String {
        let length = self.0.iter().position(|byte| *byte == 0).unwrap();
        let name = self.0.drain(..length).collect();
        assert_eq!(self.take(), [0_u8]);
        String::from_utf8(name).unwrap()
    }

    /// Consumes a value of these types (`TlgIn...` and `TlgOut...`).
    fn value(&mut self, in_type: u8, out_type: u8) -> Value {
        match (in_type, out_type) {
            (4, 0) => Value::U8(self.take::<1>()[0]),
            (6, 4) => Value::Hex16(u16::from_le_bytes(self.take())),
            (8, 0) => Value::U32(u32::from_le_bytes(self.take())),
            (10, 0) => Value::U64(u64::from_le_bytes(self.take())),
            (20, 0) => Value::Hex32(u32::from_le_bytes(self.take())),
            (20, 14) => Value::Status(u32::from_le_bytes(self.take())),
            (21, 0) => Value::Hex64(u64::from_le_bytes(self.take())),
            (23, 35) => {
                let length = u16::from_le_bytes(self.take());
                let text = self.0.drain(..usize::from(length)).collect();
                Value::Text(String::from_utf8(text).unwrap())
            }
            other => panic!("no event has a field of type {other:?}"),
        }
    }

    fn end(self) {
        assert!(self.0.is_empty(), "{:?} follows", self.0);
    }
}
