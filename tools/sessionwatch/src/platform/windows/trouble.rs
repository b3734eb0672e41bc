//! The service's trouble, in the registry: a full disk cannot hold it.

use sessionwatch_archive::Trouble;
use windows_registry::LOCAL_MACHINE;

use crate::service::ShownTrouble;

/// A key of the service, which only administrators may write to.
const KEY: &str = r"SYSTEM\CurrentControlSet\Services\SessionWatchLog\State";
const VALUE: &str = "Trouble";

/// Shows the service's trouble, or that it has none.
pub(super) fn show(trouble: Option<&Trouble>) {
    let Ok(key) = LOCAL_MACHINE.create(KEY) else { return };
    // It is shown again when it changes; the log names it in any case, once it is over.
    let _ = match trouble {
        Some(Trouble { since, reason }) => key.set_string(VALUE, format!("{since} {reason}")),
        None => key.remove_value(VALUE),
    };
}

/// The trouble that the service shows.
pub(super) fn shown() -> Option<ShownTrouble> {
    let text = LOCAL_MACHINE.open(KEY).ok()?.get_string(VALUE).ok()?;
    let (since, reason) = text.split_once(' ')?;
    Some(ShownTrouble { since: since.to_owned(), reason: reason.to_owned() })
}
