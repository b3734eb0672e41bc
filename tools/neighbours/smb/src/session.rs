//! A session, as the server describes it.

use bitflags::bitflags;

/// A session: the fields of `SESSION_INFO_1`, `SESSION_INFO_2` or
/// `SESSION_INFO_502`, in their order and under their names. A text is `None` if the server
/// gave none or the level lacks the field.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Session {
    /// The computer that established the session, mostly as an address.
    pub cname: Option<String>,
    /// The user who established the session.
    pub username: Option<String>,
    /// The number of files, devices and pipes opened during the session.
    pub num_opens: u32,
    /// The time the session has been active, in seconds.
    pub time: u32,
    /// The time the session has been idle, in seconds.
    pub idle_time: u32,
    /// The way the user established the session.
    pub user_flags: UserFlags,
    /// The type of the client, from the days of LAN Manager: `DOS LM 2.0`. Current clients send
    /// none.
    pub cltype_name: Option<String>,
    /// The transport that the client uses.
    pub transport: Option<String>,
}

bitflags! {
    /// The way a user established a session: `SESS_*` of `lmshare.h`.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
    pub struct UserFlags: u32 {
        /// `SESS_GUEST`: with a guest account.
        const GUEST = 0x1;
        /// `SESS_NOENCRYPTION`: without encrypting the password at logon. SMB encryption is
        /// something else.
        const NO_PASSWORD_ENCRYPTION = 0x2;
        // A server may set bits that have no name: they are kept.
        const _ = !0;
    }
}
