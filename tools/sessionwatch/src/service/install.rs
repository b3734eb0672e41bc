//! The installation of the service, step by step, over a trait of the service manager.

use std::time::Duration;

use super::error::ServiceError;
use super::report::ServiceReport;

/// The waits before the restarts after a first, a second and each later failure.
const RESTART_AFTER: [Duration; 3] =
    [Duration::from_secs(1), Duration::from_secs(10), Duration::from_mins(1)];
/// The time without a failure after which the next failure counts as the first.
const RESET_AFTER: Duration = Duration::from_hours(24);
/// The privileges that the service keeps. `LocalSystem` may open the driver and the folder without
/// any; this one is for passing through folders.
const PRIVILEGES: &[&str] = &["SeChangeNotifyPrivilege"];

/// The time in which the service must begin to write.
const PATIENCE: Duration = Duration::from_secs(30);
/// The time between two looks at the service.
const LOOK: Duration = Duration::from_millis(100);

/// `ERROR_INVALID_LEVEL` of `winerror.h`: a setting that the service manager does not know. Wine has
/// no required privileges.
pub const INVALID_LEVEL: u32 = 124;

/// The service manager, for one service.
pub trait Manager {
    /// Creates the service, with its description.
    ///
    /// # Errors
    ///
    /// The reason of the service manager; so it is for all of these.
    fn create(&self) -> Result<(), ServiceError>;

    /// Has the service restarted after a failure, after these waits.
    ///
    /// # Errors
    ///
    /// See [`create`](Self::create).
    fn restart_after(&self, waits: &[Duration], reset: Duration) -> Result<(), ServiceError>;

    /// Takes every other privilege from the service.
    ///
    /// # Errors
    ///
    /// See [`create`](Self::create).
    fn keep_privileges(&self, privileges: &[&str]) -> Result<(), ServiceError>;

    /// Starts the service.
    ///
    /// # Errors
    ///
    /// See [`create`](Self::create).
    fn start(&self) -> Result<(), ServiceError>;

    /// The service and its log.
    ///
    /// # Errors
    ///
    /// See [`create`](Self::create).
    fn report(&self) -> Result<ServiceReport, ServiceError>;

    /// Stops the service and removes it.
    ///
    /// # Errors
    ///
    /// See [`create`](Self::create).
    fn remove(&self) -> Result<(), ServiceError>;

    /// Waits.
    fn wait(&self, time: Duration);
}

/// Installs the service, and waits until it writes its log. A service that does not is removed
/// again. False if the service manager cannot take privileges from a service.
///
/// # Errors
///
/// If the service manager rejects a step, or the service does not write.
pub fn install(manager: &dyn Manager) -> Result<bool, ServiceError> {
    manager.create()?;
    let outcome = configure_and_start(manager);
    if outcome.is_err() {
        // The first error says why; a service that cannot be removed shows in `service status`.
        let _ = manager.remove();
    }
    outcome
}

fn configure_and_start(manager: &dyn Manager) -> Result<bool, ServiceError> {
    manager.restart_after(&RESTART_AFTER, RESET_AFTER)?;
    let is_restricted = match manager.keep_privileges(PRIVILEGES) {
        Err(ServiceError::Rejected { error, .. }) if error.code == INVALID_LEVEL => false,
        outcome => outcome.map(|()| true)?,
    };
    let before = last_entry(&manager.report()?);
    manager.start()?;
    let mut waited = Duration::ZERO;
    loop {
        let report = manager.report()?;
        if report.state == Some("running") && last_entry(&report) != before {
            return Ok(is_restricted);
        }
        let has_stopped = report.state == Some("stopped");
        if has_stopped || waited >= PATIENCE {
            let reason = match report.trouble {
                Some(trouble) => trouble.reason,
                None if has_stopped => "it has stopped".to_owned(),
                None => "it is not ready".to_owned(),
            };
            return Err(ServiceError::NotWriting { reason });
        }
        manager.wait(LOOK);
        waited += LOOK;
    }
}

