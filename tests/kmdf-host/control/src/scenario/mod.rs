//! Scenario files: lists of session events, written by hand or by a generator.
//!
//! `tests/scenarios/README.md` describes the format. Unknown fields and names are errors, so that
//! a typing mistake does not silently test something else.

use std::collections::HashMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Event, Payload, Raise, State};

/// A scenario file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// The purpose of the scenario, for readers of the file.
    pub description: String,
    /// The events in order.
    pub steps: Vec<Step>,
}

/// One event of a scenario.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// The time of the event, in milliseconds from the start of the scenario. It never decreases.
    /// The host does not wait for it.
    pub at_ms: u64,
    /// The session id.
    pub session: u32,
    /// The event.
    pub event: Event,
    /// The state after the event; the default is [`State::after`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<State>,
    /// True for a session at the console.
    #[serde(default, skip_serializing_if = "Flag::is_false")]
    pub local: Flag,
    /// The payload; the default depends on the event ([`PayloadPlan`]).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payload: Option<PayloadPlan>,
    /// The result of `IoGetContainerInformation`.
    #[serde(default, skip_serializing_if = "Information::is_ok")]
    pub information: Information,
}

/// A `BOOLEAN`: true, false, or any byte.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, expecting = "expected true, false or a byte")]
pub enum Flag {
    /// 0 or 1.
    Bool(bool),
    /// Any byte.
    Byte(u8),
    /// Absent: 0.
    #[default]
    #[serde(skip)]
    Unset,
}

impl Flag {
    /// The byte for the driver.
    #[must_use]
    pub const fn byte(self) -> u8 {
        match self {
            Self::Bool(value) => value as u8,
            Self::Byte(byte) => byte,
            Self::Unset => 0,
        }
    }

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
    const fn is_false(&self) -> bool {
        self.byte() == 0
    }
}

/// The result of `IoGetContainerInformation` inside the callback.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Information {
    /// The call succeeds.
    #[default]
    Ok,
    /// The call fails.
    Fail,
}

impl Information {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
    const fn is_ok(&self) -> bool {
        matches!(self, Self::Ok)
    }
}

/// The payload of an event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PayloadPlan {
    /// NULL and length 0: the default of every event but a connect event.
    None,
    /// The connect information of the step: the default of a connect event.
    Connect,
    /// Any other payload.
    Custom(CustomPayload),
}

/// A payload that may contradict the step.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CustomPayload {
    /// Connect information with this session id, in place of the step's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<u32>,
    /// Connect information with this `LocalSession` byte, in place of the step's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub local: Option<Flag>,
    /// These bytes, in hexadecimal digits, in place of connect information.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hex: Option<String>,
    /// A NULL pointer in place of bytes.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub null: bool,
    /// The length for the driver, in place of the actual one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub length: Option<u32>,
}

/// An error in a scenario.
#[derive(Debug)]
#[non_exhaustive]
pub enum ScenarioError {
    /// The text is not JSON of this form.
    Format(serde_json::Error),
    /// A step contradicts itself or its predecessor.
    Step {
        /// The step's number, from 1.
        number: usize,
        /// The contradiction.
        problem: &'static str,
    },
}

impl fmt::Display for ScenarioError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Format(error) => write!(formatter, "not a scenario: {error}"),
            Self::Step { number, problem } => write!(formatter, "step {number}: {problem}"),
        }
    }
}

impl std::error::Error for ScenarioError {}

impl Scenario {
    /// Parses and checks a scenario.
    ///
    /// # Errors
    /// If the text is not JSON of this form, or a step contradicts itself or its predecessor.
    pub fn parse(text: &str) -> Result<Self, ScenarioError> {
        let scenario: Self = serde_json::from_str(text).map_err(ScenarioError::Format)?;
        scenario.raises()?;
        Ok(scenario)
    }

    /// The events with every default filled in.
    ///
    /// # Errors
    /// If a step contradicts itself or its predecessor.
    pub fn raises(&self) -> Result<Vec<Raise>, ScenarioError> {
        let mut states = HashMap::new();
        let mut now = 0;
        let mut raises = Vec::with_capacity(self.steps.len());
        for (index, step) in self.steps.iter().enumerate() {
            let fail = |problem| ScenarioError::Step { number: index + 1, problem };
            if step.at_ms < now {
                return Err(fail("`at_ms` goes back"));
            }
            now = step.at_ms;
            let state = states.entry(step.session).or_insert(State::INITIALIZED);
            *state = step.state.unwrap_or(state.after(step.event));
            raises.push(Raise {
                session: step.session,
                event: step.event,
                state: *state,
                local: step.local.byte(),
                payload: step.payload().map_err(fail)?,
                information_fails: !step.information.is_ok(),
            });
        }
        Ok(raises)
    }
}

impl Step {
    fn payload(&self) -> Result<Payload, &'static str> {
        let custom = match &self.payload {
            None if self.event == Event::CONNECTED => CustomPayload::default(),
            Some(PayloadPlan::Connect) => CustomPayload::default(),
            None | Some(PayloadPlan::None) => {
                CustomPayload { null: true, ..CustomPayload::default() }
            }
            Some(PayloadPlan::Custom(custom)) => custom.clone(),
        };
        let connect = custom.session.is_some() || custom.local.is_some();
        let bytes = match (custom.null, &custom.hex) {
            (true, None) if !connect => None,
            (false, Some(digits)) if !connect => {
                Some(hex::decode(digits).map_err(|_| "`hex` is not pairs of hexadecimal digits")?)
            }
            (false, None) => {
                let session = custom.session.unwrap_or(self.session);
                let local = custom.local.unwrap_or(self.local).byte();
                Some([session.to_le_bytes(), [local, 0, 0, 0]].concat())
            }
            _ => return Err("`null`, `hex` and connect information exclude each other"),
        };
        let actual_length = bytes.as_ref().map_or(0, Vec::len);
        let length = match custom.length {
            Some(length) => length,
            None => u32::try_from(actual_length).map_err(|_| "the payload is too long")?,
        };
        Ok(Payload { bytes: bytes.map(hex::encode), length })
    }
}

#[cfg(test)]
mod tests;
