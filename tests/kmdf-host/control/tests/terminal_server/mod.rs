//! Generates the morning of a terminal server. It uses arithmetic only, so the result never
//! changes.
//!
//! 50 users left sessions open overnight and reconnect to them, each through a temporary session.
//! 150 others log on. Some lose their connection and reconnect. At nine o'clock, many sessions
//! have events in the same millisecond.

use kmdf_host_control::{Event, Flag, Information, Scenario, Step};

const OVERNIGHT: u32 = 50;
const USERS: u32 = 200;
/// Session 1 is the console; user `n` has session `n + 2`.
const FIRST_SESSION: u32 = 2;
/// Temporary sessions share a few ids, which are reused.
const TEMPORARY: u32 = 300;
const TEMPORARIES: u32 = 7;

const MINUTE: u64 = 60_000;
const NINE: u64 = 60 * MINUTE;

/// The scenario file, one step per line.
pub(crate) fn morning() -> String {
    let mut steps = vec![step(0, 1, Event::CREATED), local(step(100, 1, Event::CONNECTED))];
    (0..OVERNIGHT).for_each(|user| evening_before(user, &mut steps));
    (0..USERS).for_each(|user| arrive(user, &mut steps));
    (0..USERS).step_by(9).for_each(|user| lose_connection(user, &mut steps));
    steps.sort_by_key(|step| step.at_ms);
    let scenario = Scenario {
        description: "A terminal server from one hour before nine until half past: 200 sessions, \
                      reconnects through temporary sessions, a burst at nine. Generated."
            .into(),
        steps,
    };
    write(&scenario)
}

fn evening_before(user: u32, steps: &mut Vec<Step>) {
    let (session, at) = (FIRST_SESSION + user, 200 + u64::from(user) * 10);
    for event in [Event::CREATED, Event::CONNECTED, Event::LOGON, Event::DISCONNECTED] {
        steps.push(step(at, session, event));
    }
}

fn arrive(user: u32, steps: &mut Vec<Step>) {
    let session = FIRST_SESSION + user;
    // Two of three users arrive in the minute after nine, many in the same millisecond.
    let at = match user % 3 {
        0 => 5 * MINUTE + u64::from(user) * 15_000,
        _ => NINE + u64::from(user / 20) * 1_000,
    };
    if user < OVERNIGHT {
        reconnect(user, session, at, steps);
    } else {
        for (event, delay) in [(Event::CREATED, 0), (Event::CONNECTED, 150), (Event::LOGON, 900)] {
            steps.push(step(at + delay, session, event));
        }
    }
}

fn lose_connection(user: u32, steps: &mut Vec<Step>) {
    let (session, at) = (FIRST_SESSION + user, NINE + 10 * MINUTE + u64::from(user) * 500);
    steps.push(step(at, session, Event::DISCONNECTED));
    reconnect(user, session, at + 40_000, steps);
}

fn reconnect(user: u32, session: u32, at: u64, steps: &mut Vec<Step>) {
    let temporary = TEMPORARY + user % TEMPORARIES;
    steps.push(step(at, temporary, Event::CREATED));
    steps.push(step(at, temporary, Event::CONNECTED));
    steps.push(step(at + 10, session, Event::CONNECTED));
    steps.push(step(at + 10, temporary, Event::DISCONNECTED));
    steps.push(step(at + 20, temporary, Event::TERMINATED));
}

fn step(at_ms: u64, session: u32, event: Event) -> Step {
    Step {
        at_ms,
        session,
        event,
        state: None,
        local: Flag::Unset,
        payload: None,
        information: Information::Ok,
    }
}

fn local(step: Step) -> Step {
    Step { local: Flag::Bool(true), ..step }
}

fn write(scenario: &Scenario) -> String {
    let text = |value| serde_json::to_string(value).expect("text is JSON");
    let steps: Vec<_> = scenario
        .steps
        .iter()
        .map(|step| format!("    {}", serde_json::to_string(step).expect("a step is JSON")))
        .collect();
    format!(
        "{{\n  \"description\": {},\n  \"steps\": [\n{}\n  ]\n}}\n",
        text(&scenario.description),
        steps.join(",\n")
    )
}
