//! The names of flags in the output.

use bitflags::Flags;

/// The names of the set bits in lower case, and the unnamed bits as one number.
pub fn flag_names<F: Flags<Bits: Into<u64>> + Copy>(flags: F) -> impl Iterator<Item = String> {
    flags.iter_names().map(|(name, _)| name.to_ascii_lowercase()).chain(unnamed_flags(flags))
}

/// The set bits without a name, as one hexadecimal number; `None` if there are none.
#[must_use]
pub fn unnamed_flags<F: Flags<Bits: Into<u64>> + Copy>(flags: F) -> Option<String> {
    let mut named = flags.iter_names();
    named.by_ref().for_each(drop);
    let unnamed: u64 = named.remaining().bits().into();
    (unnamed != 0).then(|| format!("{unnamed:#06x}"))
}

#[cfg(test)]
mod tests {
    use sessionwatch_protocol::{RecordFlags, SettingFlags};

    use super::*;

    #[test]
    fn flags_have_their_names_and_unnamed_bits_their_number() {
        let names = |flags: RecordFlags| flag_names(flags).collect::<Vec<_>>();
        assert!(names(RecordFlags::empty()).is_empty());
        let flags = RecordFlags::PAYLOAD_SHORT | RecordFlags::from_bits_retain(0x8200);
        assert_eq!(names(flags), ["payload_short", "0x8200"]);
        assert_eq!(unnamed_flags(SettingFlags::CAPACITY_CLAMPED), None);
    }
}
