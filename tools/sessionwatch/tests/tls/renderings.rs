//! The complete output of `tls`, in each form.

use sessionwatch::render::{Form, Layout, Printer, Resumption, Row, Table};
use sessionwatch_tls::{
    ApplicationProtocol, Certificate, Facts, Probe, Protocol, SessionInfo, Status,
};

/// `SEC_E_UNSUPPORTED_FUNCTION`.
const UNSUPPORTED: Status = Status(0x8009_0302);
/// `CERT_E_UNTRUSTEDROOT`.
const UNTRUSTED: Status = Status(0x800B_0109);

fn facts(
    protocol: Protocol,
    trust: Result<(), Status>,
    session: Result<SessionInfo, Status>,
) -> Facts {
    Facts {
        protocol: Some(protocol),
        cipher_suite: Some("TLS_AES_256_GCM_SHA384".to_owned()),
        alpn: ApplicationProtocol::new(b"http/1.1"),
        certificate: Some(Certificate::new(
            "CN=*.example.org, O=\"Example, Inc.\"\u{1b}[31m",
            trust,
        )),
        session,
    }
}

fn session(flags: u32, size: u32, first: u8) -> SessionInfo {
    let id = std::array::from_fn(|place| first.wrapping_add(u8::try_from(place).unwrap()));
    SessionInfo::new(flags, size, id).unwrap()
}

/// A probe of a resumed session, with a flag that has no name.
fn resumed() -> Probe {
    Probe {
        server: "www.example.org".parse().unwrap(),
        address: "[2001:db8::7]:443".parse().unwrap(),
        first: facts(Protocol::TLS_1_3, Ok(()), Ok(session(0, 32, 0x10))),
        tickets: Some(2),
        second: facts(Protocol::TLS_1_3, Ok(()), Ok(session(0x11, 32, 0xF0))),
    }
}

/// A probe of a session that was not resumed.
fn not_resumed() -> Probe {
    Probe {
        server: "127.0.0.1:8443".parse().unwrap(),
        address: "127.0.0.1:8443".parse().unwrap(),
        first: facts(Protocol::TLS_1_2, Err(UNTRUSTED), Ok(session(0, 0, 0))),
        tickets: None,
        second: facts(Protocol::TLS_1_2, Err(UNTRUSTED), Ok(session(0, 3, 1))),
    }
}

/// A probe whose sessions the system does not describe.
fn unknown() -> Probe {
    let mut probe = not_resumed();
    for facts in [&mut probe.first, &mut probe.second] {
        *facts = Facts {
            protocol: None,
            cipher_suite: None,
            alpn: None,
            certificate: None,
            session: Err(UNSUPPORTED),
        };
    }
    probe
}

fn shown(form: &Form) -> String {
    let mut out = Vec::new();
    for probe in [resumed(), not_resumed(), unknown()] {
        let mut printer = Printer::new(form.clone(), &mut out);
        printer.object(&Resumption(probe)).unwrap();
        printer.end().unwrap();
        out.push(b'\n');
    }
    String::from_utf8(out).unwrap()
}

fn table(width: u16) -> Form {
    Form::Table(Table::new(Layout::new(width, None), false))
}

#[test]
fn at_80_columns() {
    let text = shown(&table(80));
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    insta::assert_snapshot!(text);
}

#[test]
fn at_200_columns() {
    insta::assert_snapshot!(shown(&table(200)));
}

#[test]
fn as_json() {
    insta::assert_snapshot!(shown(&Form::Json));
}

#[test]
fn as_ndjson() {
    insta::assert_snapshot!(shown(&Form::Ndjson));
}

#[test]
fn as_csv() {
    insta::assert_snapshot!(shown(&Form::Csv));
}

#[test]
fn csv_has_every_field() {
    for probe in [resumed(), not_resumed(), unknown()] {
        let value = serde_json::to_value(Resumption(probe)).unwrap();
        let leaves = value.as_object().unwrap().iter().flat_map(|(name, value)| {
            let nested = value.as_object().into_iter().flatten();
            let nested: Vec<_> = nested.map(|(leaf, _)| format!("{name}.{leaf}")).collect();
            if nested.is_empty() { vec![name.clone()] } else { nested }
        });
        let mut leaves: Vec<_> = leaves.collect();
        let mut fields = Resumption::FIELDS.to_vec();
        leaves.sort();
        fields.sort_unstable();
        assert_eq!(leaves, fields);
    }
}
