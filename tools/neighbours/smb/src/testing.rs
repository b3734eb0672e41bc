//! What the tests of this module share.

use crate::session::Session;

/// A session from this computer that has been active for so many seconds.
pub(crate) fn session(cname: &str, time: u32) -> Session {
    Session { cname: Some(cname.to_owned()), time, ..Session::default() }
}
