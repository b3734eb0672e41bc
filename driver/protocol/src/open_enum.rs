//! Integers with named values, open to unnamed ones.

/// Defines a transparent integer with named values. Every value of the integer is legal
/// data. [`Display`](core::fmt::Display) prints the name, or the number of an unnamed value.
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

            /// All named values, in ascending order.
            pub const NAMED: &'static [Self] = &[$(Self::$constant),+];

            /// The stable, lower-case name; `None` for an unnamed value.
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

pub(crate) use open_enum;

#[cfg(test)]
mod tests {
    use std::format;
    use std::vec::Vec;

    use crate::{EventKind, Locality, SessionState};

    #[test]
    fn names_and_values_are_stable() {
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
    fn names_and_numbers_align_in_columns() {
        assert_eq!(format!("[{:>8}]", EventKind::LOGON), "[   logon]");
        assert_eq!(format!("[{:>8}]", EventKind(99)), "[      99]");
    }
}
