//! Every file operation of the service fails at every call, once alone and once with all later
//! ones, and the books balance when the fault is over.
//!
//! The test runs the service's follower over the driver's own journal. It first counts the
//! operations of a run without a fault, then repeats the run with a fault at each of them.
//! `target/reports/file-faults.json` has the outcomes.

mod machine;

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use machine::{Handle, Machine};
use serde_json::{Value, json};
use sessionwatch::command::follow;
use sessionwatch::log_writer::{DriverSource, follow_driver};
use sessionwatch_archive::testing::{Fault, Faulty, Plan, books};
use sessionwatch_archive::{Bounds, Entry, Files, Keeper, Settings, Surroundings, Trouble};
use sessionwatch_protocol::ControlCode;
use sessionwatch_reader::time::SystemTime;
use sessionwatch_reader::{Device, DeviceError};
use sessionwatch_who::Directory;

/// The events of a run, in bursts. The ring keeps fewer than happen during a lasting fault.
const BURSTS: u64 = 6;
const BURST: u64 = 40;
const RING: u32 = 64;
/// The waits after which a lasting fault ends.
const LASTING: u64 = 4;

/// The service's world: a fault ends after some waits, and events happen meanwhile.
struct World {
    files: Faulty,
    waits: AtomicU64,
    troubles: Mutex<Vec<String>>,
    /// Events that happened during waits, to be raised by the device.
    late: AtomicU64,
}

impl Surroundings for World {
    fn now(&self) -> SystemTime {
        SystemTime(134_168_256_000_000_000)
    }

    fn monotonic(&self) -> Duration {
        Duration::ZERO
    }

    fn stops_within(&self, _: Duration) -> bool {
        let waits = self.waits.fetch_add(1, Ordering::Relaxed) + 1;
        self.late.fetch_add(BURST, Ordering::Relaxed);
        if waits >= LASTING {
            self.files.repair();
        }
        // A service that waits this often waits forever.
        waits > 50
    }

    fn dropped_changes(&self) -> u64 {
        0
    }

    fn show(&self, trouble: Option<&Trouble>) {
        if let Some(trouble) = trouble {
            self.troubles.lock().unwrap().push(trouble.reason.clone());
        }
    }
}

/// The driver: each pending read gets a burst, until there are no more.
struct Driver {
    handle: Handle,
    world: Arc<World>,
    bursts: Cell<u64>,
}

struct Source {
    machine: Rc<RefCell<Machine>>,
    world: Arc<World>,
    bursts: Rc<Cell<u64>>,
}

impl DriverSource for Source {
    fn open(&self) -> Result<Box<dyn Device>, DeviceError> {
        let bursts = Cell::new(self.bursts.get());
        Ok(Box::new(Driver {
            handle: Handle(Rc::clone(&self.machine)),
            world: Arc::clone(&self.world),
            bursts,
        }))
    }

    fn directory(&self) -> Option<&dyn Directory> {
        None
    }

    fn stop(&self) {}
}

impl Device for Driver {
    fn control(
        &self,
        code: ControlCode,
        input: &[u8],
        output: &mut [u8],
    ) -> Result<usize, DeviceError> {
        let late = self.world.late.swap(0, Ordering::Relaxed);
        self.handle.0.borrow_mut().raise(late);
        match self.handle.control(code, input, output) {
            // The machine has nothing more: a read would be pending.
            Err(DeviceError::Interrupted) if self.bursts.get() > 0 => {
                self.bursts.set(self.bursts.get() - 1);
                self.handle.0.borrow_mut().raise(BURST);
                self.handle.control(code, input, output)
            }
            outcome => outcome,
        }
    }
}

/// What came of a run.
struct Outcome {
    calls: Vec<String>,
    failed: usize,
    seen: u64,
    lines: Vec<Value>,
    troubles: Vec<String>,
    folder: tempfile::TempDir,
}

fn run(plan: Option<Plan>) -> Outcome {
    let folder = tempfile::tempdir().unwrap();
    let files = Faulty::new(plan);
    let world = Arc::new(World {
        files: files.clone(),
        waits: AtomicU64::new(0),
        troubles: Mutex::default(),
        late: AtomicU64::new(0),
    });
    let settings = Settings {
        folder: folder.path().join("log"),
        bounds: Bounds { file_bytes: 20_000, files: 8 },
        keep: None,
    };
    let surroundings: Arc<dyn Surroundings> = world.clone();
    let machine = Machine::new(RING);
    let shared: Arc<dyn Files> = Arc::new(files.clone());
    let keeper = Keeper::open(&shared, settings.clone(), Arc::clone(&surroundings)).unwrap();
    keeper.write(&Entry::ServiceStarted { time: surroundings.now() }.line()).unwrap();
    let source = Source {
        machine: Rc::clone(&machine),
        world: Arc::clone(&world),
        bursts: Rc::new(Cell::new(BURSTS)),
    };
    follow_driver(&keeper, follow::run_from, &source, &*surroundings);
    keeper.tick();
    let seen = machine.borrow().next_sequence() - 1;
    let troubles = world.troubles.lock().unwrap().clone();
    let lines = lines(&settings.folder);
    Outcome { calls: files.calls(), failed: files.failed(), seen, lines, troubles, folder }
}

