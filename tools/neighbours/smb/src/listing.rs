//! Lists the sessions of a query, over all pages of the answer.

use std::collections::HashSet;

use sessionwatch_failure::WindowsError;

use crate::error::{ServerName, SmbError};
use crate::query::{Call, Level, Query};
use crate::session::Session;

/// The limit on pages. One page holds a whole list, unless the server cannot give it at once.
const MOST_PAGES: usize = 65_536;

/// The limit on sessions, far above what a file server has. Each takes a few hundred bytes here.
const MOST_SESSIONS: usize = 262_144;

/// The two calls of Windows that list SMB sessions. Their values are plain data.
pub trait SessionServer: Send + Sync {
    /// `NetSessionEnum`: one page of sessions. The resume handle of the first page is 0.
    ///
    /// # Errors
    ///
    /// The Win32 error of the call.
    fn page(&self, query: &Query, level: Level, resume: u32) -> Result<Page, WindowsError>;

    /// `NetSessionGetInfo`: the session of the query's user from the query's client.
    ///
    /// # Errors
    ///
    /// The Win32 error of the call.
    fn one(&self, query: &Query, level: Level) -> Result<Session, WindowsError>;
}

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// The sessions.
    pub sessions: Vec<Session>,
    /// The resume handle of the next page, if there is one.
    pub next: Option<u32>,
}

