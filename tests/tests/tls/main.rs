//! `sessionwatch tls`, the shipped program, against real TLS servers.
//!
//! The servers are programs of this system, and the tool is a program of Windows. So these tests
//! run outside of Wine and start the tool in it.
//!
//! Wine's Schannel has TLS 1.2, resumes no session and does not report
//! `SECPKG_ATTR_SESSION_INFO`. Where a test needs that, `tests/stand-ins/secur32.c` reports it,
//! and counts the objects that the tool frees. The probe also runs over Rustls, which has
//! TLS 1.3 and resumes sessions.
#![cfg(target_os = "linux")]

mod package;
mod server;
mod tool;

use std::io::Write as _;
use std::net::{Ipv4Addr, TcpListener};

use package::Rustls;
use rustls::client::{Resumption, Tls12Resumption};
use rustls::version::{TLS12, TLS13};
use serde_json::{Value, json};
use server::{OpenSsl, Scripted};
use sessionwatch_tls::{Hint, ProbeOptions, Protocol, Tcp, Verdict};
use tool::Tool;

const HANDSHAKE: Option<i32> = Some(13);
const NOT_FOUND: Option<i32> = Some(12);
const BAD_REPLY: Option<i32> = Some(7);
const USAGE: Option<i32> = Some(2);

const INSECURE: [&str; 3] = ["--insecure", "--output", "ndjson"];

fn probe(tool: &Tool, server: &str, options: &[&str]) -> Value {
    let ended = tool.run(&[&[server][..], &INSECURE, options].concat());
    assert_eq!((ended.code, ended.diagnostics.as_str()), (Some(0), ""), "{server} {options:?}");
    serde_json::from_str(&ended.output).unwrap()
}

/// An error and a hint on stderr, nothing on stdout.
fn failure(tool: &Tool, arguments: &[&str]) -> (Option<i32>, String) {
    let ended = tool.run(arguments);
    assert_eq!(ended.output, "", "{arguments:?}");
    // Wine's TLS library sometimes prints messages of its own.
    let is_ours = |line: &&str| !line.is_empty() && !line.starts_with("GnuTLS error: ");
    let said: Vec<&str> = ended.diagnostics.lines().filter(is_ours).collect();
    let [error, hint] = said[..] else { panic!("{}", ended.diagnostics) };
    assert!(error.starts_with("error: ") && hint.starts_with("hint: "), "{}", ended.diagnostics);
    (ended.code, said.join("\n"))
}

#[test]
fn both_handshakes_are_printed_however_the_server_resumes() {
    for arguments in [
        &["-tls1_2"][..],
        &["-tls1_2", "-no_ticket"],
        &["-tls1_2", "-no_ticket", "-no_cache"],
        &["-num_tickets", "2"],
        &["-num_tickets", "0"],
        // The server asks for a certificate, but accepts a client without one.
        &["-verify", "1"],
    ] {
        let server = OpenSsl::start(arguments);
        let shown = probe(&Tool::shipped(), &server.name(), &[]);
        for handshake in ["first", "second"] {
            let shown = &shown[handshake];
            assert_eq!(shown["protocol"], "TLS 1.2", "{arguments:?}");
            let suite = shown["cipher_suite"].as_str().unwrap();
            assert!(suite.starts_with("TLS_ECDHE_ECDSA_WITH_"), "{suite}");
            assert_eq!((&shown["alpn"], &shown["tickets"]), (&Value::Null, &Value::Null));
            assert_eq!(shown["session_problem"], "SEC_E_UNSUPPORTED_FUNCTION");
            assert_eq!((&shown["reconnect"], &shown["session_id"]), (&Value::Null, &Value::Null));
        }
        assert_eq!((&shown["host"], &shown["verdict"]), (&json!("localhost"), &json!("unknown")));
        assert_eq!(shown["certificate"]["subject"], "CN=localhost, O=Probe");
        assert_eq!(shown["certificate"]["problem"], "CERT_E_UNTRUSTEDROOT");
        let said = server.stop();
        assert_eq!(said.matches("CIPHER is ").count(), 2, "{said}");
        assert_eq!(said.matches("Reused session-id").count(), 0, "{said}");
        // Both connections ended in good order, so the server may keep the sessions.
        assert!(!said.contains("ERROR"), "{said}");
    }
}

