use super::*;

fn one(step: &str) -> Result<Raise, ScenarioError> {
    let text = format!(r#"{{"description": "", "steps": [{step}]}}"#);
    Ok(Scenario::parse(&text)?.raises()?.remove(0))
}

fn problem(step: &str) -> String {
    one(step).expect_err("an error for this step").to_string()
}

#[test]
fn a_connect_event_has_the_steps_session_and_locality_as_payload() {
    let raise =
        one(r#"{"at_ms": 0, "session": 258, "event": "connected", "local": true}"#).unwrap();
    assert_eq!(raise.payload.bytes.as_deref(), Some("0201000001000000"));
    assert_eq!(raise.payload.length, 8);
    assert_eq!(raise.state, State::CONNECTED);
    assert_eq!(raise.local, 1);
}

#[test]
fn other_events_have_no_payload() {
    let raise = one(r#"{"at_ms": 0, "session": 1, "event": "logon"}"#).unwrap();
    assert_eq!(raise.payload, Payload { bytes: None, length: 0 });
    assert!(!raise.information_fails);
}

#[test]
fn a_custom_payload_may_contradict_its_step() {
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
fn an_error_names_the_mistake() {
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
fn a_decreasing_time_is_an_error() {
    let steps = r#"{"at_ms": 5, "session": 1, "event": 1}, {"at_ms": 4, "session": 1, "event": 2}"#;
    assert_eq!(problem(steps), "step 2: `at_ms` goes back");
}

#[test]
fn each_session_has_its_own_state() {
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
