//! Session events and states: open integers with names. An unnamed value is passed unchanged.

use std::fmt;

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

macro_rules! named_number {
    ($(#[$meta:meta])* $type:ident { $($(#[$doc:meta])* $constant:ident = $value:literal $name:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $type(pub u32);

        impl $type {
            $($(#[$doc])* pub const $constant: Self = Self($value);)+

            /// The name; `None` for an unnamed value.
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

        impl fmt::Display for $type {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self.name() {
                    Some(name) => formatter.pad(name),
                    None => formatter.pad(&self.0.to_string()),
                }
            }
        }

        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                match self.name() {
                    Some(name) => serializer.serialize_str(name),
                    None => serializer.serialize_u32(self.0),
                }
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                match NameOrNumber::deserialize(deserializer)? {
                    NameOrNumber::Number(number) => Ok(Self(number)),
                    NameOrNumber::Name(name) => Self::from_name(&name).ok_or_else(|| {
                        D::Error::unknown_variant(&name, &[$($name),+])
                    }),
                }
            }
        }
    };
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "expected a name or a number from 0 to 4294967295")]
enum NameOrNumber {
    Number(u32),
    Name(String),
}

named_number! {
    /// `IO_SESSION_EVENT`.
    Event {
        /// Undocumented as a notification.
        IGNORE = 0 "ignore",
        /// The session was created.
        CREATED = 1 "created",
        /// The session has ended.
        TERMINATED = 2 "terminated",
        /// A client or the console connected.
        CONNECTED = 3 "connected",
        /// The client or the console disconnected.
        DISCONNECTED = 4 "disconnected",
        /// A user logged on.
        LOGON = 5 "logon",
        /// The user logged off.
        LOGOFF = 6 "logoff",
    }
}

named_number! {
    /// `IO_SESSION_STATE`.
    State {
        /// After the created event.
        CREATED = 1 "created",
        /// The first state of a session object.
        INITIALIZED = 2 "initialized",
        /// Connected, with no user logged on.
        CONNECTED = 3 "connected",
        /// Disconnected, with no user logged on.
        DISCONNECTED = 4 "disconnected",
        /// Disconnected, with a user logged on.
        DISCONNECTED_LOGGED_ON = 5 "disconnected-logged-on",
        /// Connected, with a user logged on.
        LOGGED_ON = 6 "logged-on",
        /// The user has logged off.
        LOGGED_OFF = 7 "logged-off",
        /// The session has ended.
        TERMINATED = 8 "terminated",
    }
}

impl State {
    /// The state after `event`, by the table on the page of `IO_SESSION_STATE`. The table has no
    /// reconnect; here, a reconnect of a logged-on session returns to the logged-on state. An
    /// event that is not in the table leaves the state unchanged.
    #[must_use]
    pub const fn after(self, event: Event) -> Self {
        match (event, self) {
            (Event::CREATED, _) => Self::CREATED,
            (Event::TERMINATED, _) => Self::TERMINATED,
            (Event::CONNECTED, Self::DISCONNECTED_LOGGED_ON) => Self::LOGGED_ON,
            (Event::CONNECTED, _) => Self::CONNECTED,
            (Event::DISCONNECTED, Self::LOGGED_ON) | (Event::LOGON, Self::DISCONNECTED) => {
                Self::DISCONNECTED_LOGGED_ON
            }
            (Event::DISCONNECTED, _) | (Event::LOGOFF, Self::DISCONNECTED_LOGGED_ON) => {
                Self::DISCONNECTED
            }
            (Event::LOGON, _) => Self::LOGGED_ON,
            (Event::LOGOFF, _) => Self::LOGGED_OFF,
            _ => self,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_a_name_or_a_number() {
        assert_eq!(serde_json::from_str::<Event>("\"logon\"").unwrap(), Event::LOGON);
        assert_eq!(serde_json::from_str::<Event>("5").unwrap(), Event::LOGON);
        assert_eq!(serde_json::from_str::<Event>("4294967295").unwrap(), Event(u32::MAX));
        assert!(serde_json::from_str::<Event>("4294967296").is_err());
        assert!(serde_json::from_str::<Event>("\"lock\"").is_err());
    }

    #[test]
    fn a_reconnect_returns_to_the_logged_on_state() {
        let away = State::LOGGED_ON.after(Event::DISCONNECTED);
        assert_eq!(away, State::DISCONNECTED_LOGGED_ON);
        assert_eq!(away.after(Event::CONNECTED), State::LOGGED_ON);
        assert_eq!(away.after(Event::LOGOFF), State::DISCONNECTED);
    }

    #[test]
    fn an_unknown_event_leaves_the_state_unchanged() {
        assert_eq!(State::CONNECTED.after(Event(7)), State::CONNECTED);
    }
}
