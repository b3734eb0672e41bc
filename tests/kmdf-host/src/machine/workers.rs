//! The worker threads, which call the driver like the system's, but are fixed in number.

use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{LazyLock, Mutex};
use std::thread;

use kmdf_host_control::Rule;

use crate::watch::rules::violation;
use crate::watch::sync::lock;

type Work = Box<dyn FnOnce() + Send>;

/// The number of callbacks that can run at the same time.
const WORKERS: usize = 16;

struct Pool {
    sender: Mutex<Sender<Work>>,
    receiver: Mutex<Receiver<Work>>,
}

static POOL: LazyLock<Pool> = LazyLock::new(|| {
    let (sender, receiver) = mpsc::channel();
    Pool { sender: Mutex::new(sender), receiver: Mutex::new(receiver) }
});

/// Starts the workers, which live as long as the process.
pub(crate) fn start() {
    for _ in 0..WORKERS {
        spawn(run);
    }
}

fn run() {
    loop {
        let work = lock(&POOL.receiver).recv();
        match work {
            Ok(work) => work(),
            Err(_) => return,
        }
    }
}

/// Queues work for the next free worker.
pub(crate) fn submit(work: impl FnOnce() + Send + 'static) {
    if lock(&POOL.sender).send(Box::new(work)).is_err() {
        violation("a worker", Rule::HostFailure, "the workers are gone");
    }
}

/// Runs work on a thread of its own, because it may wait for workers or for the driver.
pub(crate) fn spawn(work: impl FnOnce() + Send + 'static) {
    if let Err(error) = thread::Builder::new().spawn(work) {
        violation("a worker", Rule::HostFailure, format!("no thread: {error}"));
    }
}