/// The probe over a package that resumes, with servers that resume and servers that do not.
#[test]
fn a_session_is_resumed_if_server_and_client_both_can() {
    let (tickets_only, ids_only) =
        (Tls12Resumption::SessionIdOrTickets, Tls12Resumption::SessionIdOnly);
    let not = Verdict::NotResumed;
    for (arguments, version, tls12, tickets, verdict) in [
        (&["-tls1_3"][..], &TLS13, tickets_only, Some(2), Verdict::Resumed),
        (&["-tls1_3", "-num_tickets", "1"], &TLS13, tickets_only, Some(1), Verdict::Resumed),
        (&["-tls1_3", "-num_tickets", "0"], &TLS13, tickets_only, Some(0), not(Hint::NoTicket)),
        (&["-tls1_2"], &TLS12, tickets_only, None, Verdict::Resumed),
        (&["-tls1_2", "-no_ticket"], &TLS12, ids_only, None, Verdict::Resumed),
        (&["-tls1_2", "-no_ticket", "-no_cache"], &TLS12, ids_only, None, not(Hint::NoSessionId)),
    ] {
        let server = OpenSsl::start(arguments);
        let resumption = Resumption::in_memory_sessions(8).tls12_resumption(tls12);
        let package = Rustls::new(version, resumption);
        let options = ProbeOptions { timeout_seconds: 20, needs_trust: true };
        let host = server.name().parse().unwrap();
        let found = sessionwatch_tls::probe(&package, &mut Tcp, &host, options).unwrap();
        assert_eq!(
            (found.tickets, Verdict::of(&found)),
            (tickets, verdict.clone()),
            "{arguments:?}"
        );
        let spoken = if version == &TLS13 { Protocol::TLS_1_3 } else { Protocol::TLS_1_2 };
        assert_eq!((found.first.protocol, found.second.protocol), (Some(spoken), Some(spoken)));
        let said = server.stop();
        assert_eq!(said.matches("CIPHER is ").count(), 2, "{said}");
        // The server agrees.
        let reused = usize::from(verdict == Verdict::Resumed);
        assert_eq!(said.matches("Reused session-id").count(), reused, "{said}");
        assert!(!said.contains("ERROR"), "{said}");
    }
}

/// A client that caches no session does not resume, whatever the server offers.
#[test]
fn a_client_that_caches_no_session_resumes_none() {
    for (arguments, version) in [(&["-tls1_3"][..], &TLS13), (&["-tls1_2"], &TLS12)] {
        let server = OpenSsl::start(arguments);
        let package = Rustls::new(version, Resumption::disabled());
        let options = ProbeOptions { timeout_seconds: 20, needs_trust: true };
        let host = server.name().parse().unwrap();
        let found = sessionwatch_tls::probe(&package, &mut Tcp, &host, options).unwrap();
        let verdict = Verdict::of(&found);
        assert!(matches!(verdict, Verdict::NotResumed(_)), "{verdict:?}");
        assert_eq!(server.stop().matches("Reused session-id").count(), 0);
    }
}

#[test]
fn a_protocol_is_agreed_on_or_rejected() {
    let server = OpenSsl::start(&["-tls1_2", "-alpn", "h2,http/1.1"]);
    let shown = probe(&Tool::shipped(), &server.name(), &["--alpn", "http/1.1,h2"]);
    assert_eq!(shown["first"]["alpn"], "h2");
    let (code, said) =
        failure(&Tool::shipped(), &[&server.name(), "--insecure", "--alpn", "gopher"]);
    assert_eq!(code, HANDSHAKE);
    assert!(
        said.contains("alert no_application_protocol (120)") && said.contains("--alpn"),
        "{said}"
    );
}

