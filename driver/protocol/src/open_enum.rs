//! Integers with names, open to values that have none.

/// Defines a transparent integer with named values. Any value of the integer is
/// legal data; [`Display`](core::fmt::Display) prints the name, or the number
/// where there is no name.
macro_rules! open_enum {
    (
        $(#[$attribute:meta])*
        pub struct $type:ident($integer:ty) {
            $($(#[$value_attribute:meta])* $constant:ident = $value:literal, $name:literal;)+
        }
    ) => {
        $(#[$attribute])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $type(
            /// The number on the wire.
            pub $integer
        );

        impl $type {
            $($(#[$value_attribute])* pub const $constant: Self = Self($value);)+

            /// All values that have a name, in the order of their numbers.
            pub const NAMED: &'static [Self] = &[$(Self::$constant),+];

            /// The stable, lower-case name, or `None` for a value without one.
            #[must_use]
            pub const fn name(self) -> Option<&'static str> {
                match self.0 {
                    $($value => Some($name),)+
                    _ => None,
                }
            }

            /// The value with this name.
            #[must_use]
            pub fn from_name(name: &str) -> Option<Self> {
                match name {
                    $($name => Some(Self($value)),)+
                    _ => None,
                }
            }
        }

        impl core::fmt::Display for $type {
            fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                match self.name() {
                    Some(name) => formatter.pad(name),
                    None => core::fmt::Display::fmt(&self.0, formatter),
                }
            }
        }
    };
}

/// Defines a transparent set of named bits. Unnamed bits are legal data.
macro_rules! open_flags {
    (
        $(#[$attribute:meta])*
        pub struct $type:ident($integer:ty) {
            $($(#[$value_attribute:meta])* $constant:ident = $value:literal, $name:literal;)+
        }
    ) => {
        $(#[$attribute])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
        pub struct $type(
            /// The bits on the wire.
            pub $integer
        );

        impl $type {
            /// No bit set.
            pub const NONE: Self = Self(0);
            $($(#[$value_attribute])* pub const $constant: Self = Self($value);)+

            /// All bits that have a name.
            pub const NAMED: &'static [Self] = &[$(Self::$constant),+];

            /// Whether every bit of `other` is set.
            #[must_use]
            pub const fn contains(self, other: Self) -> bool {
                self.0 & other.0 == other.0
            }

            /// Whether any bit of `other` is set.
            #[must_use]
            pub const fn intersects(self, other: Self) -> bool {
                self.0 & other.0 != 0
            }

            /// The bits of both.
            #[must_use]
            pub const fn union(self, other: Self) -> Self {
                Self(self.0 | other.0)
            }

            /// The bits that have no name.
            #[must_use]
            pub const fn unnamed(self) -> $integer {
                self.0 & !(0 $(| $value)+)
            }

            /// The stable names of the bits that are set and have one.
            pub fn names(self) -> impl Iterator<Item = &'static str> {
                [$((Self::$constant, $name)),+]
                    .into_iter()
                    .filter(move |(bit, _)| self.contains(*bit))
                    .map(|(_, name)| name)
            }
        }
    };
}

pub(crate) use {open_enum, open_flags};

#[cfg(test)]
mod tests {
    use std::format;
    use std::vec::Vec;

    use crate::{EventKind, Locality, ReadFlags, RecordFlags, SessionState, SettingFlags};

    #[test]
    fn values_have_these_numbers_and_names_on_the_wire() {
        let kinds = (0..).map_while(|number| EventKind(number).name());
        assert_eq!(
            kinds.collect::<Vec<_>>(),
            ["ignore", "created", "terminated", "connected", "disconnected", "logon", "logoff"]
        );
        let states = (0..).map_while(|number| SessionState(number).name());
        assert_eq!(
            states.collect::<Vec<_>>(),
            [
                "unknown",
                "created",
                "initialized",
                "connected",
                "disconnected",
                "disconnected_logged_on",
                "logged_on",
                "logged_off",
                "terminated"
            ]
        );
        let localities = (0..).map_while(|number| Locality(number).name());
        assert_eq!(localities.collect::<Vec<_>>(), ["unknown", "local", "remote"]);
    }

    #[test]
    fn bits_have_these_places_and_names_on_the_wire() {
        let flags = (0..16).flat_map(|place| RecordFlags(1 << place).names());
        assert_eq!(
            flags.collect::<Vec<_>>(),
            [
                "payload_missing",
                "payload_short",
                "payload_oversized",
                "payload_disagrees",
                "locality_invalid",
                "information_failed",
                "session_id_unknown",
                "life_untracked",
                "event_unknown",
                "step_undocumented"
            ]
        );
        assert_eq!(RecordFlags(u16::MAX).unnamed(), 0xFC00);
        let settings = (0..32).flat_map(|place| SettingFlags(1 << place).names());
        assert_eq!(
            settings.collect::<Vec<_>>(),
            [
                "capacity_clamped",
                "capacity_unreadable",
                "capacity_reduced",
                "event_mask_unreadable",
                "event_mask_empty",
                "waits_per_handle_clamped",
                "waits_per_handle_unreadable",
                "waits_clamped",
                "waits_unreadable"
            ]
        );
        assert_eq!(SettingFlags(u32::MAX).unnamed(), 0xFFFF_FE00);
        assert_eq!(ReadFlags(1).names().collect::<Vec<_>>(), ["wait"]);
        assert_eq!(ReadFlags(u32::MAX).unnamed(), 0xFFFF_FFFE);
    }

    #[test]
    fn a_set_contains_another_only_whole() {
        let short = RecordFlags::PAYLOAD_SHORT;
        let odd = short.union(RecordFlags::EVENT_UNKNOWN);
        assert!(odd.contains(short) && !short.contains(odd));
        assert!(odd.intersects(short) && short.intersects(odd));
        assert!(short.contains(RecordFlags::NONE) && !short.intersects(RecordFlags::NONE));
        assert_eq!(odd.union(short), odd, "what is set stays set");
    }

    #[test]
    fn names_and_numbers_align_in_columns() {
        assert_eq!(format!("[{:>8}]", EventKind::LOGON), "[   logon]");
        assert_eq!(format!("[{:>8}]", EventKind(99)), "[      99]");
    }
}
