//! The bytes of a self-relative security descriptor, as in MS-DTYP section 2.4.6.

use thiserror::Error;

use super::sid::Sid;

/// `SE_DACL_PRESENT` of `winnt.h`.
const DACL_PRESENT: u16 = 0x0004;
/// `SE_SELF_RELATIVE` of `winnt.h`.
const SELF_RELATIVE: u16 = 0x8000;

/// `ACCESS_ALLOWED_ACE_TYPE` and `ACCESS_ALLOWED_CALLBACK_ACE_TYPE`: both have the mask and then
/// the SID. The second has a condition, which can only take rights away.
const ALLOWING: [u8; 2] = [0, 9];
/// The types that deny, audit, alarm or label, and so give nobody a right.
const GIVING_NOTHING: [u8; 13] = [1, 2, 3, 6, 7, 8, 10, 12, 13, 14, 15, 16, 17];
/// `INHERIT_ONLY_ACE` of `winnt.h`.
const INHERIT_ONLY: u8 = 0x08;

/// The owner and the access list of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Descriptor {
    /// The owner, who may always change the list.
    pub owner: Option<Sid>,
    /// The entries that give rights; `None` if there is no list, which gives everyone all rights.
    pub allowed: Option<Vec<Ace>>,
}

/// An entry that gives rights.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ace {
    /// Who gets them; `None` in an entry of a type that is unknown here.
    pub sid: Option<Sid>,
    /// The rights.
    pub mask: u32,
    /// True if it concerns only files and folders below this one.
    pub is_inherit_only: bool,
}

/// The bytes are no security descriptor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the security descriptor is malformed")]
pub struct Malformed;

impl Descriptor {
    /// Reads a self-relative security descriptor.
    ///
    /// # Errors
    ///
    /// If a part of it lies outside of the bytes, or has another form.
    pub fn read(bytes: &[u8]) -> Result<Self, Malformed> {
        let header = bytes.first_chunk::<20>().ok_or(Malformed)?;
        let control = u16::from_le_bytes([header[2], header[3]]);
        if header[0] != 1 || control & SELF_RELATIVE == 0 {
            return Err(Malformed);
        }
        let owner = part(bytes, &header[4..8])?;
        let owner = owner.map(|owner| Sid::read(owner).ok_or(Malformed)).transpose()?;
        let list = if control & DACL_PRESENT == 0 { None } else { part(bytes, &header[16..20])? };
        Ok(Self { owner, allowed: list.map(allowed).transpose()? })
    }
}

/// The bytes from an offset on; `None` if the offset is 0, which stands for no such part.
fn part<'a>(bytes: &'a [u8], offset: &[u8]) -> Result<Option<&'a [u8]>, Malformed> {
    let offset = offset.try_into().map_err(|_| Malformed)?;
    let offset = usize::try_from(u32::from_le_bytes(offset)).map_err(|_| Malformed)?;
    if offset == 0 {
        return Ok(None);
    }
    bytes.get(offset..).map(Some).ok_or(Malformed)
}

/// The entries of an access list that give rights.
fn allowed(list: &[u8]) -> Result<Vec<Ace>, Malformed> {
    let header = list.first_chunk::<8>().ok_or(Malformed)?;
    let size = usize::from(u16::from_le_bytes([header[2], header[3]]));
    let count = u16::from_le_bytes([header[4], header[5]]);
    let mut rest = list.get(8..size).ok_or(Malformed)?;
    let mut entries = Vec::new();
    for _ in 0..count {
        let &[kind, flags, low, high] = rest.first_chunk::<4>().ok_or(Malformed)?;
        let size = usize::from(u16::from_le_bytes([low, high]));
        let body = rest.get(4..size).ok_or(Malformed)?;
        rest = &rest[size..];
        if GIVING_NOTHING.contains(&kind) {
            continue;
        }
        let (mask, sid) = body.split_first_chunk::<4>().ok_or(Malformed)?;
        let sid =
            if ALLOWING.contains(&kind) { Some(Sid::read(sid).ok_or(Malformed)?) } else { None };
        let is_inherit_only = flags & INHERIT_ONLY != 0;
        entries.push(Ace { sid, mask: u32::from_le_bytes(*mask), is_inherit_only });
    }
    Ok(entries)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::sid::testing::{bytes, sid};
    use super::*;

    /// An entry with a type, flags and a mask for a SID.
    fn ace(kind: u8, flags: u8, mask: u32, sid: &Sid) -> Vec<u8> {
        let sid = bytes(sid);
        let size = u16::try_from(8 + sid.len()).unwrap().to_le_bytes();
        [&[kind, flags], &size[..], &mask.to_le_bytes(), &sid].concat()
    }

    /// A descriptor with an owner and these entries.
    fn descriptor(owner: &Sid, entries: &[Vec<u8>]) -> Vec<u8> {
        let (owner, entries) = (bytes(owner), entries.to_vec());
        let all = entries.concat();
        let size = u16::try_from(8 + all.len()).unwrap().to_le_bytes();
        let count = u16::try_from(entries.len()).unwrap().to_le_bytes();
        let dacl = u32::try_from(20 + owner.len()).unwrap().to_le_bytes();
        let header = [1, 0, 4, 0x80, 20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        [&header, &dacl[..], &owner, &[2, 0], &size, &count, &[0; 2], &all].concat()
    }

    #[test]
    fn owner_and_entries_are_read() {
        let (system, users) = (sid(5, &[18]), sid(5, &[32, 545]));
        let bytes = descriptor(
            &system,
            &[
                ace(1, 0, 0xFF, &users),
                ace(0, 3, 0x001F_01FF, &system),
                ace(0, 11, 0x1000_0000, &users),
                ace(9, 0, 2, &users),
                ace(5, 0, 4, &users),
            ],
        );
        let entry = |sid: Option<&Sid>, mask, is_inherit_only| Ace {
            sid: sid.cloned(),
            mask,
            is_inherit_only,
        };
        let read = Descriptor {
            owner: Some(system.clone()),
            allowed: Some(vec![
                entry(Some(&system), 0x001F_01FF, false),
                entry(Some(&users), 0x1000_0000, true),
                entry(Some(&users), 2, false),
                // Not known here, so it could be for anybody.
                entry(None, 4, false),
            ]),
        };
        assert_eq!(Descriptor::read(&bytes), Ok(read));
        for length in 0..bytes.len() {
            assert_eq!(Descriptor::read(&bytes[..length]), Err(Malformed), "{length}");
        }
    }

    #[test]
    fn no_list_and_an_empty_list_are_different() {
        let mut bytes = descriptor(&sid(5, &[18]), &[]);
        assert_eq!(Descriptor::read(&bytes).unwrap().allowed, Some(vec![]));
        bytes[2] = 0;
        assert_eq!(Descriptor::read(&bytes).unwrap().allowed, None);
        bytes[2] = 4;
        bytes[16..20].fill(0);
        assert_eq!(Descriptor::read(&bytes).unwrap().allowed, None);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_rejected(mut bytes: Vec<u8>, offset in 0_u8..40) {
            let _ = Descriptor::read(&bytes);
            if bytes.len() > 20 {
                bytes[..4].copy_from_slice(&[1, 0, 4, 0x80]);
                bytes[4..8].copy_from_slice(&[0; 4]);
                bytes[16..20].copy_from_slice(&[offset, 0, 0, 0]);
                let _ = Descriptor::read(&bytes);
            }
        }
    }
}
