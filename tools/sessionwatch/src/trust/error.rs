//! Why a path is not safe for SYSTEM.

use std::borrow::Cow;
use std::path::PathBuf;

use sessionwatch_failure::{Exit, Failure, WindowsError, code};
use thiserror::Error;

use super::sid::Sid;

/// Why a file or folder is not safe.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(test, derive(strum::EnumDiscriminants))]
#[cfg_attr(test, strum_discriminants(derive(strum::VariantArray)))]
pub enum Weakness {
    /// An ordinary user may write to it.
    Writer(Sid),
    /// Its access list has an entry that gives rights in an unknown way.
    Unknown,
    /// An ordinary user owns it.
    Owner(Sid),
    /// Windows names no owner.
    NoOwner,
    /// It has no access list.
    NoList,
    /// Its security descriptor cannot be read.
    Unreadable(WindowsError),
    /// Its security descriptor is malformed.
    Malformed,
}

/// The use that the service has for a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// It starts from there.
    Program,
    /// It writes its log there.
    Log,
}

/// A path is not safe for a service that runs as SYSTEM.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("cannot install the service, which runs as SYSTEM: {}", self.reason())]
pub struct TrustError {
    /// The file or folder.
    pub path: PathBuf,
    /// The use that the service has for it.
    pub purpose: Purpose,
    /// Why it is not safe.
    pub weakness: Weakness,
}

impl TrustError {
    fn reason(&self) -> String {
        let path = self.path.display();
        match &self.weakness {
            Weakness::Writer(sid) => format!("{sid} may change {path}"),
            Weakness::Unknown => format!("the access list of {path} has an unknown entry"),
            Weakness::Owner(sid) => format!("{sid} owns {path}, and may let anybody change it"),
            Weakness::NoOwner => format!("{path} has no owner"),
            Weakness::NoList => format!("everyone may change {path}: it has no access list"),
            Weakness::Unreadable(error) => {
                format!("cannot find out who may change {path}: {error}")
            }
            Weakness::Malformed => format!("the security descriptor of {path} is malformed"),
        }
    }
}

impl Failure for TrustError {
    fn exit(&self) -> Exit {
        match &self.weakness {
            Weakness::Unreadable(WindowsError { code: code::ACCESS_DENIED, .. }) => {
                Exit::AccessDenied
            }
            _ => Exit::File,
        }
    }

    fn hint(&self) -> Option<Cow<'static, str>> {
        Some(
            match (self.purpose, self.exit()) {
                (_, Exit::AccessDenied) => {
                    "run this from an elevated prompt (\"Run as administrator\")"
                }
                (Purpose::Program, _) => {
                    "copy sessionwatch.exe to a new folder in %ProgramFiles%, and install the \
                     service with that copy"
                }
                (Purpose::Log, _) => {
                    "leave out --folder, or create FOLDER and let only administrators write to \
                     it: icacls FOLDER /inheritance:r /grant:r *S-1-5-18:(OI)(CI)F \
                     *S-1-5-32-544:(OI)(CI)F"
                }
            }
            .into(),
        )
    }
}

#[cfg(test)]
mod tests {
    use sessionwatch_failure::testing::assert_sentences;
    use strum::VariantArray as _;

    use super::super::sid::testing::sid;
    use super::*;

    #[test]
    fn every_weakness_says_who_and_where_and_what_to_do() {
        let denied = |code| WindowsError { code, message: "Access is denied".to_owned() };
        let error = |purpose, weakness| TrustError { path: "tools".into(), purpose, weakness };
        let users = || sid(5, &[32, 545]);
        let errors = [
            error(Purpose::Program, Weakness::Writer(users())),
            error(Purpose::Log, Weakness::Writer(users())),
            error(Purpose::Program, Weakness::Unknown),
            error(Purpose::Program, Weakness::Owner(users())),
            error(Purpose::Program, Weakness::NoOwner),
            error(Purpose::Log, Weakness::NoList),
            error(Purpose::Program, Weakness::Unreadable(denied(5))),
            error(Purpose::Program, Weakness::Unreadable(denied(1))),
            error(Purpose::Log, Weakness::Malformed),
        ];
        assert_sentences(&errors);
        for kind in WeaknessDiscriminants::VARIANTS {
            let is_this =
                |error: &TrustError| WeaknessDiscriminants::from(&error.weakness) == *kind;
            assert!(errors.iter().any(is_this), "no example of {kind:?}");
        }
        assert_eq!(
            errors[0].to_string(),
            "cannot install the service, which runs as SYSTEM: Users (S-1-5-32-545) may change \
             tools"
        );
        assert_eq!((errors[0].exit(), errors[6].exit()), (Exit::File, Exit::AccessDenied));
    }
}
