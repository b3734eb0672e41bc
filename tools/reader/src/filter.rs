//! The filter of events. Hidden events are read and accounted for as well.

use sessionwatch_protocol::{EventKind, Locality, Record};

use crate::time::SystemTime;

/// The conditions for showing an event. The event must meet all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// One of these kinds; any kind if empty.
    pub kinds: Vec<EventKind>,
    /// One of these sessions; any session if empty.
    pub sessions: Vec<u32>,
    /// This locality; any if `None`.
    pub locality: Option<Locality>,
    /// At this time or later.
    pub since: Option<SystemTime>,
    /// Before this time.
    pub until: Option<SystemTime>,
}

/// A filter that hides nothing.
pub static EVERY_EVENT: Filter =
    Filter { kinds: Vec::new(), sessions: Vec::new(), locality: None, since: None, until: None };

impl Filter {
    /// True if the record is shown.
    #[must_use]
    pub fn admits(&self, record: &Record) -> bool {
        let time = SystemTime(record.system_time.get());
        (self.kinds.is_empty() || self.kinds.contains(&record.kind()))
            && (self.sessions.is_empty() || self.sessions.contains(&record.session_id.get()))
            && self.locality.is_none_or(|locality| record.locality() == locality)
            && self.since.is_none_or(|since| time >= since)
            && self.until.is_none_or(|until| time < until)
    }
}

#[cfg(test)]
mod tests {
    use zerocopy::FromZeros;

    use super::*;

    fn record() -> Record {
        let mut record = Record::new_zeroed();
        record.kind = EventKind::LOGON.0.into();
        record.session_id = 3.into();
        record.locality = Locality::REMOTE.0;
        record.system_time = 100.into();
        record
    }

    #[test]
    fn every_condition_hides_an_event_that_does_not_meet_it() {
        assert!(EVERY_EVENT.admits(&record()));
        let met = Filter {
            kinds: vec![EventKind::LOGOFF, EventKind::LOGON],
            sessions: vec![1, 3],
            locality: Some(Locality::REMOTE),
            since: Some(SystemTime(100)),
            until: Some(SystemTime(101)),
        };
        assert!(met.admits(&record()));
        for missed in [
            Filter { kinds: vec![EventKind::LOGOFF], ..met.clone() },
            Filter { sessions: vec![1], ..met.clone() },
            Filter { locality: Some(Locality::LOCAL), ..met.clone() },
            Filter { since: Some(SystemTime(101)), ..met.clone() },
            Filter { until: Some(SystemTime(100)), ..met.clone() },
        ] {
            assert!(!missed.admits(&record()), "{missed:?}");
        }
    }
}
