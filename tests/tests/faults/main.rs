//! Makes every fallible call of the driver fail, at every call site: once alone, and once
//! together with later calls.
//!
//! The host finds the call sites in a load without failures, so a new call of the driver needs no
//! new test. After a failure, the driver does one of two things:
//!
//! - It runs, and only the failed call's work is missing ([`workload`]).
//! - It undoes the start, and starts the next time ([`start`]).
//!
//! A trace session listens meanwhile, so that writes to the trace can fail, too.
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
use outcome::Outcome;
use plan::Faults;
use report::Finding;
use sessionwatch_tests::{Fixture, clear_verdicts};
use tracelogging::Session;
use workload::Workload;

/// The callback of the start.
const ENTRY: &str = "DriverEntry";

/// All later calls fail.
const ALL: u32 = u32::MAX;

/// Another status than the host's own, because the driver must pass on the status of a call.
const STATUS_ACCESS_DENIED: u32 = 0xC000_0022;

/// The attempts to reach a planned failure. The host's workers may run in another order than in
/// the load that recorded the call sites.
const ATTEMPTS: u32 = 3;

/// All events of the driver.
const VERBOSE: u8 = 5;
const ALL_KEYWORDS: u64 = 0xF;

/// After the start, two calls in a row fail at every second call site. Every site would take too
/// long.
const PAIRS: usize = 2;

/// A call site that can fail, and the step of the workload that reaches it.
struct Place {
    site: Site,
    step: &'static str,
    /// The number of the call in its callback, over all functions, from 1.
    nth_in_callback: u32,
}

impl Place {
    /// True if both are the same call.
    fn is_of(&self, site: &Site) -> bool {
        let name = |site: &Site| (site.callback.clone(), site.call.clone(), site.nth);
        name(&self.site) == name(site)
    }

    /// Makes this call fail, and no other.
    fn alone(&self) -> Injection {
        let Site { callback, call, nth, .. } = self.site.clone();
        Injection { call: Some(call), within: Some(callback), nth, times: 1, status: None }
    }

    /// Makes `times` calls of the callback fail, from this one on, over all functions.
    fn with_later_calls(&self, times: u32) -> Injection {
        let within = Some(self.site.callback.clone());
        Injection { call: None, within, nth: self.nth_in_callback, times, status: None }
    }
}

#[test]
fn the_driver_survives_every_failure() {
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
        findings.push(fail(&fixture, place, &place.with_later_calls(ALL)));
    }
    for place in later.iter().step_by(PAIRS) {
        findings.push(fail(&fixture, place, &place.with_later_calls(2)));
    }
    // No failure has a lasting effect.
    let usual = run(&fixture, Vec::new()).0;
    assert_eq!(usual, Outcome::default());
    report::write(&findings);
    let sites = places.len();
    // Not `println!`, whose output the test harness captures.
    writeln!(stdout(), "{} faults at {sites} sites survived", findings.len()).unwrap();
    report::assert_documented(&findings);
}

/// The call sites of a load with the whole workload.
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

/// Runs a load with this failure.
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

/// Runs a load with these failures. Returns its outcome and the failed calls.
fn run(fixture: &Fixture, injections: Vec<Injection>) -> (Outcome, Vec<Site>) {
    // Names the failure for an assertion below.
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

/// Runs one load, from start to stop. Calls `after` with the name of each step.
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
        let messages =
            start::Messages { debug_output: faults.debug_output(), trace: traced.events() };
        return start::assert_undone(fixture, &error, &failures, &messages);
    }
    let mut workload = Workload::begin(fixture, faults);
    workload.run(after);
    let outcome = workload.end();
    after("account");
    fixture.service().stop();
    start::assert_clean(false);
    after("stop");
    outcome
}
