//! Values of an open set: a name, or a number for a value without a name.

use serde::Serializer;

/// Writes the name, or the number of a value without one.
pub(crate) fn name_or_number<S: Serializer>(
    name: Option<&'static str>,
    number: u32,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match name {
        Some(name) => serializer.serialize_str(name),
        None => serializer.serialize_u32(number),
    }
}