/// Lists the sessions of a query with a call. Returns a complete list or an error, because a
/// missing session would look like a closed one.
///
/// # Errors
///
/// If a call fails, the list does not end, or it has more sessions than any server.
pub fn sessions(
    server: &dyn SessionServer,
    query: &Query,
    call: Call,
) -> Result<Vec<Session>, SmbError> {
    let rejected = |error| SmbError::new(error, query, call.level());
    match call {
        Call::GetInfo(level) => server.one(query, level).map(|one| vec![one]).map_err(rejected),
        Call::Enumerate(level) => {
            let mut sessions = Vec::new();
            let (mut resume, mut seen) = (0, HashSet::from([0]));
            for _ in 0..MOST_PAGES {
                let page = server.page(query, level, resume).map_err(rejected)?;
                sessions.extend(page.sessions);
                if sessions.len() > MOST_SESSIONS {
                    let server = ServerName::of(query);
                    return Err(SmbError::TooManySessions { server, limit: MOST_SESSIONS });
                }
                let Some(next) = page.next else { return Ok(sessions) };
                // The same handle is the same question, and its answer begins with a page that
                // was listed before.
                if !seen.insert(next) {
                    break;
                }
                resume = next;
            }
            Err(SmbError::Endless { server: ServerName::of(query) })
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use proptest::prelude::*;

    use super::*;
    use crate::testing::session;

    /// A server of pages, by their resume handles.
    #[derive(Default)]
    struct Pages {
        pages: HashMap<u32, Result<Page, WindowsError>>,
        asked: AtomicUsize,
    }

    impl SessionServer for Pages {
        fn page(&self, _: &Query, _: Level, resume: u32) -> Result<Page, WindowsError> {
            self.asked.fetch_add(1, Ordering::Relaxed);
            self.pages[&resume].clone()
        }

        fn one(&self, query: &Query, _: Level) -> Result<Session, WindowsError> {
            Ok(Session { cname: query.client.clone(), ..Session::default() })
        }
    }

    fn list(server: &Pages) -> Result<Vec<Session>, SmbError> {
        sessions(server, &Query::default(), Query::default().call())
    }

    fn page(sessions: &[Session], next: Option<u32>) -> Page {
        Page { sessions: sessions.to_vec(), next }
    }

    #[test]
    fn a_list_without_an_end_is_an_error() {
        let same = Pages { pages: [(0, Ok(page(&[], Some(0))))].into(), ..Pages::default() };
        assert!(matches!(list(&same), Err(SmbError::Endless { .. })));
        assert_eq!(same.asked.into_inner(), 1);
        let circle = [(0, Ok(page(&[], Some(7)))), (7, Ok(page(&[session("A", 1)], Some(0))))];
        let circle = Pages { pages: circle.into(), ..Pages::default() };
        assert!(matches!(list(&circle), Err(SmbError::Endless { .. })));
        assert_eq!(circle.asked.into_inner(), 2);
        // Some servers return the first page again and again, with the handle that was asked for.
        let stuck = [
            (0, Ok(page(&[session("A", 1)], Some(7)))),
            (7, Ok(page(&[session("B", 1)], Some(7)))),
        ];
        let stuck = Pages { pages: stuck.into(), ..Pages::default() };
        assert!(matches!(list(&stuck), Err(SmbError::Endless { .. })));
        assert_eq!(stuck.asked.into_inner(), 2);
    }

    /// A server whose handle advances for ever.
    struct Endless {
        sessions: usize,
        asked: AtomicUsize,
    }

    impl SessionServer for Endless {
        fn page(&self, _: &Query, _: Level, resume: u32) -> Result<Page, WindowsError> {
            self.asked.fetch_add(1, Ordering::Relaxed);
            Ok(page(&vec![session("A", 1); self.sessions], Some(resume + 1)))
        }

        fn one(&self, _: &Query, _: Level) -> Result<Session, WindowsError> {
            Ok(Session::default())
        }
    }

    #[test]
    fn a_handle_that_advances_for_ever_meets_a_limit() {
        let ask = |sessions| {
            let server = Endless { sessions, asked: AtomicUsize::new(0) };
            let query = Query::default();
            let error = super::sessions(&server, &query, query.call()).unwrap_err();
            (error, server.asked.into_inner())
        };
        let (error, asked) = ask(1000);
        assert!(matches!(error, SmbError::TooManySessions { limit: MOST_SESSIONS, .. }));
        assert_eq!(asked, MOST_SESSIONS / 1000 + 1);
        let (error, asked) = ask(0);
        assert!(matches!(error, SmbError::Endless { .. }));
        assert_eq!(asked, MOST_PAGES);
    }

    #[test]
    fn an_error_on_any_page_returns_no_partial_list() {
        for failing in 0..3 {
            let pages = (0..3).map(|place| {
                let next = (place < 2).then_some(place + 1);
                let error = WindowsError { code: 5, message: String::new() };
                let page = page(&[session("A", place)], next);
                (place, if place == failing { Err(error) } else { Ok(page) })
            });
            let server = Pages { pages: pages.collect(), ..Pages::default() };
            assert!(matches!(list(&server), Err(SmbError::AccessDenied { .. })), "{failing}");
        }
    }

    #[test]
    fn get_info_returns_a_list_of_one_session() {
        let client = Some("PC".to_owned());
        let query = Query { client: client.clone(), ..Query::default() };
        let listed = sessions(&Pages::default(), &query, Call::GetInfo(Level::Two)).unwrap();
        assert_eq!(listed, [Session { cname: client, ..Session::default() }]);
    }

    proptest! {
        /// Every session is listed once, in order, however the server cuts the list into pages and
        /// whatever resume handles it uses.
        #[test]
        fn pages_make_the_list(sizes in prop::collection::vec(0_usize..4, 1..20)) {
            let mut pages = HashMap::new();
            let mut all = Vec::new();
            for (place, size) in (0..).zip(&sizes) {
                let sessions: Vec<_> = (0..*size).map(|_| session("A", place)).collect();
                all.extend(sessions.clone());
                let handle = |place: u32| place.wrapping_mul(0x9E37_79B9);
                let is_last = place as usize + 1 == sizes.len();
                let next = (!is_last).then(|| handle(place + 1));
                pages.insert(handle(place), Ok(page(&sessions, next)));
            }
            let server = Pages { pages, ..Pages::default() };
            prop_assert_eq!(list(&server).unwrap(), all);
            prop_assert_eq!(server.asked.into_inner(), sizes.len());
        }
    }
}
