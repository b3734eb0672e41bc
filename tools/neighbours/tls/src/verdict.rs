//! Whether the second handshake resumed the first one's session.

use crate::facts::Protocol;
use crate::probe::Probe;

/// What can be said of the second handshake.
///
/// It rests on what the system says, `SSL_SESSION_RECONNECT`, and on nothing that
/// was guessed from times or sizes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The second resumed the session that the first had begun.
    Resumed,
    /// Both resumed a session that was there before the first.
    ResumedEarlier,
    /// The second began a session of its own.
    NotResumed(
        /// What may be the reason.
        Hint,
    ),
    /// The system does not say.
    Unknown,
}

/// Why a session may not have been resumed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hint {
    /// The handshakes agreed on different versions or cipher suites.
    OtherParameters,
    /// TLS 1.3 resumes by tickets, and the server sent none in time.
    NoTicket,
    /// Up to TLS 1.2 the server may resume by the id, and there was none.
    NoSessionId,
    /// The ids are the same, though the system says that it is no reconnection.
    SameId,
    /// Nothing that can be seen from here.
    NotVisible,
}

impl Verdict {
    /// The verdict on a probe.
    #[must_use]
    pub fn of(probe: &Probe) -> Self {
        let (Ok(first), Ok(second)) = (&probe.first.session, &probe.second.session) else {
            return Self::Unknown;
        };
        match (first.flags.is_reconnect(), second.flags.is_reconnect()) {
            (false, true) => Self::Resumed,
            (true, true) => Self::ResumedEarlier,
            (_, false) => Self::NotResumed(hint(probe, &first.id, &second.id)),
        }
    }

    /// Its name, a promise to programs.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Resumed => "resumed",
            Self::ResumedEarlier => "resumed_earlier",
            Self::NotResumed(_) => "not_resumed",
            Self::Unknown => "unknown",
        }
    }

    /// Why it may not have been resumed, where it was not.
    #[must_use]
    pub const fn hint(&self) -> Option<Hint> {
        match self {
            Self::NotResumed(hint) => Some(*hint),
            _ => None,
        }
    }

    /// In words.
    #[must_use]
    pub fn sentence(&self) -> String {
        match self {
            Self::Resumed => "the second handshake resumed the first".to_owned(),
            Self::ResumedEarlier => "the second handshake resumed a session, and so did the \
                 first: it is older than both"
                .to_owned(),
            Self::NotResumed(hint) => {
                format!("the second handshake did not resume the first: {}", hint.sentence())
            }
            Self::Unknown => "not known whether the second handshake resumed the first: this \
                 system does not say"
                .to_owned(),
        }
    }
}

impl Hint {
    /// Its name, a promise to programs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::OtherParameters => "other_parameters",
            Self::NoTicket => "no_ticket",
            Self::NoSessionId => "no_session_id",
            Self::SameId => "same_id",
            Self::NotVisible => "not_visible",
        }
    }

    const fn sentence(self) -> &'static str {
        match self {
            Self::OtherParameters => {
                "they agreed on different versions or cipher suites, so different servers may \
                 have answered"
            }
            Self::NoTicket => "the server sent no ticket after the first one",
            Self::NoSessionId => {
                "the first session has no id; the server may not keep sessions, or sent no ticket"
            }
            Self::SameId => "the ids are the same, but the system does not call it a reconnection",
            Self::NotVisible => {
                "the server may have no sessions or tickets, or several servers may share the \
                 address, or this system does not resume"
            }
        }
    }
}

fn hint(probe: &Probe, first: &[u8], second: &[u8]) -> Hint {
    let parameters =
        [&probe.first, &probe.second].map(|facts| (facts.protocol, facts.cipher_suite.as_deref()));
    if parameters[0] != parameters[1] {
        return Hint::OtherParameters;
    }
    if probe.tickets == Some(0) {
        return Hint::NoTicket;
    }
    if probe.first.protocol != Some(Protocol::TLS_1_3) && first.is_empty() {
        return Hint::NoSessionId;
    }
    if !first.is_empty() && first == second {
        return Hint::SameId;
    }
    Hint::NotVisible
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::facts::Facts;
    use crate::session::{SessionFlags, SessionInfo};
    use crate::status::Status;

    fn facts(protocol: Protocol, flags: u32, id: &[u8]) -> Facts {
        Facts {
            protocol: Some(protocol),
            cipher_suite: Some("TLS_AES_256_GCM_SHA384".to_owned()),
            alpn: None,
            certificate: None,
            session: Ok(SessionInfo {
                flags: SessionFlags::from_bits_retain(flags),
                id: id.to_owned(),
            }),
        }
    }

    fn probe(first: Facts, tickets: Option<u32>, second: Facts) -> Probe {
        Probe {
            server: "localhost".parse().unwrap(),
            address: "127.0.0.1:443".parse().unwrap(),
            first,
            tickets,
            second,
        }
    }

    #[test]
    fn the_flag_of_the_second_decides() {
        let (tls12, tls13) = (Protocol::TLS_1_2, Protocol::TLS_1_3);
        let verdict = |first: Facts, tickets, second| Verdict::of(&probe(first, tickets, second));
        let not = Verdict::NotResumed;
        assert_eq!(verdict(facts(tls12, 0, &[1]), None, facts(tls12, 1, &[1])), Verdict::Resumed);
        // In TLS 1.3 a resumed session has an id of its own.
        assert_eq!(
            verdict(facts(tls13, 0, &[1]), Some(2), facts(tls13, 1, &[2])),
            Verdict::Resumed
        );
        // Bits without a name say nothing.
        assert_eq!(verdict(facts(tls12, 6, &[1]), None, facts(tls12, 7, &[1])), Verdict::Resumed);
        assert_eq!(
            verdict(facts(tls12, 1, &[1]), None, facts(tls12, 1, &[1])),
            Verdict::ResumedEarlier
        );
        for (first, tickets, second, hint) in [
            (facts(tls12, 0, &[1]), None, facts(tls12, 0, &[2]), Hint::NotVisible),
            (facts(tls12, 0, &[1]), None, facts(tls12, 0, &[1]), Hint::SameId),
            (facts(tls12, 0, &[]), None, facts(tls12, 0, &[]), Hint::NoSessionId),
            (facts(tls13, 0, &[]), Some(2), facts(tls13, 0, &[]), Hint::NotVisible),
            (facts(tls13, 0, &[1]), Some(0), facts(tls13, 0, &[2]), Hint::NoTicket),
            (facts(tls12, 0, &[1]), None, facts(tls13, 0, &[1]), Hint::OtherParameters),
            (facts(tls12, 1, &[1]), None, facts(tls12, 0, &[2]), Hint::NotVisible),
        ] {
            assert_eq!(verdict(first, tickets, second), not(hint));
        }
    }

    proptest! {
        /// Where the system says nothing of one of the two, nothing is claimed.
        #[test]
        fn nothing_is_claimed_that_was_not_said(flags: u32, is_first: bool, tickets: Option<u32>) {
            let mut probe = probe(
                facts(Protocol::TLS_1_2, flags, &[1]),
                tickets,
                facts(Protocol::TLS_1_2, flags, &[1]),
            );
            let silent = if is_first { &mut probe.first } else { &mut probe.second };
            silent.session = Err(Status(0x8009_0302));
            prop_assert_eq!(Verdict::of(&probe), Verdict::Unknown);
        }
    }
}
