//! The last completions of the driver. Wine does not pass all of their fields on to the caller.

use std::collections::VecDeque;
use std::sync::{LazyLock, Mutex};

use kmdf_host_control::Completion;

use crate::watch::sync::lock;

/// The number of completions that are kept.
const KEPT: usize = 256;

static LAST: LazyLock<Mutex<VecDeque<Completion>>> = LazyLock::new(Mutex::default);

pub(crate) fn note(completion: Completion) {
    let mut last = lock(&LAST);
    if last.len() == KEPT {
        last.pop_front();
    }
    last.push_back(completion);
}

pub(crate) fn all() -> Vec<Completion> {
    lock(&LAST).iter().copied().collect()
}
