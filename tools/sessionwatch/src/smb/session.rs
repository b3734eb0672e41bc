//! What Windows tells of a session.

use std::borrow::Cow;

use crate::render::flag_names;

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

/// How the user established a session: `SESS_*` of `lmshare.h`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct UserFlags(
    /// The bits.
    pub u32,
);

impl UserFlags {
    /// `SESS_GUEST`: with a guest account.
    pub const GUEST: Self = Self(0x1);
    /// `SESS_NOENCRYPTION`: without encrypting the password at logon. It says
    /// nothing of SMB encryption.
    pub const NO_PASSWORD_ENCRYPTION: Self = Self(0x2);

    const NAMES: [(Self, &'static str); 2] =
        [(Self::GUEST, "guest"), (Self::NO_PASSWORD_ENCRYPTION, "no_password_encryption")];

    /// The names of the bits that are set; bits that have none as one number.
    pub fn names(self) -> impl Iterator<Item = Cow<'static, str>> {
        let is_set = move |(flag, _): &(Self, _)| self.0 & flag.0 != 0;
        let known = Self::NAMES.iter().fold(0, |bits, (flag, _)| bits | flag.0);
        let names = Self::NAMES.into_iter().filter(is_set).map(|(_, name)| name);
        flag_names(names, self.0 & !known)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_have_their_names_and_unknown_bits_their_number() {
        let names = |bits| UserFlags(bits).names().collect::<Vec<_>>().join(" ");
        assert_eq!(names(0), "");
        assert_eq!(names(1), "guest");
        assert_eq!(names(2), "no_password_encryption");
        assert_eq!(names(3), "guest no_password_encryption");
        assert_eq!(names(0x8000_0005), "guest 0x80000004");
    }
}
