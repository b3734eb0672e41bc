//! Output: rows, and the forms in which a command prints them.
//!
//! Each kind of row has a module that implements [`Row`] for it. [`Printer`] prints rows as a
//! table, JSON, NDJSON or CSV. This module knows no command, and asks neither driver nor user mode.

mod csv;
mod event;
mod finding;
mod instance;
mod layout;
mod present;
mod printer;
mod row;
mod service;
mod smb;
mod status;
mod stream;
mod table;
#[cfg(test)]
pub(crate) mod testing;
mod tls;

pub use event::Event;
pub(crate) use event::{known_locality, known_state};
pub use layout::Layout;
pub use printer::{Form, Printer};
pub use row::{Column, Emphasis, Row, or_dash};
pub use smb::{SmbChange, SmbEvent, SmbSession};
pub use status::Status;
pub(crate) use stream::lost_sentence;
pub use stream::{Item, Totals};
pub use table::Table;
pub use tls::Resumption;
