//! A session event as a row.

use constcat::concat_slices;
use serde::{Serialize, Serializer};
use sessionwatch_protocol::{EventKind, Locality, Record, SessionState};
use sessionwatch_reader::flag_names;
use sessionwatch_reader::time::SystemTime;
use sessionwatch_sessions::{HandOver, Meaning, Step, Unexpected};
use sessionwatch_who::Who;

use super::layout::Layout;
use super::row::{Column, Emphasis, Row, or_dash};

/// A session event, with its user and its meaning if they are known.
#[derive(Clone, Debug)]
pub struct Event {
    /// The record.
    pub record: Record,
    /// The user behind it.
    pub who: Option<Who>,
    /// Its meaning.
    pub step: Option<Step>,
}

impl Event {
    /// An event with only its record.
    #[must_use]
    pub const fn of(record: Record) -> Self {
        Self { record, who: None, step: None }
    }

    /// The user and the client, for people.
    pub(super) fn user(&self) -> Option<String> {
        let who = self.who.as_ref()?;
        let account = who.account()?;
        Some(match who.client() {
            Some(client) => format!("{account} from {client}"),
            None => account,
        })
    }

    /// The rare remarks: flags, and an unexpected transition.
    pub(crate) fn remarks(&self) -> impl Iterator<Item = String> {
        let flags = flag_names(self.record.flags()).collect::<Vec<_>>().join(", ");
        let unexpected = self.unexpected().map(|unexpected| unexpected.to_string());
        [Some(flags), unexpected].into_iter().flatten().filter(|text| !text.is_empty())
    }

    fn unexpected(&self) -> Option<Unexpected> {
        self.step.as_ref()?.unexpected
    }

    fn label(&self) -> String {
        let label = self.step.as_ref().and_then(|step| step.label(self.record.session_id.get()));
        label.unwrap_or_else(|| self.record.kind().to_string())
    }
}

/// The fields of a record.
pub(super) const RECORD_FIELDS: &[&str] = &[
    "sequence",
    "time",
    "monotonic_100ns",
    "session_id",
    "instance",
    "event",
    "state",
    "locality",
    "flags",
];

/// The fields of a [`Who`] in the field `who`.
pub(super) const WHO_FIELDS: &[&str] = &[
    "who.source",
    "who.user",
    "who.domain",
    "who.sid",
    "who.connect_state",
    "who.station",
    "who.locked",
    "who.client_name",
    "who.client_address",
    "who.logon_time",
    "who.last_input_time",
    "who.idle_seconds",
    "who.logon_type",
    "who.package",
    "who.logon_id",
];

/// The fields of a [`Step`].
pub(super) const STEP_FIELDS: &[&str] =
    &["meaning", "after_100ns", "hand_over.from", "hand_over.to", "unexpected"];

impl Row for Event {
    type Fields<'row> = EventLine<'row>;

    const FIELDS: &'static [&'static str] =
        concat_slices!([&str]: &["type"], RECORD_FIELDS, WHO_FIELDS);

    const COLUMNS: &'static [Column<Self>] = &[
        Column::number("sequence", |event: &Self, _| event.record.sequence.to_string())
            .at_least(8, 10),
        Column::text("time", |event: &Self, layout: &Layout| {
            layout.time(SystemTime(event.record.system_time.get()))
        })
        .at_least(20, 28),
        Column::number("session", |event: &Self, _| event.record.session_id.to_string())
            .at_least(7, 10),
        Column::number("instance", |event: &Self, _| {
            let instance = event.record.instance.get();
            or_dash((instance != 0).then_some(instance))
        })
        .at_least(0, 10)
        .wide_only(),
        Column::text("event", |event: &Self, _| event.label()).at_least(16, 20),
        Column::text("where", |event: &Self, _| known_locality(event.record.locality()))
            .at_least(6, 6)
            .not_narrow(),
        Column::text("state", |event: &Self, _| known_state(event.record.state()))
            .at_least(0, 22)
            .wide_only(),
    ];

    fn fields(&self) -> EventLine<'_> {
        EventLine::new("event", self)
    }

    fn emphasis(&self) -> Emphasis {
        let is_plain = self.record.flags().is_empty() && self.unexpected().is_none();
        if is_plain { Emphasis::None } else { Emphasis::Warning }
    }
}

