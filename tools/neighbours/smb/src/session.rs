//! What Windows tells of a session.

use bitflags::bitflags;

/// A session: the fields of `SESSION_INFO_1`, `SESSION_INFO_2` or
/// `SESSION_INFO_502`, in their order and under their names. A text is none where
/// the server gave none or the level has no such field.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Session {
    /// The computer that established the session. Windows names it by its address
    /// where that is how it came.
    pub cname: Option<String>,
    /// The user who established the session.
    pub username: Option<String>,
    /// How many files, devices and pipes were opened during the session.
    pub num_opens: u32,
    /// How long the session has been active, in seconds.
    pub time: u32,
    /// How long the session has been idle, in seconds.
    pub idle_time: u32,
    /// How the user established the session.
    pub user_flags: UserFlags,
    /// The type of the client: one of LAN Manager's, such as `DOS LM 2.0`. Clients of today send none.
    pub cltype_name: Option<String>,
    /// The transport that the client uses.
    pub transport: Option<String>,
}

bitflags! {
    /// How the user established a session: `SESS_*` of `lmshare.h`.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
    pub struct UserFlags: u32 {
        /// `SESS_GUEST`: with a guest account.
        const GUEST = 0x1;
        /// `SESS_NOENCRYPTION`: without encrypting the password at logon. It says nothing
        /// about SMB encryption.
        const NO_PASSWORD_ENCRYPTION = 0x2;
        // Bits that a server may set are data, whether they have a name or not.
        const _ = !0;
    }
}
