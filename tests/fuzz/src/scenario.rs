//! The scenario parser: an accepted scenario has the same meaning after it is written and parsed
//! again.

use kmdf_host_control::Scenario;

/// Parses the bytes as a scenario file.
///
/// # Panics
///
/// If an accepted scenario cannot be raised, or changes its meaning when it is written and
/// parsed again.
pub fn scenario(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else { return };
    let Ok(scenario) = Scenario::parse(text) else { return };
    let raises = scenario.raises().expect("an accepted scenario can be raised");
    assert_eq!(raises.len(), scenario.steps.len());

    for (step, raise) in scenario.steps.iter().zip(&raises) {
        assert_eq!((raise.session, raise.event), (step.session, step.event));
        assert_eq!(step.state.unwrap_or(raise.state), raise.state);
        // The host decodes the digits in pairs without checking them again.
        if let Some(digits) = &raise.payload.bytes {
            assert!(digits.len().is_multiple_of(2), "{digits}");
            assert!(digits.bytes().all(|digit| digit.is_ascii_hexdigit()), "{digits}");
        }
    }

    let written = serde_json::to_string(&scenario).expect("a scenario can be written");
    let again = Scenario::parse(&written).expect("a written scenario can be parsed");
    assert_eq!(again.raises().expect("an accepted scenario can be raised"), raises, "{written}");
}
