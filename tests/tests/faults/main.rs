//! Every failure survived: each call of the driver that can fail does so, in a load
//! of its own, and then together with those that follow it.
//!
//! The places are found by running: a load in which nothing fails is recorded by
//! the host, so a call that is new in the driver is tested without anybody having
//! thought of it. After each failure the driver either runs, with all of its work
//! done but for what the failure took ([`workload`]), or has undone everything and
//! starts the next time ([`start`]).
//!
//! All of it is traced, so that each write to a trace can fail as well.
#![cfg(windows)]

mod outcome;
mod plan;
mod report;
mod start;
#[path = "../tracelogging/mod.rs"]
#[expect(dead_code, reason = "the test `tracing` needs the rest")]
mod tracelogging;
mod workload;

use std::collections::HashMap;
use std::io::{Write as _, stdout};

use kmdf_host_control::{Injection, Site};
use sessionwatch_tests::{Fixture, clear_verdicts};

use outcome::Outcome;
use plan::Faults;
use report::Finding;
use tracelogging::Session;
use workload::Workload;

/// Where the driver starts.
const ENTRY: &str = "DriverEntry";

/// As good as for ever.
const ALL: u32 = u32::MAX;

/// Not what the host fails with by itself: the driver must pass on what it is told.
const STATUS_ACCESS_DENIED: u32 = 0xC000_0022;

/// How often a load is repeated in which the failure was not reached. The workers
/// of the host may take turns in another order than when it was recorded.
const ATTEMPTS: u32 = 3;

/// Everything that the driver says in a trace.
const VERBOSE: u8 = 5;
const ALL_KEYWORDS: u64 = 0xF;

/// Every so many places, the next call fails too. All of them would take too long.
const PAIRS: usize = 2;

/// A place where a failure is possible, and what the driver was doing there.
struct Place {
    site: Site,
    step: &'static str,
    /// Which call of its callback it is, whatever the function.
    nth_in_callback: u32,
}

impl Place {
    /// Whether this is where a load has passed.
    fn is_of(&self, site: &Site) -> bool {
        let name = |site: &Site| (site.callback.clone(), site.call.clone(), site.nth);
        name(&self.site) == name(site)
    }

    /// This call fails, and no other.
    fn alone(&self) -> Injection {
        let Site { callback, call, nth, .. } = self.site.clone();
        Injection { call: Some(call), within: Some(callback), nth, times: 1, status: None }
    }

    /// So many calls of the callback fail, from this one on, whatever the function.
    fn with_all_that_follow(&self, times: u32) -> Injection {
        let within = Some(self.site.callback.clone());
        Injection { call: None, within, nth: self.nth_in_callback, times, status: None }
    }
}

#[test]
fn every_failure_is_survived() {
    let fixture = Fixture::installed();
    let places = places(&fixture);
    let mut findings = Vec::new();
    for place in &places {
        findings.push(fail(&fixture, place, &place.alone()));
        if place.step == "start" && place.site.status.is_some() {
            let other = Injection { status: Some(STATUS_ACCESS_DENIED), ..place.alone() };
            findings.push(fail(&fixture, place, &other));
        }
    }
    let (starting, later): (Vec<_>, Vec<_>) =
        places.iter().partition(|place| place.site.callback == ENTRY);
    for place in starting {
        findings.push(fail(&fixture, place, &place.with_all_that_follow(ALL)));
    }
    for place in later.iter().step_by(PAIRS) {
        findings.push(fail(&fixture, place, &place.with_all_that_follow(2)));
    }
    // Nothing of it stays.
    let usual = run(&fixture, Vec::new()).0;
    assert_eq!(usual, Outcome::default());
    report::write(&findings);
    let sites = places.len();
    // Not by a macro, whose output the harness would keep to itself.
    writeln!(stdout(), "{} faults at {sites} sites survived", findings.len()).unwrap();
    report::assert_documented(&findings);
}

/// All places in a load with all of the work.
fn places(fixture: &Fixture) -> Vec<Place> {
    let mut steps = Vec::new();
    let faults = Faults::plan(Vec::new());
    let traced = Session::begin(VERBOSE, ALL_KEYWORDS);
    clear_verdicts();
    let outcome =
        load(fixture, &faults, &traced, &mut |step| steps.push((faults.sites().len(), step)));
    assert_eq!(outcome, Outcome::default(), "without a failure");
    let step_of = |index: usize| steps.iter().find(|(end, _)| index < *end).unwrap().1;
    let mut passed = HashMap::new();
    let sites = faults.sites().into_iter().enumerate();
    sites
        .map(|(index, site)| {
            let nth_in_callback = passed.entry(site.callback.clone()).or_default();
            *nth_in_callback += 1;
            Place { nth_in_callback: *nth_in_callback, step: step_of(index), site }
        })
        .collect()
}

/// A load with this failure in it.
fn fail(fixture: &Fixture, place: &Place, failure: &Injection) -> Finding {
    for _ in 0..ATTEMPTS {
        let (outcome, failed) = run(fixture, vec![failure.clone()]);
        if failed.first().is_some_and(|site| place.is_of(site)) {
            return Finding::new(place.step, failed, outcome);
        }
        eprintln!("reached only {failed:?}");
    }
    panic!("the load never came to {failure:?}");
}

/// A load with these failures: what came of it, and where they were.
fn run(fixture: &Fixture, injections: Vec<Injection>) -> (Outcome, Vec<Site>) {
    // What a failed assertion below is about.
    eprintln!("failing {injections:?}");
    let faults = Faults::plan(injections);
    let traced = Session::begin(VERBOSE, ALL_KEYWORDS);
    clear_verdicts();
    let outcome = load(fixture, &faults, &traced, &mut |_| {});
    let failed: Vec<Site> = faults.sites().into_iter().filter(|site| site.failed).collect();
    drop((faults, traced));
    if outcome.start_error.is_some() {
        start::assert_starts(fixture);
    }
    (outcome, failed)
}

/// One load, from start to stop. `after` hears the name of each step.
fn load(
    fixture: &Fixture,
    faults: &Faults,
    traced: &Session,
    after: &mut dyn FnMut(&'static str),
) -> Outcome {
    let error = fixture.service().start().err();
    after("start");
    let failures: Vec<Site> = faults.sites().into_iter().filter(|site| site.failed).collect();
    if let Some(error) = error {
        let said = start::Said { debug_output: faults.debug_output(), trace: traced.events() };
        return start::undone(fixture, &error, &failures, &said);
    }
    let mut workload = Workload::begin(fixture, faults);
    workload.run(after);
    let outcome = workload.end();
    after("books");
    fixture.service().stop();
    start::assert_clean(false);
    after("stop");
    outcome
}
