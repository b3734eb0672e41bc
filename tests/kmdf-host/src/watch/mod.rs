//! The watch: rules, verdicts, counts, planned failures.
//!
//! Every other room reports here. Invariant: the watch **knows no kernel, no framework and no
//! request**. It takes names, numbers and text, and imports no other room.

pub(crate) mod completions;
pub(crate) mod counters;
pub(crate) mod files;
pub(crate) mod injection;
pub(crate) mod rules;
pub(crate) mod status;
pub(crate) mod sync;
pub(crate) mod verdict;
