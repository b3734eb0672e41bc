//! Rounds: every contender has a short turn in each, and none goes first twice in a row. So a busy
//! machine slows all of them.

use std::fmt;

/// One of those that are measured side by side. A turn gives `N` figures.
pub(crate) struct Contender<const N: usize> {
    pub(crate) name: String,
    /// What it does not do of what the others do.
    pub(crate) leaves_out: String,
    turn: Box<dyn FnMut() -> [f64; N]>,
}

impl<const N: usize> fmt::Debug for Contender<N> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Contender").field("name", &self.name).finish_non_exhaustive()
    }
}

impl<const N: usize> Contender<N> {
    pub(crate) fn new(
        name: impl Into<String>,
        leaves_out: impl Into<String>,
        turn: impl FnMut() -> [f64; N] + 'static,
    ) -> Self {
        Self { name: name.into(), leaves_out: leaves_out.into(), turn: Box::new(turn) }
    }

    pub(crate) fn named(self, name: &str) -> Self {
        Self { name: name.to_owned(), ..self }
    }
}

/// One contender's figures, one for each round. A turn that came to nothing is
/// not a number.
#[derive(Clone, Debug)]
pub(crate) struct Figures {
    pub(crate) name: String,
    pub(crate) leaves_out: String,
    pub(crate) rounds: Vec<f64>,
}

/// Runs the rounds, and one before them that warms caches and predictors. For each of the `N`
/// figures, the contenders in their order.
pub(crate) fn race<const N: usize>(
    rounds: usize,
    mut contenders: Vec<Contender<N>>,
) -> [Vec<Figures>; N] {
    let count = contenders.len();
    let mut seen = vec![Vec::with_capacity(rounds); count];
    for round in 0..=rounds {
        for place in 0..count {
            let at = (place + round) % count;
            let figures = (contenders[at].turn)();
            if round != 0 {
                seen[at].push(figures);
            }
        }
    }
    std::array::from_fn(|figure| {
        contenders
            .iter()
            .zip(&seen)
            .map(|(contender, rounds)| Figures {
                name: contender.name.clone(),
                leaves_out: contender.leaves_out.clone(),
                rounds: rounds.iter().map(|figures| figures[figure]).collect(),
            })
            .collect()
    })
}

/// The middle one of those that are numbers; not a number if there is none.
pub(crate) fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.into_iter().filter(|value| !value.is_nan()).collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::rc::Rc;

    use super::*;
    use crate::time::float;

    #[test]
    fn each_has_a_turn_in_each_round_and_the_first_place_rotates() {
        let turns = Rc::new(RefCell::new(Vec::new()));
        let contenders = ["a", "b", "c"].map(|name| {
            let turns = Rc::clone(&turns);
            Contender::new(name, "", move || {
                turns.borrow_mut().push(name);
                [float(turns.borrow().len() as u64), 0.0]
            })
        });
        let [first, second] = race(2, contenders.into());
        assert_eq!(turns.borrow().concat(), "abcbcacab");
        assert_eq!(first[0].rounds, [6.0, 8.0]);
        assert_eq!(first[1].rounds, [4.0, 9.0]);
        assert_eq!(second[2].rounds, [0.0, 0.0]);
    }

    #[test]
    fn the_median_leaves_out_what_is_no_number() {
        assert!((median([3.0, f64::NAN, 1.0, 2.0]) - 2.0).abs() < f64::EPSILON);
        assert!(median([f64::NAN]).is_nan());
    }
}