/// The state's name, or a dash if the driver could not tell.
pub(crate) fn known_state(state: SessionState) -> String {
    or_dash((state != SessionState::UNKNOWN).then_some(state))
}

/// The locality's name, or a dash if the driver could not tell.
pub(crate) fn known_locality(locality: Locality) -> String {
    or_dash((locality != Locality::UNKNOWN).then_some(locality))
}

/// An event in the output for programs.
#[derive(Serialize)]
pub struct EventLine<'a> {
    r#type: &'static str,
    sequence: u64,
    time: SystemTime,
    monotonic_100ns: u64,
    session_id: u32,
    instance: u64,
    event: Named,
    state: Named,
    locality: Named,
    flags: Flags<'a>,
    who: Option<&'a Who>,
}

impl<'a> EventLine<'a> {
    pub(super) fn new(r#type: &'static str, event: &'a Event) -> Self {
        let Event { record, who, .. } = event;
        Self {
            r#type,
            sequence: record.sequence.get(),
            time: SystemTime(record.system_time.get()),
            monotonic_100ns: record.monotonic_time.get(),
            session_id: record.session_id.get(),
            instance: record.instance.get(),
            event: record.kind().into(),
            state: record.state().into(),
            locality: record.locality().into(),
            flags: Flags(record),
            who: who.as_ref(),
        }
    }
}

/// An event and its meaning in the output for programs.
#[derive(Serialize)]
pub(super) struct StepLine<'a> {
    r#type: &'static str,
    sequence: u64,
    time: SystemTime,
    monotonic_100ns: u64,
    session_id: u32,
    instance: u64,
    event: Named,
    state: Named,
    locality: Named,
    flags: Flags<'a>,
    meaning: Option<Meaning>,
    after_100ns: Option<u64>,
    hand_over: Option<HandOver>,
    unexpected: Option<Unexpected>,
}

impl<'a> StepLine<'a> {
    pub(super) fn new(event: &'a Event) -> Self {
        let EventLine {
            sequence,
            time,
            monotonic_100ns,
            session_id,
            instance,
            event: kind,
            state,
            locality,
            flags,
            ..
        } = EventLine::new("step", event);
        let step = event.step.as_ref();
        Self {
            r#type: "step",
            sequence,
            time,
            monotonic_100ns,
            session_id,
            instance,
            event: kind,
            state,
            locality,
            flags,
            meaning: step.map(|step| step.meaning),
            after_100ns: step.and_then(|step| step.after_100ns),
            hand_over: step.and_then(|step| step.hand_over),
            unexpected: step.and_then(|step| step.unexpected),
        }
    }
}

/// A value of an open set: its name, or its number if it has none.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Named {
    Name(&'static str),
    Number(u32),
}

impl Named {
    fn new(name: Option<&'static str>, number: u32) -> Self {
        name.map_or(Self::Number(number), Self::Name)
    }
}

impl From<EventKind> for Named {
    fn from(kind: EventKind) -> Self {
        Self::new(kind.name(), kind.0)
    }
}

impl From<SessionState> for Named {
    fn from(state: SessionState) -> Self {
        Self::new(state.name(), state.0)
    }
}

impl From<Locality> for Named {
    fn from(locality: Locality) -> Self {
        Self::new(locality.name(), locality.0.into())
    }
}

/// The flags of a record, as a list of names.
pub(super) struct Flags<'a>(pub(super) &'a Record);

impl Serialize for Flags<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(flag_names(self.0.flags()))
    }
}