fn last_entry(report: &ServiceReport) -> Option<String> {
    report.log.as_ref()?.summary.last_entry.clone()
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use sessionwatch_archive::LogSummary;
    use sessionwatch_failure::WindowsError;

    use super::*;
    use crate::service::{LogReport, ShownTrouble};

    /// Records the calls, and answers like a service manager.
    struct Recording {
        calls: RefCell<Vec<String>>,
        /// The reports after the start, of which the last one stays.
        reports: Vec<ServiceReport>,
        /// The call that is rejected with this number.
        rejected: Option<(&'static str, u32)>,
    }

    impl Recording {
        fn new(reports: &[ServiceReport]) -> Self {
            Self { calls: RefCell::default(), reports: reports.to_vec(), rejected: None }
        }

        fn call(&self, call: String) -> Result<(), ServiceError> {
            let name = call.split(' ').next().unwrap().to_owned();
            self.calls.borrow_mut().push(call);
            match self.rejected {
                Some((rejected, code)) if rejected == name => {
                    let error = WindowsError { code, message: "no".to_owned() };
                    Err(ServiceError::Rejected { action: "install", error })
                }
                _ => Ok(()),
            }
        }

        fn calls(&self) -> Vec<String> {
            let mut calls = self.calls.borrow().clone();
            calls.retain(|call| call != "report" && call != "wait");
            calls
        }
    }

    impl Manager for Recording {
        fn create(&self) -> Result<(), ServiceError> {
            self.call("create".to_owned())
        }

        fn restart_after(&self, waits: &[Duration], reset: Duration) -> Result<(), ServiceError> {
            self.call(format!("restart_after {waits:?} {reset:?}"))
        }

        fn keep_privileges(&self, privileges: &[&str]) -> Result<(), ServiceError> {
            self.call(format!("keep_privileges {privileges:?}"))
        }

        fn start(&self) -> Result<(), ServiceError> {
            self.call("start".to_owned())
        }

        fn report(&self) -> Result<ServiceReport, ServiceError> {
            self.call("report".to_owned())?;
            let started = self.calls.borrow().iter().position(|call| call == "start");
            let Some(started) = started else { return Ok(report("stopped", "before")) };
            let later = self.calls.borrow()[started..].iter().filter(|of| *of == "report").count();
            Ok(self.reports[(later - 1).min(self.reports.len() - 1)].clone())
        }

        fn remove(&self) -> Result<(), ServiceError> {
            self.call("remove".to_owned())
        }

        fn wait(&self, _: Duration) {
            let _ = self.call("wait".to_owned());
        }
    }

    fn report(state: &'static str, last_entry: &str) -> ServiceReport {
        let summary =
            LogSummary { last_entry: Some(last_entry.to_owned()), ..LogSummary::default() };
        let log = Some(LogReport { folder: "logs".into(), summary });
        ServiceReport { state: Some(state), process_id: None, trouble: None, log }
    }

    const STEPS: [&str; 4] = [
        "create",
        "restart_after [1s, 10s, 60s] 86400s",
        "keep_privileges [\"SeChangeNotifyPrivilege\"]",
        "start",
    ];

    #[test]
    fn the_service_restarts_after_failures_keeps_one_privilege_and_writes() {
        let manager = Recording::new(&[
            report("start_pending", "before"),
            report("running", "before"),
            report("running", "now"),
        ]);
        assert!(install(&manager).unwrap());
        assert_eq!(manager.calls(), STEPS);
    }

    #[test]
    fn a_service_manager_without_required_privileges_is_enough() {
        let mut manager = Recording::new(&[report("running", "now")]);
        manager.rejected = Some(("keep_privileges", INVALID_LEVEL));
        assert!(!install(&manager).unwrap());
        assert_eq!(manager.calls(), STEPS);
    }

    #[test]
    fn a_service_that_does_not_write_is_removed_and_says_why() {
        let mut stuck = report("running", "before");
        let reason = "cannot write the log in logs: the disk is full".to_owned();
        stuck.trouble = Some(ShownTrouble { since: "now".to_owned(), reason: reason.clone() });
        for (report, reason) in [
            (stuck, &*reason),
            (report("running", "before"), "it is not ready"),
            (report("stopped", "before"), "it has stopped"),
        ] {
            let manager = Recording::new(&[report]);
            let error = install(&manager).unwrap_err();
            assert_eq!(error, ServiceError::NotWriting { reason: reason.to_owned() });
            assert_eq!(manager.calls().last().unwrap(), "remove");
        }
    }

    #[test]
    fn a_rejected_step_removes_the_service_again() {
        for (rejected, undoes) in
            [("create", false), ("restart_after", true), ("keep_privileges", true), ("start", true)]
        {
            let mut manager = Recording::new(&[report("running", "now")]);
            manager.rejected = Some((rejected, 5));
            install(&manager).unwrap_err();
            assert_eq!(manager.calls().last().unwrap() == "remove", undoes, "{rejected}");
        }
    }
}
