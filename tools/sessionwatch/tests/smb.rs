//! The complete output of `smb`, in each form.

use std::slice;

use jiff::{SignedDuration, Timestamp};
use sessionwatch::command::smb::{run, watch};
use sessionwatch::error::Error;
use sessionwatch::render::{Form, Layout, Printer, Table};
use sessionwatch_failure::{Exit, Failure, WindowsError};
use sessionwatch_smb::{
    Elapsed, Level, Look, Page, Query, Session, SessionServer, SmbError, UserFlags,
};

/// Sessions with different fields.
fn sessions() -> Vec<Session> {
    let text = |text: &str| Some(text.to_owned());
    vec![
        Session {
            cname: text("10.0.0.7"),
            username: text("chris"),
            num_opens: 3,
            time: 8133,
            idle_time: 60,
            user_flags: UserFlags::default(),
            cltype_name: text(""),
            transport: text(r"\Device\NetbiosSmb"),
        },
        Session {
            cname: text("[fe80::5054:ff:fe12:3456]"),
            username: text("Zoë 日本"),
            num_opens: 0,
            time: 0,
            idle_time: 0,
            user_flags: UserFlags::from_bits_retain(3),
            cltype_name: text("DOS LM 2.0"),
            transport: text(r"\Device\NetBT_Tcpip_{3F2504E0-4F89-41D3-9A0C-0305E82C3301}"),
        },
        Session {
            num_opens: u32::MAX,
            time: u32::MAX,
            idle_time: u32::MAX,
            user_flags: UserFlags::from_bits_retain(0x8000_0001),
            ..Session::default()
        },
    ]
}

/// A server with these sessions.
struct Server(Vec<Session>);

impl SessionServer for Server {
    fn page(&self, _: &Query, _: Level, _: u32) -> Result<Page, WindowsError> {
        Ok(Page { sessions: self.0.clone(), next: None })
    }

    fn one(&self, _: &Query, _: Level) -> Result<Session, WindowsError> {
        Err(WindowsError { code: 2312, message: String::new() })
    }
}

/// Looks at a server. The first session closes, then another one opens.
fn day() -> impl Iterator<Item = Result<Look, SmbError>> {
    let morning: Timestamp = "2026-03-01T08:00:00.1234567Z".parse().unwrap();
    let look = |seconds, sessions: &[Session]| Look {
        time: morning + SignedDuration::from_secs(seconds),
        elapsed: Elapsed { least: 5, most: 5 },
        sessions: sessions.to_vec(),
    };
    let [first, second, third] = &sessions()[..] else { unreachable!() };
    let later = Session { time: 5, ..second.clone() };
    let looks = [
        look(0, &[first.clone(), second.clone()]),
        look(5, slice::from_ref(&later)),
        look(10, &[Session { time: 10, ..later.clone() }, third.clone()]),
    ];
    looks.into_iter().map(Ok)
}

fn printed(form: Form, print: impl FnOnce(&mut Printer<'_>) -> Result<(), Error>) -> String {
    let mut out = Vec::new();
    let mut printer = Printer::new(form, &mut out);
    print(&mut printer).unwrap();
    printer.end().unwrap();
    String::from_utf8(out).unwrap()
}

fn list(form: Form) -> String {
    let query = Query { server: Some("FILES".to_owned()), ..Query::default() };
    printed(form, |printer| run(&Server(sessions()), &query, printer))
}

fn watched(form: Form, count: u64) -> String {
    printed(form, |printer| watch(&mut day(), &Query::default(), count, printer))
}

fn table(width: u16) -> Form {
    Form::Table(Table::new(Layout::new(width, None), false))
}

#[test]
fn the_list_at_80_columns() {
    insta::assert_snapshot!(list(table(80)));
}

#[test]
fn the_list_at_200_columns() {
    insta::assert_snapshot!(list(table(200)));
}

#[test]
fn the_list_as_json() {
    insta::assert_snapshot!(list(Form::Json));
}

#[test]
fn the_list_as_ndjson() {
    insta::assert_snapshot!(list(Form::Ndjson));
}

#[test]
fn the_list_as_csv() {
    insta::assert_snapshot!(list(Form::Csv));
}

#[test]
fn the_watch_at_80_columns() {
    insta::assert_snapshot!(watched(table(80), u64::MAX));
}

#[test]
fn the_watch_at_200_columns() {
    insta::assert_snapshot!(watched(table(200), u64::MAX));
}

#[test]
fn the_watch_as_json() {
    insta::assert_snapshot!(watched(Form::Json, u64::MAX));
}

#[test]
fn the_watch_as_ndjson() {
    insta::assert_snapshot!(watched(Form::Ndjson, u64::MAX));
}

#[test]
fn the_watch_as_csv() {
    insta::assert_snapshot!(watched(Form::Csv, u64::MAX));
}

#[test]
fn no_row_of_a_list_is_wider_than_its_table() {
    for width in [40, 80, 119, 120, 200] {
        for line in list(table(width)).lines() {
            assert!(line.chars().count() <= width.into(), "{width}: {line}");
        }
    }
}

#[test]
fn a_watch_ends_after_its_count_of_changes() {
    let all = watched(Form::Ndjson, u64::MAX);
    assert_eq!(all.lines().count(), 4);
    for count in 0..3 {
        let shown = 2 + usize::try_from(count).unwrap();
        let lines: Vec<_> = all.lines().take(shown).collect();
        assert_eq!(watched(Form::Ndjson, count).lines().collect::<Vec<_>>(), lines);
    }
}

#[test]
fn no_session_is_an_empty_list_or_an_error_for_a_named_query() {
    let run = |query: &Query| {
        let mut out = Vec::new();
        let mut printer = Printer::new(Form::Json, &mut out);
        let outcome = run(&Server(Vec::new()), query, &mut printer);
        printer.end().unwrap();
        (outcome.map_err(|error| error.exit()), String::from_utf8(out).unwrap())
    };
    assert_eq!(run(&Query::default()), (Ok(()), "[]\n".to_owned()));
    let named = |client, user| {
        let [client, user] = [client, user].map(|is_named: bool| is_named.then(|| "x".to_owned()));
        Query { client, user, ..Query::default() }
    };
    for query in [named(true, false), named(false, true), named(true, true)] {
        assert_eq!(run(&query), (Err(Exit::NotFound), String::new()));
    }
}
