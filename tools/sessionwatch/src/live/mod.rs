//! The view of `sessionwatch live`: the present sessions, the stream, its rate and
//! its losses, on one screen.
//!
//! The [`Model`] is what is known, the [`View`] what a person looks at and what their
//! keys do, and [`draw`](fn@draw) puts both on a screen of any size. These three are plain
//! data and functions of it. What comes in comes from the driver by [`follow`], or
//! from a recording by a [`Player`].
//!
//! *Why does nothing run while nothing happens?* As `follow`, the view waits in the
//! driver, on a thread of its own, and for keys on another. It looks at a clock only
//! while there is something in the last minute that gets older.

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
