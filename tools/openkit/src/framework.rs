//! The framework that a driver requests in its manifest's metadata.

use std::fmt;

use anyhow::{Result, anyhow};
use cargo_metadata::{Metadata, Package};
use serde::Deserialize;
use serde_json::Value;

use crate::failure::failure;

/// The section of a manifest, as its author writes it.
const SECTION: &str = "[package.metadata.wdk.driver-model]";

/// A version of KMDF that the kit has headers and an entry library for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Framework {
    pub(crate) major: u8,
    pub(crate) minor: u8,
}

impl fmt::Display for Framework {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{}", self.major, self.minor)
    }
}

impl Framework {
    /// The versions in the kit.
    pub(crate) const KNOWN: [Self; 1] = [Self { major: 1, minor: 31 }];

    /// The framework of a package. The workspace and all of its packages must agree on one,
    /// because the build script of `wdk-build` does not know for which package it runs. That
    /// script also checks dependencies, and stops the build if one disagrees.
    pub(crate) fn of(metadata: &Metadata, package: &Package) -> Result<Self> {
        let refuse = |why: String, hint: String| {
            let (name, manifest) = (&package.name, &package.manifest_path);
            Err(failure(anyhow!("cannot build {name} ({manifest}): {why}"), hint))
        };
        let models = match models(metadata) {
            Ok(models) => models,
            Err(Invalid { owner, error }) => {
                return refuse(
                    format!("the driver-model section of {owner} is not valid: {error}"),
                    "for KMDF, set driver-type, kmdf-version-major and target-kmdf-version-minor"
                        .to_owned(),
                );
            }
        };
        let known = Self::KNOWN.map(|known| known.to_string()).join(" and ");
        match &models[..] {
            [] => refuse(
                format!("it is not a driver: its workspace has no {SECTION}"),
                format!("name a driver with --manifest-path, or add the section for KMDF {known}"),
            ),
            [Model::Kmdf(KmdfVersion { major, minor, .. })] => {
                let asked = Self { major: *major, minor: *minor };
                if Self::KNOWN.contains(&asked) {
                    return Ok(asked);
                }
                refuse(
                    format!(
                        "it asks for KMDF {asked}, and openkit has headers of KMDF {known} only"
                    ),
                    format!(
                        "ask for KMDF {known} in {SECTION}, or build with the Windows Driver Kit"
                    ),
                )
            }
            [model] => refuse(
                format!("it is a {model} driver, and openkit builds KMDF drivers only"),
                "build it on Windows, with the Windows Driver Kit".to_owned(),
            ),
            [one, other, ..] => refuse(
                format!("its workspace asks for several driver models, such as {one} and {other}"),
                "wdk-build takes one for a workspace: give each model a workspace of its own"
                    .to_owned(),
            ),
        }
    }
}

/// The part of `metadata.wdk` that `wdk-build` reads, by its rules.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Wdk {
    driver_model: Model,
}

#[derive(Debug, Deserialize, PartialEq, Eq)]
#[serde(tag = "driver-type", deny_unknown_fields, rename_all = "UPPERCASE")]
enum Model {
    Wdm,
    Kmdf(KmdfVersion),
    Umdf(UmdfVersion),
}

#[derive(Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
struct KmdfVersion {
    #[serde(rename = "kmdf-version-major")]
    major: u8,
    #[serde(rename = "target-kmdf-version-minor")]
    minor: u8,
    #[serde(rename = "minimum-kmdf-version-minor")]
    minimum: Option<u8>,
}

#[derive(Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
struct UmdfVersion {
    #[serde(rename = "umdf-version-major")]
    major: u8,
    #[serde(rename = "target-umdf-version-minor")]
    minor: u8,
    #[serde(rename = "minimum-umdf-version-minor")]
    minimum: Option<u8>,
}

impl fmt::Display for Model {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Wdm => formatter.write_str("WDM"),
            Self::Kmdf(KmdfVersion { major, minor, .. }) => {
                write!(formatter, "KMDF {major}.{minor}")
            }
            Self::Umdf(UmdfVersion { major, minor, .. }) => {
                write!(formatter, "UMDF {major}.{minor}")
            }
        }
    }
}

/// A malformed section.
struct Invalid {
    owner: String,
    error: serde_json::Error,
}

/// The different models in the metadata of the workspace and its packages.
fn models(metadata: &Metadata) -> Result<Vec<Model>, Invalid> {
    let workspace = ("the workspace".to_owned(), &metadata.workspace_metadata["wdk"]);
    let packages = metadata.packages.iter().map(|package| {
        let section = &package.metadata["wdk"];
        // An empty section only marks a package.
        let is_empty = section.as_object().is_some_and(serde_json::Map::is_empty);
        (package.name.to_string(), if is_empty { &Value::Null } else { section })
    });
    let mut models = Vec::new();
    for (owner, section) in packages.chain([workspace]).filter(|(_, section)| !section.is_null()) {
        let model =
            Wdk::deserialize(section).map_err(|error| Invalid { owner, error })?.driver_model;
        if !models.contains(&model) {
            models.push(model);
        }
    }
    Ok(models)
}
