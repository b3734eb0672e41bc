//! Shared by the tests of this crate.

use crate::session::Session;

/// A session from `cname` that has been active for `time` seconds.
pub(crate) fn session(cname: &str, time: u32) -> Session {
    Session { cname: Some(cname.to_owned()), time, ..Session::default() }
}
