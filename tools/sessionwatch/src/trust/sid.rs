//! Security identifiers.

use std::fmt;

/// The most subauthorities that a SID has: `SID_MAX_SUB_AUTHORITIES` of `winnt.h`.
const MOST_SUBAUTHORITIES: usize = 15;

/// A security identifier. It displays as its name, if it is well known, and its number:
/// `Users (S-1-5-32-545)`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Sid {
    authority: u64,
    subauthorities: Vec<u32>,
}

/// `NT SERVICE\TrustedInstaller`, the owner of the files of Windows. The numbers are a hash of
/// its name, and the same on every machine.
const TRUSTED_INSTALLER: [u32; 6] =
    [80, 956_008_885, 3_418_522_649, 1_831_038_044, 1_853_292_631, 2_271_478_464];

/// The names of SIDs that stand for more than administrators:
/// <https://learn.microsoft.com/windows/win32/secauthz/well-known-sids>.
const NAMES: [(u64, &[u32], &str); 12] = [
    (1, &[0], "Everyone"),
    (2, &[0], "local users"),
    (3, &[0], "the creator of a file"),
    (3, &[1], "the group of a file's creator"),
    (5, &[2], "network users"),
    (5, &[4], "interactive users"),
    (5, &[7], "anonymous users"),
    (5, &[11], "Authenticated Users"),
    (5, &[32, 545], "Users"),
    (5, &[32, 546], "Guests"),
    (5, &[32, 547], "Power Users"),
    (15, &[2, 1], "all apps"),
];

impl Sid {
    /// Reads the SID at the start of `bytes`, as in MS-DTYP section 2.4.2.2; `None` if there is
    /// none.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let (&[revision, count, ref authority @ ..], rest) = bytes.split_first_chunk::<8>()?;
        let count = usize::from(count);
        if revision != 1 || count > MOST_SUBAUTHORITIES {
            return None;
        }
        let (numbers, _) = rest.get(..count * 4)?.as_chunks::<4>();
        Some(Self {
            authority: authority.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)),
            subauthorities: numbers.iter().map(|number| u32::from_le_bytes(*number)).collect(),
        })
    }

    /// True for SYSTEM, Administrators and `TrustedInstaller`, and for the owner's own rights: the
    /// owner is judged as well.
    #[must_use]
    pub fn is_trusted(&self) -> bool {
        match (self.authority, self.subauthorities.as_slice()) {
            (5, [18] | [32, 544]) | (3, [4]) => true,
            (5, numbers) => *numbers == TRUSTED_INSTALLER,
            _ => false,
        }
    }

    /// True for CREATOR OWNER, which stands for whoever creates a file.
    #[must_use]
    pub fn is_creator_owner(&self) -> bool {
        self.authority == 3 && self.subauthorities == [0]
    }
}

impl fmt::Display for Sid {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_this = |entry: &&(u64, &[u32], &str)| {
            (entry.0, entry.1) == (self.authority, self.subauthorities.as_slice())
        };
        let name = NAMES.iter().find(is_this).map(|(.., name)| name);
        if let Some(name) = name {
            write!(formatter, "{name} (")?;
        }
        write!(formatter, "S-1-{}", self.authority)?;
        for number in &self.subauthorities {
            write!(formatter, "-{number}")?;
        }
        formatter.write_str(if name.is_some() { ")" } else { "" })
    }
}

#[cfg(test)]
pub(super) mod testing {
    use super::Sid;

    /// The SID with these numbers.
    pub(in crate::trust) fn sid(authority: u64, numbers: &[u32]) -> Sid {
        Sid { authority, subauthorities: numbers.to_vec() }
    }

    /// The bytes of a SID.
    pub(in crate::trust) fn bytes(sid: &Sid) -> Vec<u8> {
        let mut bytes = vec![1, u8::try_from(sid.subauthorities.len()).unwrap()];
        bytes.extend(&sid.authority.to_be_bytes()[2..]);
        bytes.extend(sid.subauthorities.iter().flat_map(|number| number.to_le_bytes()));
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::testing::{bytes, sid};
    use super::*;

    #[test]
    fn a_sid_is_read_and_named() {
        for (numbers, text) in [
            ((5, &[32, 545][..]), "Users (S-1-5-32-545)"),
            ((1, &[0]), "Everyone (S-1-1-0)"),
            ((5, &[21, 1, 2, u32::MAX, 1002]), "S-1-5-21-1-2-4294967295-1002"),
            ((0xFFFF_FFFF_FFFF, &[]), "S-1-281474976710655"),
        ] {
            let sid = sid(numbers.0, numbers.1);
            assert_eq!(sid.to_string(), text);
            let mut bytes = bytes(&sid);
            assert_eq!(Sid::read(&bytes), Some(sid));
            bytes.pop();
            assert_eq!(Sid::read(&bytes), None);
        }
        assert_eq!(Sid::read(&[2, 0, 0, 0, 0, 0, 0, 5]), None);
        assert_eq!(Sid::read(&[[1, 16, 0, 0, 0, 0, 0, 5].as_slice(), &[0; 64]].concat()), None);
    }

    #[test]
    fn windows_and_administrators_are_trusted_and_nobody_else() {
        for (authority, numbers) in
            [(5, &[18][..]), (5, &[32, 544]), (5, &TRUSTED_INSTALLER), (3, &[4])]
        {
            assert!(sid(authority, numbers).is_trusted(), "{numbers:?}");
        }
        for (authority, numbers) in [
            (5, &[19][..]),
            (5, &[32, 545]),
            (5, &[80, 0]),
            (5, &TRUSTED_INSTALLER[..5]),
            (5, &[21, 1, 2, 3, 500]),
            (5, &[18, 0]),
            (1, &[18]),
            (3, &[0]),
            (5, &[]),
        ] {
            assert!(!sid(authority, numbers).is_trusted(), "{numbers:?}");
        }
    }
}