#[test]
fn a_server_that_rejects_the_handshake_says_why() {
    for (arguments, says) in [
        (&["-tls1_3"][..], "alert protocol_version (70)"),
        (&["-tls1_2", "-cipher", "PSK-AES128-CBC-SHA"], "alert handshake_failure (40)"),
        (&["-tls1_2", "-Verify", "1"], "alert handshake_failure (40)"),
    ] {
        let server = OpenSsl::start(arguments);
        let (code, said) = failure(&Tool::shipped(), &[&server.name(), "--insecure"]);
        assert_eq!(code, HANDSHAKE, "{said}");
        assert!(said.contains(says), "{arguments:?}: {said}");
    }
}

#[test]
fn an_untrusted_certificate_ends_the_probe() {
    let server = OpenSsl::start(&["-tls1_2"]);
    let (code, said) = failure(&Tool::shipped(), &[&server.name()]);
    assert_eq!(code, HANDSHAKE);
    assert!(said.contains("`CN=localhost, O=Probe` is not trusted"), "{said}");
    assert!(said.contains("CERT_E_UNTRUSTEDROOT") && said.contains("--insecure"), "{said}");
    assert_eq!(server.stop().matches("CIPHER is ").count(), 1);
}

#[test]
fn the_descriptions_of_the_sessions_are_printed() {
    let server = OpenSsl::start(&["-tls1_2"]);
    let id = |byte: &str, count: usize| json!(byte.repeat(count));
    for (sessions, first, second, verdict, hint) in [
        (
            "0/20/a1,1/20/a1",
            (json!([]), id("a1", 32)),
            (json!(["reconnect"]), id("a1", 32)),
            "resumed",
            Value::Null,
        ),
        (
            "0/20/a1,0/20/b2",
            (json!([]), id("a1", 32)),
            (json!([]), id("b2", 32)),
            "not_resumed",
            json!("not_visible"),
        ),
        (
            "0/0/a1,0/0/b2",
            (json!([]), json!("")),
            (json!([]), json!("")),
            "not_resumed",
            json!("no_session_id"),
        ),
        (
            "1/1/a1,1/1/a1",
            (json!(["reconnect"]), json!("a1")),
            (json!(["reconnect"]), json!("a1")),
            "resumed_earlier",
            Value::Null,
        ),
        (
            "80000000/3/7f,11/1f/80",
            (json!(["0x80000000"]), id("7f", 3)),
            (json!(["reconnect", "0x0010"]), id("80", 31)),
            "resumed",
            Value::Null,
        ),
    ] {
        let tool = Tool::with_sessions(sessions);
        let shown = probe(&tool, &server.name(), &[]);
        for (handshake, (flags, id)) in [("first", first), ("second", second)] {
            let shown = &shown[handshake];
            assert_eq!(
                (&shown["session_flags"], &shown["session_id"]),
                (&flags, &id),
                "{sessions}"
            );
            assert_eq!(shown["session_id_bytes"], id.as_str().unwrap().len() / 2);
            assert_eq!(shown["reconnect"], flags.to_string().contains("reconnect"));
            assert_eq!(shown["session_problem"], Value::Null);
        }
        assert_eq!((&shown["verdict"], &shown["hint"]), (&json!(verdict), &hint), "{sessions}");
        tool.assert_balanced(2);
    }
    // One description of two gives no verdict.
    let tool = Tool::with_sessions("0/20/a1");
    let shown = probe(&tool, &server.name(), &[]);
    assert_eq!(
        (&shown["verdict"], &shown["first"]["reconnect"]),
        (&json!("unknown"), &json!(false))
    );
}

#[test]
fn an_id_that_is_too_long_is_rejected() {
    let server = OpenSsl::start(&["-tls1_2"]);
    for (sessions, contexts, size) in
        [("0/21/a1,0/20/a1", 1, "33"), ("0/20/a1,1/ffffffff/a1", 2, "4294967295")]
    {
        let tool = Tool::with_sessions(sessions);
        let (code, said) = failure(&tool, &[&server.name(), "--insecure"]);
        assert_eq!(code, BAD_REPLY, "{said}");
        assert!(said.contains(&format!("a session id of {size} bytes")), "{said}");
        tool.assert_balanced(contexts);
    }
}