/// The lines of all files, from the oldest to the newest.
fn lines(folder: &Path) -> Vec<Value> {
    let path = |number| match number {
        0 => folder.join("events.ndjson"),
        number => folder.join(format!("events.{number}.ndjson")),
    };
    let texts = (0..8).rev().filter_map(|number| fs::read_to_string(path(number)).ok());
    texts
        .flat_map(|text| {
            let lines = text.lines().map(str::to_owned).collect::<Vec<_>>();
            assert!(text.is_empty() || text.ends_with('\n'), "a cut line: {text}");
            lines
        })
        .map(|line| serde_json::from_str(&line).unwrap_or_else(|_| panic!("torn: {line}")))
        .collect()
}

#[test]
fn the_books_balance_after_every_file_fault() {
    let calls = run(None).calls;
    assert!(calls.len() > 50, "{calls:?}");
    let mut nth: BTreeMap<&str, usize> = BTreeMap::new();
    let mut report = Vec::new();
    let mut table: BTreeMap<(String, bool), BTreeSet<&str>> = BTreeMap::new();
    for (call, site) in calls.iter().enumerate() {
        let number = nth.entry(site).or_default();
        *number += 1;
        for (is_lasting, fault) in
            [false, true].into_iter().flat_map(|lasting| Fault::ALL.map(|fault| (lasting, fault)))
        {
            let outcome = run(Some(Plan { call, is_lasting, fault }));
            let context = format!("{site}, call {number}, {fault:?}, lasting: {is_lasting}");
            assert!(outcome.failed > 0, "{context}");
            let (delivered, lost) = books(&outcome.lines);
            let all: BTreeSet<u64> = delivered.union(&lost).copied().collect();
            let seen: BTreeSet<u64> = (1..=outcome.seen).collect();
            let missing: Vec<_> = seen.difference(&all).collect();
            assert!(missing.is_empty(), "{context}: {missing:?} of {}", outcome.seen);
            assert!(all.is_subset(&seen), "{context}");
            // The ring holds more than happens during one wait, so nothing may be lost.
            assert!(is_lasting || lost.is_subset(&delivered), "{context}: {lost:?}");
            let interruptions =
                outcome.lines.iter().filter(|line| line["type"] == "write_interrupted").count();
            let result = match (interruptions > 0, outcome.troubles.is_empty()) {
                (true, _) if lost.is_subset(&delivered) => "written later",
                (true, _) => "written later; the overwritten events are named",
                (false, false) => "continues, and shows it",
                (false, true) => "no effect",
            };
            let operation = site.rsplit_once(' ').map_or(site.as_str(), |(operation, _)| operation);
            table.entry((operation.to_owned(), is_lasting)).or_default().insert(result);
            report.push(json!({
                "site": site,
                "call": number,
                "fault": format!("{fault:?}").to_lowercase(),
                "lasting": is_lasting,
                "entries": outcome.lines.len(),
                "outcome": result,
                "interruptions_named": interruptions,
                "troubles_shown": outcome.troubles.len(),
                "seen": outcome.seen,
                "delivered": delivered.len(),
                "lost_and_named": lost.difference(&delivered).count(),
            }));
            drop(outcome.folder);
        }
    }
    // Cargo runs tests in the folder of their package.
    let reports = Path::new("../../target/reports");
    fs::create_dir_all(reports).unwrap();
    fs::write(
        reports.join("file-faults.json"),
        serde_json::to_string_pretty(&report).unwrap() + "\n",
    )
    .unwrap();
    let page = fs::read_to_string("../../docs/file-faults.md").unwrap();
    let rows = table.into_iter().map(|((operation, is_lasting), results)| {
        let when = if is_lasting { "lasting" } else { "alone" };
        let results = results.into_iter().collect::<Vec<_>>().join("; or ");
        format!("| {operation} | {when} | {results} |")
    });
    let missing: Vec<_> = rows.filter(|row| !page.contains(row)).collect();
    assert!(missing.is_empty(), "docs/file-faults.md lacks:\n{}", missing.join("\n"));
}
