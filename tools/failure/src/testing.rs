//! Checks for the tests of every crate that has errors.

use std::collections::HashSet;
use std::fmt::Debug;

use strum::VariantArray;

use crate::Failure;

/// Checks the sentences and hints of errors. Each pair is unique; each of both has no full stop
/// at its end, no carriage return and no two spaces in a row.
///
/// # Panics
///
/// If a sentence or hint breaks one of these rules.
pub fn assert_sentences<E: Failure>(failures: &[E]) {
    let sentences: HashSet<_> = failures
        .iter()
        .map(|failure| format!("{failure}\n{}", failure.hint().unwrap_or_default()))
        .collect();
    assert_eq!(sentences.len(), failures.len(), "two errors read the same: {sentences:#?}");
    for sentence in sentences.iter().flat_map(|text| text.split('\n')) {
        let is_one_line = !sentence.contains('\r') && !sentence.contains("  ");
        assert!(is_one_line && !sentence.ends_with('.'), "{sentence}");
    }
}

/// Checks that `failures` has an example of every kind of error of a type, and checks their
/// sentences. `strum::EnumDiscriminants` derives `Kind`, so a new kind without an example fails
/// the test.
///
/// # Panics
///
/// If a kind has no example, or [`assert_sentences`] panics.
pub fn assert_every_kind<E, Kind>(failures: &[E])
where
    E: Failure,
    Kind: for<'error> From<&'error E> + VariantArray + PartialEq + Debug,
{
    for kind in Kind::VARIANTS {
        let is_there = failures.iter().any(|failure| Kind::from(failure) == *kind);
        assert!(is_there, "no example of {kind:?}");
    }
    assert_sentences(failures);
}
