//! The probe over a security package and a network that are plain data.

mod toy;

use std::io::ErrorKind;

use proptest::prelude::*;
use sessionwatch_failure::{Exit, Failure};
use sessionwatch_tls::{Probe, ProbeOptions, Stage, Status, TlsError, Verdict, probe};
use toy::{End, Package, Script, certificate, record, whim};

/// `SEC_E_INTERNAL_ERROR`.
const INTERNAL: Status = Status(0x8009_0304);

const TRUSTING: ProbeOptions = ProbeOptions { timeout_seconds: 10, needs_trust: true };

/// A handshake in three records, then the records `behind` it.
fn flight(behind: &[Vec<u8>]) -> Vec<u8> {
    [&record(0x16, b"c-hello")[..], &record(0x16, b"c-certificate"), &record(0x16, b"d-done")]
        .into_iter()
        .chain(behind.iter().map(Vec::as_slice))
        .collect::<Vec<_>>()
        .concat()
}

/// Probes a server that sends `bytes` in both connections, in pieces of `sizes`, and then ends
/// the connection like `end`.
fn probe_bytes(bytes: &[u8], sizes: &[usize], end: End) -> (Result<Probe, TlsError>, Script) {
    let mut network = Script::new(bytes, sizes, end);
    let found = probe(&Package::new(), &mut network, &"localhost".parse().unwrap(), TRUSTING);
    (found, network)
}

fn failure(bytes: &[u8], end: End) -> TlsError {
    probe_bytes(bytes, &[], end).0.unwrap_err()
}

#[test]
fn the_probe_makes_two_handshakes_and_closes_both_cleanly() {
    let (found, network) = probe_bytes(&flight(&[]), &[], End::Closed);
    let found = found.unwrap();
    assert_eq!(Verdict::of(&found), Verdict::Resumed);
    assert_eq!(found.tickets, Some(0));
    assert_eq!(network.connected, ["127.0.0.1:443".parse().unwrap(); 2]);
    for sent in &network.sent() {
        assert_eq!(sent, b"hello;ack;ack;done;farewell;|");
    }
}

#[test]
fn the_probe_waits_for_tickets_only_after_the_first_handshake() {
    let tickets = [record(0x17, b"t-1"), record(0x17, b"a-data"), record(0x17, b"t-2")];
    let (found, network) = probe_bytes(&flight(&tickets), &[], End::Late);
    assert_eq!(found.unwrap().tickets, Some(2));
    let sent = network.sent();
    assert_eq!(sent[0], b"hello;ack;ack;done;taken;taken;farewell;|");
    assert_eq!(sent[1], b"hello;ack;ack;done;farewell;|");
}

#[test]
fn an_error_after_the_handshake_does_not_undo_it() {
    for behind in [&b"\x17\x03\x03\x00\x05t"[..], &record(0x17, b"z"), &record(0x17, b"f"), b"\x00"]
    {
        for end in [End::Late, End::Closed, End::Reset] {
            let (found, _) = probe_bytes(&flight(&[behind.to_vec()]), &[], end);
            assert_eq!(found.unwrap().tickets, Some(0), "{behind:?} {end:?}");
        }
    }
}

#[test]
fn the_probe_answers_a_certificate_request_without_one() {
    let bytes = [record(0x16, b"q-request"), record(0x16, b"d-done")].concat();
    let (found, network) = probe_bytes(&bytes, &[], End::Closed);
    assert!(found.is_ok());
    assert_eq!(network.sent()[0], b"hello;none;done;farewell;|");
}

#[test]
fn each_fault_of_a_server_has_its_error() {
    assert!(matches!(failure(b"", End::Closed), TlsError::Closed));
    assert!(matches!(
        failure(b"", End::Late),
        TlsError::TimedOut { seconds: 10, stage: Stage::Handshake }
    ));
    assert!(matches!(failure(&flight(&[])[..20], End::Closed), TlsError::Closed));
    assert!(matches!(failure(&flight(&[])[..20], End::Late), TlsError::TimedOut { .. }));
    let TlsError::Broken(error) = failure(&flight(&[])[..3], End::Reset) else { panic!() };
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    let TlsError::NotTls(says) = failure(b"SSH-2.0-x\x1b[0m\r\nmore", End::Late) else { panic!() };
    assert_eq!(says, "SSH-2.0-x\\x1b[0m");
    let TlsError::NotTls(says) = failure(&[b'x'; 100], End::Late) else { panic!() };
    assert_eq!(says.len(), 40);
    let TlsError::Alert(alert) = failure(b"\x15\x03\x03\x00\x02\x02\x46", End::Closed) else {
        panic!()
    };
    assert_eq!(alert.name(), Some("protocol_version"));
    // An alert may follow handshake messages.
    let late = [record(0x16, b"c"), b"\x15\x03\x03\x00\x02\x02\x28".to_vec()].concat();
    assert!(matches!(failure(&late, End::Closed), TlsError::Alert(alert) if alert.0 == 40));
    assert!(matches!(failure(&record(0x16, b"f"), End::Closed), TlsError::Handshake(INTERNAL)));
    // A handshake that never ends is an error.
    let endless = record(0x16, &[b'c'; 16_000]).repeat(100);
    assert!(matches!(failure(&endless, End::Late), TlsError::TooMuch(_)));
}

