//! The scenario parser: what it accepts means the same when it is written again.

use kmdf_host_control::Scenario;

/// Reads the bytes as a scenario file.
///
/// # Panics
///
/// If a scenario is accepted that cannot be raised, or that means something else
/// once it was written and read again.
pub fn scenario(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else { return };
    let Ok(scenario) = Scenario::parse(text) else { return };
    let raises = scenario.raises().expect("what was accepted can be raised");
    assert_eq!(raises.len(), scenario.steps.len());

    for (step, raise) in scenario.steps.iter().zip(&raises) {
        assert_eq!((raise.session, raise.event), (step.session, step.event));
        assert_eq!(step.state.unwrap_or(raise.state), raise.state);
        // The host takes the digits in pairs and does not look at them again.
        if let Some(digits) = &raise.payload.bytes {
            assert!(digits.len().is_multiple_of(2), "{digits}");
            assert!(digits.bytes().all(|digit| digit.is_ascii_hexdigit()), "{digits}");
        }
    }

    let written = serde_json::to_string(&scenario).expect("a scenario can be written");
    let again = Scenario::parse(&written).expect("what was written can be read");
    assert_eq!(again.raises().expect("it was accepted"), raises, "{written}");
}
