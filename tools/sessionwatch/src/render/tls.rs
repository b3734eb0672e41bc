//! The row of a probe of TLS session resumption.

use serde::{Serialize, Serializer};
use sessionwatch_tls::{Facts, Hint, Probe, SessionInfo, Status, Verdict};

use super::{Column, Row, flag_names, or_dash, unnamed_flags};

/// The row of a probe.
#[derive(Clone, Debug)]
pub struct Resumption(
    /// The result of the probe.
    pub Probe,
);

impl Row for Resumption {
    const FIELDS: &'static [&'static str] = &[
        "type",
        "host",
        "port",
        "address",
        "certificate.subject",
        "certificate.trusted",
        "certificate.problem",
        "first.protocol",
        "first.cipher_suite",
        "first.alpn",
        "first.reconnect",
        "first.session_flags",
        "first.session_id",
        "first.session_id_bytes",
        "first.session_problem",
        "first.tickets",
        "second.protocol",
        "second.cipher_suite",
        "second.alpn",
        "second.reconnect",
        "second.session_flags",
        "second.session_id",
        "second.session_id_bytes",
        "second.session_problem",
        "second.tickets",
        "verdict",
        "hint",
    ];

    const COLUMNS: &'static [Column<Self>] = &[
        Column::text("server", |row, _| server(&row.0)),
        Column::text("certificate", |row, _| certificate(&row.0.first)),
        Column::text("first", |row, _| handshake(&row.0.first, row.0.tickets)),
        Column::text("first flags", |row, _| flags(&row.0.first)),
        Column::text("first id", |row, _| id(&row.0.first)),
        Column::text("second", |row, _| handshake(&row.0.second, None)),
        Column::text("second flags", |row, _| flags(&row.0.second)),
        Column::text("second id", |row, _| id(&row.0.second)),
        Column::text("verdict", |row, _| Verdict::of(&row.0).sentence()),
    ];
}

impl Serialize for Resumption {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(probe) = self;
        let verdict = Verdict::of(probe);
        let certificate = probe.first.certificate.as_ref();
        let trust = certificate.map(|certificate| certificate.trust);
        let fields = Fields {
            host: probe.server.host.to_string(),
            port: probe.server.port,
            address: probe.address.to_string(),
            certificate: CertificateFields {
                subject: certificate.map(|certificate| certificate.subject.as_str()),
                trusted: trust.map(|trust| trust.is_ok()),
                problem: trust.and_then(Result::err).map(status_name),
            },
            first: HandshakeFields::new(&probe.first, probe.tickets),
            second: HandshakeFields::new(&probe.second, None),
            verdict: verdict.name(),
            hint: verdict.hint().map(Hint::name),
        };
        fields.serialize(serializer)
    }
}

/// The JSON object of a probe. The field names are a promise to programs.
#[derive(Serialize)]
#[serde(tag = "type", rename = "tls")]
struct Fields<'a> {
    host: String,
    port: u16,
    address: String,
    certificate: CertificateFields<'a>,
    first: HandshakeFields<'a>,
    second: HandshakeFields<'a>,
    verdict: &'static str,
    hint: Option<&'static str>,
}

#[derive(Serialize)]
struct CertificateFields<'a> {
    subject: Option<&'a str>,
    trusted: Option<bool>,
    problem: Option<String>,
}

#[derive(Serialize)]
struct HandshakeFields<'a> {
    protocol: Option<String>,
    cipher_suite: Option<&'a str>,
    alpn: Option<String>,
    reconnect: Option<bool>,
    session_flags: Option<Vec<String>>,
    session_id: Option<String>,
    session_id_bytes: Option<usize>,
    session_problem: Option<String>,
    tickets: Option<u32>,
}

impl<'a> HandshakeFields<'a> {
    fn new(facts: &'a Facts, tickets: Option<u32>) -> Self {
        let session = facts.session.as_ref().ok();
        Self {
            protocol: facts.protocol.map(|protocol| protocol.to_string()),
            cipher_suite: facts.cipher_suite.as_deref(),
            alpn: facts.alpn.as_ref().map(ToString::to_string),
            reconnect: session.map(|session| session.flags.is_reconnect()),
            session_flags: session.map(|session| session_flags(session).collect()),
            session_id: session.map(|session| hex::encode(&session.id)),
            session_id_bytes: session.map(|session| session.id.len()),
            session_problem: facts.session.as_ref().err().copied().map(status_name),
            tickets,
        }
    }
}

fn session_flags(session: &SessionInfo) -> impl Iterator<Item = String> {
    flag_names(session.flags)
}

/// The name of a status in `winerror.h`, or its number.
fn status_name(status: Status) -> String {
    status.name().map_or_else(|| format!("{:#010x}", status.0), str::to_owned)
}

fn server(probe: &Probe) -> String {
    let (server, address) = (probe.server.to_string(), probe.address.to_string());
    if server == address { server } else { format!("{server}, at {address}") }
}

fn certificate(facts: &Facts) -> String {
    let Some(certificate) = &facts.certificate else { return "none".to_owned() };
    let subject = &certificate.subject;
    match certificate.trust {
        Ok(()) => format!("{subject}; trusted"),
        Err(status) => format!("{subject}; not trusted: {}", status.reason()),
    }
}

fn handshake(facts: &Facts, tickets: Option<u32>) -> String {
    let protocol = facts.alpn.as_ref().map(|protocol| format!(", ALPN {protocol}"));
    let tickets = tickets.map(|count| match count {
        1 => ", then 1 ticket".to_owned(),
        _ => format!(", then {count} tickets"),
    });
    format!(
        "{}, {}{}{}",
        or_dash(facts.protocol),
        or_dash(facts.cipher_suite.as_ref()),
        protocol.unwrap_or_default(),
        tickets.unwrap_or_default()
    )
}

fn flags(facts: &Facts) -> String {
    match &facts.session {
        Ok(session) => {
            let kind = if session.flags.is_reconnect() { "resumed session" } else { "new session" };
            let number = session.flags.bits();
            match unnamed_flags(session.flags) {
                None => format!("{kind} ({number:#x})"),
                Some(unnamed) => format!("{kind}, with unnamed bits {unnamed} ({number:#x})"),
            }
        }
        Err(status) => format!("not reported by this system ({status})"),
    }
}

fn id(facts: &Facts) -> String {
    match &facts.session {
        Ok(session) if session.id.is_empty() => "none".to_owned(),
        Ok(session) => hex::encode(&session.id),
        Err(_) => "-".to_owned(),
    }
}