#[test]
fn an_untrusted_certificate_ends_the_probe_if_it_needs_trust() {
    let server = "localhost".parse().unwrap();
    for (certificate, says) in [
        (Some(certificate(Err(Status(0x800B_0109)))), "CERT_E_UNTRUSTEDROOT"),
        (None, "no certificate"),
    ] {
        let package = Package { certificate, ..Package::new() };
        let network = || Script::new(&flight(&[]), &[], End::Closed);
        let mut first = network();
        let error = probe(&package, &mut first, &server, TRUSTING).unwrap_err();
        assert!(error.to_string().contains(says), "{error}");
        assert!(error.hint().unwrap().contains("--insecure"), "{error}");
        // The probe closed the first connection and made no second one.
        assert_eq!(first.sent(), [b"hello;ack;ack;done;farewell;|"]);
        let insecure = ProbeOptions { needs_trust: false, ..TRUSTING };
        assert!(probe(&package, &mut network(), &server, insecure).is_ok());
    }
}

#[test]
fn both_connections_use_the_first_address_that_answers() {
    let server = "example.org:8443".parse().unwrap();
    let mut network = Script::new(&flight(&[]), &[], End::Closed);
    let address = |text: &str| text.parse().unwrap();
    network.addresses =
        vec![address("192.0.2.1:8443"), address("192.0.2.2:8443"), address("192.0.2.3:8443")];
    // The first address would accept the second connection, but may be another server.
    network.rejections = vec![(address("192.0.2.1:8443"), ErrorKind::TimedOut)];
    let found = probe(&Package::new(), &mut network, &server, TRUSTING).unwrap();
    assert_eq!(found.address, address("192.0.2.2:8443"));
    assert_eq!(network.connected, [address("192.0.2.2:8443"); 2]);
}

#[test]
fn an_unreachable_server_differs_from_one_that_fails_the_handshake() {
    let server = "example.org".parse().unwrap();
    for (kind, says) in [
        (ErrorKind::ConnectionRefused, "connection refused"),
        (ErrorKind::TimedOut, "the connection timed out after 10 s"),
        (ErrorKind::NetworkUnreachable, "cannot connect: "),
    ] {
        let mut network = Script::new(b"", &[], End::Closed);
        network.rejections = vec![("127.0.0.1:443".parse().unwrap(), kind)];
        let error = probe(&Package::new(), &mut network, &server, TRUSTING).unwrap_err();
        assert!(error.to_string().contains(says), "{error}");
        assert_eq!(error.exit(), Exit::NotFound);
    }
    let mut network = Script::new(b"", &[], End::Closed);
    network.addresses.clear();
    let error = probe(&Package::new(), &mut network, &server, TRUSTING).unwrap_err();
    assert!(matches!(error, TlsError::NoAddress(_)));
    assert_eq!(error.exit(), Exit::NotFound);
    assert_eq!(failure(b"", End::Closed).exit(), Exit::Handshake);
}

proptest! {
    /// The result does not depend on how the network cuts the server's bytes.
    #[test]
    fn any_pieces_are_one_handshake(
        behind in prop::collection::vec(
            prop::sample::select(vec![record(0x17, b"t-ticket"), record(0x17, b"a-data")]), 0..4,
        ),
        sizes in prop::collection::vec(1_usize..30, 0..40),
    ) {
        let (whole, _) = probe_bytes(&flight(&behind), &[], End::Closed);
        let (pieces, network) = probe_bytes(&flight(&behind), &sizes, End::Closed);
        let (whole, pieces) = (whole.unwrap(), pieces.unwrap());
        // The probe may leave tickets after the first unread.
        prop_assert!(pieces.tickets <= whole.tickets);
        prop_assert_eq!(pieces.tickets == Some(0), whole.tickets == Some(0));
        prop_assert_eq!((pieces.first, pieces.second), (whole.first, whole.second));
        prop_assert!(network.sent()[1] == b"hello;ack;ack;done;farewell;|");
    }

    /// The probe ends after a bounded number of steps, whatever the server sends and however the
    /// package contradicts itself.
    #[test]
    fn the_probe_ends_with_any_bytes_and_any_package(
        bytes in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..200),
            prop::collection::vec(any::<u8>(), 0..200).prop_map(|rest| [&b"\x16\x03\x03\x00\x40"[..], &rest].concat()),
        ],
        sizes in prop::collection::vec(1_usize..50, 0..20),
        end in prop::sample::select(vec![End::Closed, End::Late, End::Reset]),
        whims in prop::collection::vec(whim(), 1..40),
    ) {
        let package = Package { whims, ..Package::new() };
        let mut network = Script::new(&bytes, &sizes, end);
        let _ = probe(&package, &mut network, &"localhost".parse().unwrap(), TRUSTING);
        // Each step uses bytes, follows a read, or answers that there is no certificate, once per
        // message.
        prop_assert!(package.steps.get() <= 2 * (3 * bytes.len() + 5));
    }
}
