//! Rounds: every contender has a short turn in each, and none goes first twice
//! in a row, so what the machine does to one it does to all.

use std::fmt;

use crate::machine::Quiet;

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

/// With fewer quiet rounds than this, all rounds count.
const ENOUGH: usize = 3;

/// How often, and when.
#[derive(Clone, Debug)]
pub(crate) struct Pace {
    pub(crate) rounds: usize,
    pub(crate) quiet: Quiet,
}

/// Runs the rounds. For each of the `N` figures, the contenders in their order.
///
/// Where enough rounds were quiet, these are all that count.
pub(crate) fn race<const N: usize>(
    pace: &Pace,
    contenders: Vec<Contender<N>>,
) -> [Vec<Figures>; N] {
    let (figures, is_quiet) = run(pace, contenders);
    if is_quiet.iter().filter(|is_quiet| **is_quiet).count() < ENOUGH {
        return figures;
    }
    figures.map(|contenders| {
        let only_quiet =
            |figures: Figures| Figures { rounds: select(&figures.rounds, &is_quiet), ..figures };
        contenders.into_iter().map(only_quiet).collect()
    })
}

fn select(rounds: &[f64], is_quiet: &[bool]) -> Vec<f64> {
    rounds
        .iter()
        .zip(is_quiet)
        .filter(|(_, is_quiet)| **is_quiet)
        .map(|(value, _)| *value)
        .collect()
}

/// Runs the rounds, all of which count, and says which were quiet.
pub(crate) fn run<const N: usize>(
    pace: &Pace,
    mut contenders: Vec<Contender<N>>,
) -> ([Vec<Figures>; N], Vec<bool>) {
    let count = contenders.len();
    let mut seen = vec![Vec::with_capacity(pace.rounds); count];
    let mut is_quiet = Vec::with_capacity(pace.rounds);
    // The first round warms caches and predictors, and is thrown away.
    for round in 0..=pace.rounds {
        let before = pace.quiet.wait();
        for place in 0..count {
            let at = (place + round) % count;
            let figures = (contenders[at].turn)();
            if round != 0 {
                seen[at].push(figures);
            }
        }
        if round != 0 {
            is_quiet.push(pace.quiet.lasted_since(before));
        }
    }
    let figures = std::array::from_fn(|figure| {
        contenders
            .iter()
            .zip(&seen)
            .map(|(contender, rounds)| Figures {
                name: contender.name.clone(),
                leaves_out: contender.leaves_out.clone(),
                rounds: rounds.iter().map(|figures| figures[figure]).collect(),
            })
            .collect()
    });
    (figures, is_quiet)
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
    use std::time::Duration;

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
        let pace = Pace { rounds: 2, quiet: Quiet::new(Duration::ZERO, Duration::ZERO) };
        let [first, second] = race(&pace, contenders.into());
        assert_eq!(turns.borrow().concat(), "abcbcacab");
        assert_eq!(select(&[1.0, 2.0, 3.0], &[true, false, true]), [1.0, 3.0]);
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
