//! Failing statuses.

use core::fmt;

use sessionwatch_protocol::Rejection;
use wdk_sys::{
    NT_SUCCESS, NTSTATUS, STATUS_CANCELLED, STATUS_INSUFFICIENT_RESOURCES, STATUS_INTERNAL_ERROR,
    STATUS_OBJECT_NAME_NOT_FOUND,
};

/// A failing `NTSTATUS`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Status(NTSTATUS);

/// The result of a call.
pub(crate) type Result<T = (), E = Status> = core::result::Result<T, E>;

impl Status {
    pub(crate) const CANCELLED: Self = Self(STATUS_CANCELLED);
    pub(crate) const INSUFFICIENT_RESOURCES: Self = Self(STATUS_INSUFFICIENT_RESOURCES);
    pub(crate) const INTERNAL_ERROR: Self = Self(STATUS_INTERNAL_ERROR);
    pub(crate) const NOT_FOUND: Self = Self(STATUS_OBJECT_NAME_NOT_FOUND);

    /// Turns an `NTSTATUS` into a result.
    pub(super) fn check(status: NTSTATUS) -> Result {
        if NT_SUCCESS(status) { Ok(()) } else { Err(Self(status)) }
    }

    /// The status of a failed call.
    pub(super) const fn of_failure(status: NTSTATUS) -> Self {
        Self(status)
    }

    /// The start error for this status of this call.
    pub(crate) const fn of_call(self, call: &'static str) -> StartError {
        StartError { call, status: self }
    }

    /// The `NTSTATUS`.
    pub(super) const fn code(self) -> NTSTATUS {
        self.0
    }
}

impl fmt::Display for Status {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:#010x}", self.0)
    }
}

/// The reason why the driver does not start.
#[derive(Clone, Copy)]
pub(crate) struct StartError {
    /// The failed function, by its name in the headers.
    pub(crate) call: &'static str,
    pub(crate) status: Status,
}

impl fmt::Display for StartError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} failed, status {}", self.call, self.status)
    }
}

/// The failure of a request.
#[derive(Clone, Copy)]
pub(crate) struct Failure {
    pub(super) status: Status,
    /// The `Information` of the I/O status block.
    pub(super) information: usize,
}

impl From<Status> for Failure {
    fn from(status: Status) -> Self {
        Self { status, information: 0 }
    }
}

impl From<Rejection> for Failure {
    fn from(rejection: Rejection) -> Self {
        let information = match rejection {
            Rejection::OutputTooSmall { needed } => needed,
            _ => 0,
        };
        Self { status: Status(rejection.ntstatus().cast_signed()), information }
    }
}
