//! The view of `sessionwatch live`: the present sessions, the stream, its rate and its losses,
//! on one screen.
//!
//! The [`Model`] has the data. The [`View`] has the visible part of it, and the meaning of keys.
//! [`draw`](fn@draw) draws both on a screen of any size. These three are plain data and functions
//! of it. Events come from the driver through [`follow`], or from a recording through a [`Player`].
//!
//! *Why does nothing run between events?* Like `follow`, the view has a pending read in the driver,
//! on its own thread, and waits for keys on another. It reads the clock only while the last minute
//! has events.

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
