//! The view of `sessionwatch live`: the present sessions, the stream, its rate and its losses,
//! on one screen.
//!
//! The [`Model`] holds the data, the [`View`] the part that a person looks at and the meaning
//! of keys, and [`draw`](fn@draw) puts both on a screen of any size. These three are plain data
//! and functions of it. Events come from the driver by [`follow`], or from a recording by a
//! [`Player`].
//!
//! *Why does nothing run between events?* Like `follow`, the view has a pending read in the
//! driver, on a thread of its own, and waits for keys on another. It looks at a clock only
//! while the last minute has events.

mod draw;
mod feed;
mod model;
mod player;
mod rates;
mod view;

pub use draw::draw;
pub use feed::{News, follow};
pub use model::{Line, Model};
pub use player::{Player, begin};
pub use rates::Rates;
pub use view::{Action, Playback, View};
