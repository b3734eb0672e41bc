//! The judgment of a security descriptor.

use std::path::Path;

use super::descriptor::Descriptor;
use super::error::Weakness;

/// Rights to a file or folder, from `winnt.h`.
mod right {
    pub(super) const WRITE_DATA_OR_ADD_FILE: u32 = 0x0002;
    pub(super) const APPEND_DATA_OR_ADD_FOLDER: u32 = 0x0004;
    pub(super) const WRITE_EA: u32 = 0x0010;
    pub(super) const DELETE_CHILD: u32 = 0x0040;
    pub(super) const WRITE_ATTRIBUTES: u32 = 0x0100;
    pub(super) const DELETE: u32 = 0x0001_0000;
    pub(super) const WRITE_DAC: u32 = 0x0004_0000;
    pub(super) const WRITE_OWNER: u32 = 0x0008_0000;
    pub(super) const GENERIC_ALL: u32 = 0x1000_0000;
    pub(super) const GENERIC_WRITE: u32 = 0x4000_0000;
}

/// The rights to let others in: whoever has one can give themselves all rights.
const CONTROL: u32 = right::WRITE_DAC | right::WRITE_OWNER | right::GENERIC_ALL;

/// A part of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The program's file.
    File,
    /// The folder in which SYSTEM starts a program or writes a log, or will create that folder.
    Folder,
    /// A folder above that one.
    Above,
    /// The root of the volume, which nobody can rename or delete.
    Root,
}

impl Part {
    /// The rights that only trusted SIDs may have.
    const fn guarded(self) -> u32 {
        match self {
            Self::File | Self::Folder => {
                CONTROL
                    | right::GENERIC_WRITE
                    | right::DELETE
                    | right::DELETE_CHILD
                    | right::WRITE_DATA_OR_ADD_FILE
                    | right::APPEND_DATA_OR_ADD_FOLDER
                    | right::WRITE_EA
                    // An empty folder with this right can become a junction to another one.
                    | right::WRITE_ATTRIBUTES
            }
            // Adding something to it changes nothing below it.
            Self::Above => CONTROL | right::DELETE | right::DELETE_CHILD,
            Self::Root => CONTROL | right::DELETE_CHILD,
        }
    }
}

/// Judges the descriptor of a part. Entries that deny rights are left out: with them, a part could
/// be safe that this rejects, and never the other way round.
///
/// # Errors
///
/// The first weakness.
pub fn judge(part: Part, descriptor: &Descriptor) -> Result<(), Weakness> {
    match &descriptor.owner {
        Some(owner) if owner.is_trusted() => {}
        Some(owner) => return Err(Weakness::Owner(owner.clone())),
        None => return Err(Weakness::NoOwner),
    }
    let allowed = descriptor.allowed.as_ref().ok_or(Weakness::NoList)?;
    for entry in allowed {
        // What SYSTEM creates in the folder has these rights.
        let is_inherited = entry.is_inherit_only && part == Part::Folder;
        if (entry.is_inherit_only && !is_inherited) || entry.mask & part.guarded() == 0 {
            continue;
        }
        match &entry.sid {
            // The creator of a new file in the folder is SYSTEM or an administrator.
            Some(sid) if sid.is_trusted() || (is_inherited && sid.is_creator_owner()) => {}
            Some(sid) => return Err(Weakness::Writer(sid.clone())),
            None => return Err(Weakness::Unknown),
        }
    }
    Ok(())
}

/// The parts of a path to judge: the folder itself, then those above it.
pub fn parts(folder: &Path) -> impl Iterator<Item = (Part, &Path)> {
    folder.ancestors().enumerate().map(|(place, path)| match (place, path.parent()) {
        (0, _) => (Part::Folder, path),
        (_, Some(_)) => (Part::Above, path),
        (_, None) => (Part::Root, path),
    })
}

#[cfg(test)]
mod tests {
    use super::super::descriptor::Ace;
    use super::super::sid::Sid;
    use super::super::sid::testing::sid;
    use super::*;

    /// `FILE_ALL_ACCESS`, "Modify", "Read & execute".
    const ALL: u32 = 0x001F_01FF;
    const MODIFY: u32 = 0x0013_01BF;
    const READ: u32 = 0x0012_00A9;

    fn system() -> Sid {
        sid(5, &[18])
    }

