//! Cargo's profiles.

use std::convert::Infallible;
use std::str::FromStr;

/// A profile, by cargo's name for it. Cargo rejects an unknown name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile(String);

impl Profile {
    /// The profile of shipped images.
    #[must_use]
    pub fn release() -> Self {
        Self("release".to_owned())
    }

    pub(crate) fn name(&self) -> &str {
        &self.0
    }

    /// The folder in which cargo puts the build.
    ///
    /// <https://doc.rust-lang.org/cargo/reference/profiles.html>
    pub(crate) fn folder(&self) -> &str {
        match &*self.0 {
            "dev" | "test" => "debug",
            "bench" => "release",
            other => other,
        }
    }
}

impl FromStr for Profile {
    type Err = Infallible;

    fn from_str(name: &str) -> Result<Self, Infallible> {
        Ok(Self(name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cargos_own_profiles_share_two_folders_and_others_have_their_own() {
        let folder = |name: &str| name.parse::<Profile>().unwrap().folder().to_owned();
        assert_eq!(
            ["dev", "test", "release", "bench", "small"].map(folder),
            ["debug", "debug", "release", "release", "small"]
        );
        assert_eq!(Profile::release().folder(), "release");
    }
}
