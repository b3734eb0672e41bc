//! The open files of a device, and the work under way on each.
//!
//! The address of its `FILE_OBJECT` identifies an open file. Wine can use the address again once it
//! has dispatched the close, so each file has a number as well.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Condvar, Mutex};
use std::time::Duration;

use crate::framework::abi::Handle;
use crate::watch::sync::{lock, wait_until};

/// The time limit of an open on the close of the last file with its address.
const CLOSE_LIMIT: Duration = Duration::from_secs(5);

static NEXT_NUMBER: AtomicU64 = AtomicU64::new(0);

/// The open files, by address.
#[derive(Default)]
pub(crate) struct OpenFiles {
    files: Mutex<HashMap<usize, File>>,
    changed: Condvar,
}

#[derive(Default)]
struct File {
    number: u64,
    /// The `WDFFILEOBJECT`, if the driver asked for such objects.
    object: Option<Handle>,
    /// Requests that are not completed.
    requests: usize,
    /// Running callbacks that got a request of the file.
    presentations: usize,
}

impl OpenFiles {
    /// Waits until no file has the address. Wine may give a new file the address of one whose close
    /// is not finished.
    pub(crate) fn wait_until_free(&self, file: usize) {
        let is_free = |files: &HashMap<_, _>| !files.contains_key(&file);
        drop(wait_until(&self.files, &self.changed, CLOSE_LIMIT, is_free));
    }

    pub(crate) fn insert(&self, file: usize, object: Option<Handle>) {
        let number = NEXT_NUMBER.fetch_add(1, Ordering::Relaxed);
        lock(&self.files).insert(file, File { number, object, ..File::default() });
    }

    /// Removes the file of this number.
    pub(crate) fn remove(&self, number: u64) {
        lock(&self.files).retain(|_, file| file.number != number);
        self.changed.notify_all();
    }

    pub(crate) fn count(&self) -> usize {
        lock(&self.files).len()
    }

    /// The number of an open file. `None` if its open was rejected.
    pub(crate) fn number(&self, file: usize) -> Option<u64> {
        lock(&self.files).get(&file).map(|file| file.number)
    }

    /// The object of an open file, if the driver asked for such objects.
    pub(crate) fn object(&self, file: usize) -> Option<Handle> {
        lock(&self.files).get(&file)?.object
    }

    /// Counts a request. False for a file whose open was rejected.
    pub(crate) fn request_arrived(&self, file: usize) -> bool {
        self.change(file, |file| file.requests += 1)
    }

    pub(crate) fn request_completed(&self, file: usize) {
        self.change(file, |file| file.requests = file.requests.saturating_sub(1));
    }

    /// Counts a callback that is about to get a request of the file.
    pub(crate) fn presentation_begins(&self, file: usize) {
        self.change(file, |file| file.presentations += 1);
    }

    /// Counts the return of the callback.
    pub(crate) fn presentation_ends(&self, file: usize) {
        self.change(file, |file| file.presentations = file.presentations.saturating_sub(1));
    }

    /// Changes an open file. False if the file is not open.
    fn change(&self, file: usize, change: impl FnOnce(&mut File)) -> bool {
        let found = lock(&self.files).get_mut(&file).map(change).is_some();
        self.changed.notify_all();
        found
    }

    /// Waits until no callback runs that got a request of the file.
    pub(crate) fn wait_for_presentations(&self, file: usize, limit: Duration) -> bool {
        self.wait_for(file, limit, |file| file.presentations == 0)
    }

    /// Waits until every request of the file is completed.
    pub(crate) fn wait_for_requests(&self, file: usize, limit: Duration) -> bool {
        self.wait_for(file, limit, |file| file.requests == 0)
    }

    fn wait_for(&self, file: usize, limit: Duration, done: impl Fn(&File) -> bool) -> bool {
        let done = |files: &HashMap<_, _>| files.get(&file).is_none_or(&done);
        wait_until(&self.files, &self.changed, limit, done).is_some()
    }

    /// Waits until every file is closed.
    pub(crate) fn wait_until_closed(&self, limit: Duration) -> bool {
        wait_until(&self.files, &self.changed, limit, HashMap::is_empty).is_some()
    }
}