#[test]
fn an_error_frees_everything() {
    let trusted_nowhere = OpenSsl::start(&["-tls1_2"]);
    let tool = Tool::with_sessions("");
    failure(&tool, &[&trusted_nowhere.name()]);
    tool.assert_balanced(1);
    let refusing = OpenSsl::start(&["-tls1_3"]);
    let tool = Tool::with_sessions("");
    failure(&tool, &[&refusing.name()]);
    tool.assert_balanced(1);
}

#[test]
fn the_table_has_the_verdict_and_its_scope() {
    let server = OpenSsl::start(&["-tls1_2"]);
    let tool = Tool::with_sessions("0/20/a1,1/20/a1");
    let ended = tool.run(&[&server.name(), "--insecure"]);
    assert_eq!(ended.code, Some(0));
    for line in [
        "first flags   new session (0x0)",
        "second flags  resumed session (0x1)",
        "verdict       the second handshake resumed the first session",
        "-- covers only the two connections of this command: Windows keeps no list of a machine's TLS sessions",
    ] {
        assert!(ended.output.lines().any(|shown| shown == line), "{line}\n{}", ended.output);
    }
    assert!(!ended.output.contains('\u{1b}'), "colours in a pipe");
}

#[test]
fn addresses_of_both_families_are_reached() {
    let server = OpenSsl::start_at("[::1]:0", &["-tls1_2"]);
    let shown = probe(&Tool::shipped(), &format!("[::1]:{}", server.port()), &[]);
    assert_eq!((&shown["host"], &shown["port"]), (&json!("::1"), &json!(server.port())));
    assert_eq!(shown["address"], format!("[::1]:{}", server.port()));
    let server = OpenSsl::start(&["-tls1_2"]);
    let shown = probe(&Tool::shipped(), &format!("127.0.0.1:{}", server.port()), &[]);
    assert_eq!(shown["host"], "127.0.0.1");
}

#[test]
fn a_server_without_tls_is_an_error() {
    let greeting = Scripted::start(|mut peer| {
        peer.write_all(b"220 mail.example ESMTP\r\n")?;
        server::until_closed(peer)
    });
    let closing = Scripted::start(|peer| {
        drop(peer);
        Ok(())
    });
    let silent = Scripted::start(server::until_closed);
    let garbage = Scripted::start(|mut peer| {
        // A handshake message with an invalid body.
        peer.write_all(b"\x16\x03\x03\x00\x08\x02\x00\x00\x04\xA5\xA5\xA5\xA5")?;
        server::until_closed(peer)
    });
    for (server, says) in [
        (&greeting, "does not speak TLS: it sent `220 mail.example ESMTP`"),
        (&closing, "during the handshake"),
        (&silent, "the handshake timed out after 2 s"),
        (&garbage, "the handshake failed: "),
    ] {
        let (code, said) = failure(&Tool::shipped(), &[&server.name(), "--timeout", "2"]);
        assert_eq!(code, HANDSHAKE, "{said}");
        assert!(said.contains(says), "{says}: {said}");
    }
}

#[test]
fn a_missing_server_is_not_found() {
    let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
    let (code, said) = failure(&Tool::shipped(), &[&format!("127.0.0.1:{port}")]);
    assert_eq!(code, NOT_FOUND, "{said}");
    assert!(said.contains("connection refused"), "{said}");
    let (code, said) = failure(&Tool::shipped(), &["no-such-host.invalid"]);
    assert_eq!(code, NOT_FOUND, "{said}");
    assert!(said.contains("no address found"), "{said}");
}

#[test]
fn an_invalid_host_is_wrong_usage() {
    for (host, says) in [
        ("https://localhost", "write only the host"),
        ("::1", "brackets"),
        ("localhost:0", "not a port"),
        ("b\u{fc}cher.example", "xn--"),
    ] {
        let ended = Tool::shipped().run(&[host]);
        assert_eq!((ended.code, ended.output.as_str()), (USAGE, ""), "{host}");
        assert!(ended.diagnostics.contains(says), "{}", ended.diagnostics);
    }
}
