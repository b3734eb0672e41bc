//! The verdict: the second handshake resumed the session of the first, or it did not.

use crate::facts::Protocol;
use crate::probe::Probe;

/// The verdict on a probe. It rests only on the flag `SSL_SESSION_RECONNECT` that the system
/// reports. It does not guess from times or sizes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The second handshake resumed the session of the first.
    Resumed,
    /// Both handshakes resumed a session that is older than the first.
    ResumedEarlier,
    /// The second handshake began a session of its own.
    NotResumed(
        /// The possible reason.
        Hint,
    ),
    /// The system does not report whether the session was resumed.
    Unknown,
}

/// A possible reason why a session was not resumed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hint {
    /// The handshakes agreed on different versions or cipher suites.
    OtherParameters,
    /// TLS 1.3 resumes with tickets, and the server sent none in time.
    NoTicket,
    /// Up to TLS 1.2, servers resume by session id or ticket, and the first session has no id.
    NoSessionId,
    /// Both sessions have the same id, but the system reports no resumption.
    SameId,
    /// No reason is visible to the client.
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

    /// The name, a promise to programs.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Resumed => "resumed",
            Self::ResumedEarlier => "resumed_earlier",
            Self::NotResumed(_) => "not_resumed",
            Self::Unknown => "unknown",
        }
    }

    /// The possible reason, if the session was not resumed.
    #[must_use]
    pub const fn hint(&self) -> Option<Hint> {
        match self {
            Self::NotResumed(hint) => Some(*hint),
            _ => None,
        }
    }

    /// The verdict in words.
    #[must_use]
    pub fn sentence(&self) -> String {
        match self {
            Self::Resumed => "the second handshake resumed the first session".to_owned(),
            Self::ResumedEarlier => "both handshakes resumed an earlier session".to_owned(),
            Self::NotResumed(hint) => format!(
                "the second handshake did not resume the first session: {}",
                hint.sentence()
            ),
            Self::Unknown => "unknown: this system does not report resumption".to_owned(),
        }
    }
}

impl Hint {
    /// The name, a promise to programs.
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
                "the handshakes agreed on different versions or cipher suites, so different \
                 servers may have answered"
            }
            Self::NoTicket => "the server sent no ticket",
            Self::NoSessionId => {
                "it has no id; the server may keep no sessions and send no tickets"
            }
            Self::SameId => "both have the same id, but the system reports no resumption",
            Self::NotVisible => {
                "the server may offer no resumption, several servers may share the address, \
                 or this system may not resume"
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
    fn the_flag_of_the_second_handshake_decides() {
        let (tls12, tls13) = (Protocol::TLS_1_2, Protocol::TLS_1_3);
        let verdict = |first: Facts, tickets, second| Verdict::of(&probe(first, tickets, second));
        let not = Verdict::NotResumed;
        assert_eq!(verdict(facts(tls12, 0, &[1]), None, facts(tls12, 1, &[1])), Verdict::Resumed);
        // In TLS 1.3 a resumed session has an id of its own.
        assert_eq!(
            verdict(facts(tls13, 0, &[1]), Some(2), facts(tls13, 1, &[2])),
            Verdict::Resumed
        );
        // Bits without a name do not count.
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
        /// The verdict is unknown unless the system describes both sessions.
        #[test]
        fn a_missing_description_is_unknown(flags: u32, is_first: bool, tickets: Option<u32>) {
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
