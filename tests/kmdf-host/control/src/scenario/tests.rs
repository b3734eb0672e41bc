use super::*;

fn one(step: &str) -> Result<Raise, ScenarioError> {
    let text = format!(r#"{{"description": "", "steps": [{step}]}}"#);
    Ok(Scenario::parse(&text)?.raises()?.remove(0))
}

fn problem(step: &str) -> String {
    one(step).expect_err("the step should be refused").to_string()
}

#[test]
fn a_connect_carries_its_session_and_locality() {
    let raise =
        one(r#"{"at_ms": 0, "session": 258, "event": "connected", "local": true}"#).unwrap();
    assert_eq!(raise.payload.bytes.as_deref(), Some("0201000001000000"));
    assert_eq!(raise.payload.length, 8);
    assert_eq!(raise.state, State::CONNECTED);
    assert_eq!(raise.local, 1);
}

#[test]
fn other_events_carry_nothing() {
    let raise = one(r#"{"at_ms": 0, "session": 1, "event": "logon"}"#).unwrap();
    assert_eq!(raise.payload, Payload { bytes: None, length: 0 });
    assert!(!raise.information_fails);
}

#[test]
fn payloads_may_lie() {
    let short =
        one(r#"{"at_ms":0,"session":1,"event":3,"payload":{"custom":{"hex":"0102","length":8}}}"#)
            .unwrap();
    assert_eq!(short.payload, Payload { bytes: Some("0102".into()), length: 8 });
    let other =
        one(r#"{"at_ms":0,"session":1,"event":3,"payload":{"custom":{"session":9,"local":255}}}"#)
            .unwrap();
    assert_eq!(other.payload, Payload { bytes: Some("09000000ff000000".into()), length: 8 });
    let null =
        one(r#"{"at_ms":0,"session":1,"event":3,"payload":{"custom":{"null":true,"length":8}}}"#)
            .unwrap();
    assert_eq!(null.payload, Payload { bytes: None, length: 8 });
}

#[test]
fn mistakes_are_named() {
    let unknown = problem(r#"{"at_ms": 0, "session": 1, "event": "logon", "user": "x"}"#);
    assert!(unknown.contains("unknown field `user`"), "{unknown}");
    let event = problem(r#"{"at_ms": 0, "session": 1, "event": "lock"}"#);
    assert!(event.contains("unknown variant `lock`"), "{event}");
    let digits = problem(r#"{"at_ms":0,"session":1,"event":3,"payload":{"custom":{"hex":"0"}}}"#);
    assert_eq!(digits, "step 1: `hex` is not pairs of hexadecimal digits");
    let both = problem(
        r#"{"at_ms":0,"session":1,"event":3,"payload":{"custom":{"hex":"00","session":1}}}"#,
    );
    assert!(both.contains("exclude each other"), "{both}");
}

#[test]
fn time_does_not_go_back() {
    let steps = r#"{"at_ms": 5, "session": 1, "event": 1}, {"at_ms": 4, "session": 1, "event": 2}"#;
    assert_eq!(problem(steps), "step 2: `at_ms` goes back");
}

#[test]
fn states_follow_each_session_by_itself() {
    let text = r#"{"description": "", "steps": [
        {"at_ms": 0, "session": 1, "event": "logon"},
        {"at_ms": 0, "session": 2, "event": "disconnected"},
        {"at_ms": 0, "session": 1, "event": "disconnected"},
        {"at_ms": 0, "session": 1, "event": "connected"}
    ]}"#;
    let states: Vec<_> =
        Scenario::parse(text).unwrap().raises().unwrap().iter().map(|raise| raise.state).collect();
    assert_eq!(
        states,
        [State::LOGGED_ON, State::DISCONNECTED, State::DISCONNECTED_LOGGED_ON, State::LOGGED_ON]
    );
}
