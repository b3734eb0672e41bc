//! The rates of events in the last minute.

use sessionwatch_reader::time::UNITS_PER_SECOND;

/// The number of seconds to keep.
const SECONDS: usize = 60;
/// The number of whole seconds over which the rate is the average.
const RATE_SECONDS: usize = 10;

/// The number of events in each second of the last minute, by the driver's monotonic clock, which
/// never steps back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rates {
    /// The count of a second, at index `second % SECONDS`.
    counts: [u64; SECONDS],
    /// The present second.
    now: u64,
}

impl Default for Rates {
    fn default() -> Self {
        Self { counts: [0; SECONDS], now: 0 }
    }
}

impl Rates {
    /// Advances the clock to this moment, in 100 ns since the machine started.
    pub fn advance(&mut self, monotonic: u64) {
        let second = monotonic / UNITS_PER_SECOND;
        for passed in 0..second.saturating_sub(self.now).min(SECONDS as u64) {
            self.counts[place(second - passed)] = 0;
        }
        self.now = self.now.max(second);
    }

    /// Counts an event at this moment, in 100 ns since the machine started.
    pub fn count(&mut self, monotonic: u64) {
        self.advance(monotonic);
        let second = monotonic / UNITS_PER_SECOND;
        if self.now - second < SECONDS as u64 {
            self.counts[place(second)] += 1;
        }
    }

    /// The number of events in each second, the present second last.
    #[must_use]
    pub fn seconds(&self) -> [u64; SECONDS] {
        let mut seconds = self.counts;
        seconds.rotate_left((place(self.now) + 1) % SECONDS);
        seconds
    }

    /// The number of events in the last minute.
    #[must_use]
    pub fn in_last_minute(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// Events per second, in tenths, over the ten seconds before the present one.
    #[must_use]
    pub fn tenths_per_second(&self) -> u64 {
        let whole = &self.seconds()[SECONDS - 1 - RATE_SECONDS..SECONDS - 1];
        whole.iter().sum::<u64>() * 10 / RATE_SECONDS as u64
    }
}

#[expect(clippy::cast_possible_truncation, reason = "it is below 60")]
const fn place(second: u64) -> usize {
    (second % SECONDS as u64) as usize
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn events_age_until_they_no_longer_count() {
        let second = UNITS_PER_SECOND;
        let mut rates = Rates::default();
        rates.count(100 * second);
        rates.count(101 * second);
        rates.count(101 * second + 5);
        assert_eq!(rates.seconds()[58..], [1, 2]);
        assert_eq!((rates.in_last_minute(), rates.tenths_per_second()), (3, 1));
        rates.advance(102 * second);
        assert_eq!(rates.tenths_per_second(), 3);
        rates.advance(160 * second);
        assert_eq!(rates.in_last_minute(), 2);
        rates.advance(161 * second);
        assert_eq!(rates.in_last_minute(), 0);
        // An event older than a minute does not count.
        rates.count(101 * second);
        assert_eq!(rates.in_last_minute(), 0);
    }

    proptest! {
        /// The rates match a count of the single events, whatever their order.
        #[test]
        fn rates_are_those_of_a_count_by_hand(
            moments in prop::collection::vec(0_u64..200 * UNITS_PER_SECOND, 0..100),
        ) {
            let mut rates = Rates::default();
            let mut kept = Vec::new();
            for moment in moments {
                rates.count(moment);
                kept.push(moment / UNITS_PER_SECOND);
                let now = *kept.iter().max().unwrap();
                kept.retain(|second| now - second < SECONDS as u64);
                prop_assert_eq!(rates.in_last_minute(), kept.len() as u64);
            }
        }

        #[test]
        fn any_moment_is_accepted(moments in prop::collection::vec(any::<u64>(), 0..20)) {
            let mut rates = Rates::default();
            for moment in moments {
                rates.count(moment);
                prop_assert!(rates.in_last_minute() <= 20);
            }
        }
    }
}
