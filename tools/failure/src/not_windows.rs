//! The error of a feature that exists only on Windows.

use std::borrow::Cow;

use thiserror::Error;

use crate::{Exit, Failure};

/// The requested feature exists only on Windows, and this system is not Windows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("{what} only on Windows")]
pub struct NotWindows {
    what: &'static str,
    hint: &'static str,
}

impl NotWindows {
    /// The driver.
    pub const DRIVER: Self =
        Self { what: "the driver runs", hint: "to read a recording here, use --replay FILE" };

    /// Another feature of Windows. `what` is a noun and its verb, as in "the service runs".
    #[must_use]
    pub const fn new(what: &'static str) -> Self {
        Self { what, hint: "run this on Windows" }
    }
}

impl Failure for NotWindows {
    fn exit(&self) -> Exit {
        Exit::NotWindows
    }

    fn hint(&self) -> Option<Cow<'static, str>> {
        Some(self.hint.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::assert_sentences;

    #[test]
    fn it_names_the_feature_and_has_a_hint() {
        assert_eq!(NotWindows::DRIVER.to_string(), "the driver runs only on Windows");
        assert_sentences(&[NotWindows::DRIVER, NotWindows::new("Schannel exists")]);
    }
}