    fn users() -> Sid {
        sid(5, &[32, 545])
    }

    fn entry(sid: Sid, mask: u32) -> Ace {
        Ace { sid: Some(sid), mask, is_inherit_only: false }
    }

    fn with(entries: Vec<Ace>) -> Descriptor {
        let administrators = sid(5, &[32, 544]);
        let mut allowed = vec![entry(system(), ALL), entry(administrators.clone(), ALL)];
        allowed.extend(entries);
        Descriptor { owner: Some(administrators), allowed: Some(allowed) }
    }

    const PARTS: [Part; 4] = [Part::File, Part::Folder, Part::Above, Part::Root];

    /// The parts that reject an entry.
    fn rejecting(entry: &Ace) -> Vec<Part> {
        let is_rejected = |part: &Part| judge(*part, &with(vec![entry.clone()])).is_err();
        PARTS.into_iter().filter(is_rejected).collect()
    }

    #[test]
    fn each_right_is_guarded_where_it_is_of_use() {
        let [file, folder, above, root] = PARTS;
        for (mask, parts) in [
            (READ, &[][..]),
            // FILE_READ_ATTRIBUTES, SYNCHRONIZE, GENERIC_READ, GENERIC_EXECUTE.
            (0x0080 | 0x0010_0000 | 0x8000_0000 | 0x2000_0000, &[]),
            (right::WRITE_DATA_OR_ADD_FILE, &[file, folder]),
            (right::APPEND_DATA_OR_ADD_FOLDER, &[file, folder]),
            (right::WRITE_EA, &[file, folder]),
            (right::WRITE_ATTRIBUTES, &[file, folder]),
            (right::GENERIC_WRITE, &[file, folder]),
            (right::DELETE, &[file, folder, above]),
            (MODIFY, &[file, folder, above]),
            (right::DELETE_CHILD, &PARTS),
            (right::WRITE_DAC, &PARTS),
            (right::WRITE_OWNER, &PARTS),
            (right::GENERIC_ALL, &PARTS),
            (ALL, &[file, folder, above, root]),
        ] {
            assert_eq!(rejecting(&entry(users(), mask)), parts, "{mask:#x}");
            assert_eq!(rejecting(&entry(system(), mask)), [], "{mask:#x}");
            let unknown = Ace { sid: None, ..entry(users(), mask) };
            assert_eq!(rejecting(&unknown), parts, "{mask:#x}");
        }
    }

    #[test]
    fn an_inherited_right_counts_in_the_folder_itself() {
        let inherited = |sid| Ace { is_inherit_only: true, ..entry(sid, right::GENERIC_ALL) };
        assert_eq!(rejecting(&inherited(users())), [Part::Folder]);
        assert_eq!(rejecting(&inherited(sid(3, &[0]))), []);
        // Without inheritance, nobody is the creator.
        assert_eq!(rejecting(&entry(sid(3, &[0]), ALL)), PARTS);
    }

    #[test]
    fn an_owner_or_a_missing_list_is_a_weakness_everywhere() {
        for part in PARTS {
            let user = sid(5, &[21, 1, 2, 3, 1001]);
            let owned = Descriptor { owner: Some(user.clone()), ..with(vec![]) };
            assert_eq!(judge(part, &owned), Err(Weakness::Owner(user)));
            let open = Descriptor { allowed: None, ..with(vec![]) };
            assert_eq!(judge(part, &open), Err(Weakness::NoList));
            let nobodys = Descriptor { owner: None, ..with(vec![]) };
            assert_eq!(judge(part, &nobodys), Err(Weakness::NoOwner));
            let closed = Descriptor { allowed: Some(vec![]), ..with(vec![]) };
            assert_eq!(judge(part, &closed), Ok(()));
        }
    }

    #[test]
    fn every_folder_up_to_the_root_is_judged() {
        let found: Vec<_> = parts(Path::new("/a/b/c")).collect();
        let expected = [
            (Part::Folder, "/a/b/c"),
            (Part::Above, "/a/b"),
            (Part::Above, "/a"),
            (Part::Root, "/"),
        ];
        assert_eq!(found, expected.map(|(part, path)| (part, Path::new(path))));
        // A log in the root itself is a folder that ordinary users may add to.
        assert_eq!(parts(Path::new("/")).collect::<Vec<_>>(), [(Part::Folder, Path::new("/"))]);
    }
}
