//! Rounds: every contender takes a short turn in each, and the order rotates. So a disturbance
//! affects all contenders alike.

use crate::machine::{is_quiet_since, wait_for_quiet};

/// One of the designs that a row compares. A turn gives `N` figures.
pub(crate) struct Contender<const N: usize> {
    name: &'static str,
    leaves_out: &'static str,
    turn: Box<dyn FnMut() -> [f64; N]>,
}

impl<const N: usize> Contender<N> {
    /// `leaves_out` names the part of the work that it does not do.
    pub(crate) fn new(
        name: &'static str,
        leaves_out: &'static str,
        turn: impl FnMut() -> [f64; N] + 'static,
    ) -> Self {
        Self { name, leaves_out, turn: Box::new(turn) }
    }
}

/// A contender's figures, one for each round. A turn without a figure is not a number.
#[derive(Clone, Debug)]
pub(crate) struct Figures {
    pub(crate) name: String,
    pub(crate) leaves_out: &'static str,
    pub(crate) rounds: Vec<f64>,
}

impl Figures {
    pub(crate) fn new(name: impl Into<String>, rounds: Vec<f64>) -> Self {
        Self { name: name.into(), leaves_out: "", rounds }
    }
}

/// With fewer quiet rounds than this, all rounds count.
const ENOUGH: usize = 3;

/// Runs the rounds. For each of the `N` figures, returns the contenders in their order.
///
/// If enough rounds were quiet, only these count.
pub(crate) fn race<const N: usize>(
    rounds: usize,
    contenders: Vec<Contender<N>>,
) -> [Vec<Figures>; N] {
    let (mut figures, quiet) = run(rounds, contenders);
    figures.iter_mut().flatten().for_each(|figures| keep_quiet(&mut figures.rounds, &quiet));
    figures
}

fn keep_quiet(rounds: &mut Vec<f64>, quiet: &[bool]) {
    if quiet.iter().filter(|is_quiet| **is_quiet).count() >= ENOUGH {
        let mut quiet = quiet.iter();
        rounds.retain(|_| quiet.next() == Some(&true));
    }
}

/// Runs the rounds, all of which count, and returns which were quiet.
pub(crate) fn run<const N: usize>(
    rounds: usize,
    mut contenders: Vec<Contender<N>>,
) -> ([Vec<Figures>; N], Vec<bool>) {
    let mut figures: [Vec<Figures>; N] = std::array::from_fn(|_| {
        let empty = |contender: &Contender<N>| Figures {
            name: contender.name.to_owned(),
            leaves_out: contender.leaves_out,
            rounds: Vec::with_capacity(rounds),
        };
        contenders.iter().map(empty).collect()
    });
    let mut quiet = Vec::with_capacity(rounds);
    let count = contenders.len();
    // The first round warms caches and predictors, and does not count.
    for round in 0..=rounds {
        let before = wait_for_quiet();
        for place in 0..count {
            let at = (place + round) % count;
            let turn = (contenders[at].turn)();
            if round != 0 {
                figures.iter_mut().zip(turn).for_each(|(all, one)| all[at].rounds.push(one));
            }
        }
        if round != 0 {
            quiet.push(is_quiet_since(before));
        }
    }
    (figures, quiet)
}

/// The median of the values that are numbers; not a number if none is.
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
    fn each_takes_a_turn_in_each_round_and_the_order_rotates() {
        let turns = Rc::new(RefCell::new(Vec::new()));
        let contenders = ["a", "b", "c"].map(|name| {
            let turns = Rc::clone(&turns);
            Contender::new(name, "", move || {
                turns.borrow_mut().push(name);
                [float(turns.borrow().len() as u64), 0.0]
            })
        });
        let ([first, second], _) = run(2, contenders.into());
        assert_eq!(turns.borrow().concat(), "abcbcacab");
        assert_eq!(first[0].rounds, [6.0, 8.0]);
        assert_eq!(first[1].rounds, [4.0, 9.0]);
        assert_eq!(second[2].rounds, [0.0, 0.0]);
    }

    #[test]
    fn only_quiet_rounds_count_if_there_are_enough() {
        let kept = |quiet: [bool; 4]| {
            let mut rounds = vec![1.0, 2.0, 3.0, 4.0];
            keep_quiet(&mut rounds, &quiet);
            rounds
        };
        assert_eq!(kept([true, false, true, true]), [1.0, 3.0, 4.0]);
        assert_eq!(kept([true, false, false, true]), [1.0, 2.0, 3.0, 4.0]);
    }

    #[test]
    fn the_median_ignores_what_is_not_a_number() {
        assert!((median([3.0, f64::NAN, 1.0, 2.0]) - 2.0).abs() < f64::EPSILON);
        assert!(median([f64::NAN]).is_nan());
    }
}
