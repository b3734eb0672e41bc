//! The visible part of the data, and the meaning of keys.

use jiff::tz::TimeZone;
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

use super::Model;

/// The initial speed of a recording, in events per second.
const SPEED: u64 = 8;
/// The highest speed. A key also jumps to the end.
const FASTEST: u64 = 1024;

/// A view of a model.
#[derive(Debug)]
pub struct View {
    /// The data.
    pub model: Model,
    /// The source, in a few words.
    pub source: String,
    /// The zone of times; UTC if `None`.
    pub zone: Option<TimeZone>,
    /// The playback of a recording; `None` for the driver.
    pub playback: Option<Playback>,
    /// The reason why the stream has ended; `None` while it continues.
    pub ended: Option<String>,
    /// The place of the lowest visible line; the newest line if `None`.
    anchor: Option<u64>,
    /// The number of visible lines.
    page: u64,
}

/// The playback of a recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Playback {
    /// True while it plays by itself.
    pub is_playing: bool,
    /// Its speed, in events per second.
    pub speed: u64,
}

/// An action that a key requests outside of the view.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Nothing.
    Stay,
    /// Play this number of events of the recording.
    Play(u64),
    /// Quit.
    Quit,
}

impl View {
    /// A view of the driver.
    #[must_use]
    pub fn of_driver(model: Model, zone: Option<TimeZone>) -> Self {
        Self::new(model, "the driver".to_owned(), zone, None)
    }

    /// A view of a recording, which begins to play.
    #[must_use]
    pub fn of_recording(model: Model, name: String, zone: Option<TimeZone>) -> Self {
        Self::new(model, name, zone, Some(Playback { is_playing: true, speed: SPEED }))
    }

    const fn new(
        model: Model,
        source: String,
        zone: Option<TimeZone>,
        playback: Option<Playback>,
    ) -> Self {
        Self { model, source, zone, playback, ended: None, anchor: None, page: 1 }
    }

    /// The place after the lowest visible line.
    #[must_use]
    pub fn bottom(&self) -> u64 {
        let places = self.model.places();
        self.anchor.map_or(places.end, |anchor| (anchor + 1).clamp(places.start, places.end))
    }

    /// The number of lines below the visible ones.
    #[must_use]
    pub fn newer(&self) -> u64 {
        self.model.places().end - self.bottom()
    }

    /// True while the view follows the newest line.
    #[must_use]
    pub const fn is_following(&self) -> bool {
        self.anchor.is_none()
    }

    /// Sets the number of visible lines.
    pub fn set_page(&mut self, lines: u16) {
        self.page = u64::from(lines).max(1);
    }

    /// The speed of automatic playback; `None` if the recording does not play by itself.
    #[must_use]
    pub fn speed(&self) -> Option<u64> {
        let playback = self.playback.filter(|playback| playback.is_playing)?;
        self.ended.is_none().then_some(playback.speed)
    }

    /// Handles a key.
    pub fn press(&mut self, key: KeyEvent) -> Action {
        if key.kind == KeyEventKind::Release {
            return Action::Stay;
        }
        let is_control = key.modifiers.contains(KeyModifiers::CONTROL);
        match key.code {
            KeyCode::Char('c') if is_control => return Action::Quit,
            KeyCode::Char('q') | KeyCode::Esc => return Action::Quit,
            KeyCode::Up | KeyCode::Char('k') => self.scroll_up(1),
            KeyCode::Down | KeyCode::Char('j') => self.scroll_down(1),
            KeyCode::PageUp => self.scroll_up(self.page),
            KeyCode::PageDown => self.scroll_down(self.page),
            KeyCode::Home | KeyCode::Char('g') => self.scroll_up(u64::MAX),
            KeyCode::End | KeyCode::Char('G') => self.anchor = None,
            KeyCode::Char(' ') => self.pause(),
            KeyCode::Right | KeyCode::Char('n') => return self.step(1),
            KeyCode::Char('e') => return self.step(u64::MAX),
            KeyCode::Char('+' | '=') => self.set_speed(|speed| speed * 2),
            KeyCode::Char('-') => self.set_speed(|speed| speed / 2),
            _ => {}
        }
        Action::Stay
    }

    /// Scrolls up, at most to a full first page.
    fn scroll_up(&mut self, lines: u64) {
        let places = self.model.places();
        let highest = (places.start + self.page).min(places.end);
        let bottom = self.bottom().saturating_sub(lines).max(highest);
        self.anchor = if bottom == places.end { None } else { bottom.checked_sub(1) };
    }

    fn scroll_down(&mut self, lines: u64) {
        let bottom = self.bottom().saturating_add(lines);
        let is_end = bottom >= self.model.places().end;
        self.anchor = if is_end { None } else { bottom.checked_sub(1) };
    }

    /// Keeps the visible lines. A recording stops. The driver's stream continues below.
    fn pause(&mut self) {
        match &mut self.playback {
            Some(playback) => playback.is_playing = !playback.is_playing,
            None if self.anchor.is_some() => self.anchor = None,
            None => self.anchor = self.bottom().checked_sub(1),
        }
    }

    fn step(&mut self, events: u64) -> Action {
        let Some(playback) = &mut self.playback else { return Action::Stay };
        playback.is_playing = false;
        self.anchor = None;
        Action::Play(events)
    }

    fn set_speed(&mut self, change: impl FnOnce(u64) -> u64) {
        if let Some(playback) = &mut self.playback {
            playback.speed = change(playback.speed).clamp(1, FASTEST);
        }
    }
}

#[cfg(test)]
mod tests {
    use sessionwatch_protocol::Record;
    use sessionwatch_reader::Batch;
    use zerocopy::FromZeros;

    use super::*;

    fn view(lines: usize) -> View {
        let mut view = View::of_driver(Model::default(), None);
        add(&mut view, lines);
        view.set_page(10);
        view
    }

    fn add(view: &mut View, lines: usize) {
        view.model.apply(&Batch { lost: None, records: &vec![Record::new_zeroed(); lines] });
    }

    fn press(view: &mut View, code: KeyCode) -> Action {
        view.press(code.into())
    }

    #[test]
    fn visible_lines_stay_while_new_ones_arrive() {
        let mut view = view(100);
        assert_eq!((view.bottom(), view.newer()), (100, 0));
        press(&mut view, KeyCode::Up);
        assert_eq!((view.bottom(), view.newer()), (99, 1));
        add(&mut view, 5);
        assert_eq!((view.bottom(), view.newer()), (99, 6));
        press(&mut view, KeyCode::PageDown);
        assert!(view.is_following(), "the view follows again from the end on");
        add(&mut view, 5);
        assert_eq!(view.bottom(), 110);
        press(&mut view, KeyCode::Char(' '));
        add(&mut view, 5);
        assert_eq!(view.bottom(), 110);
        press(&mut view, KeyCode::Char(' '));
        assert_eq!(view.bottom(), 115);
    }

    #[test]
    fn scrolling_ends_at_the_first_and_the_last_page() {
        let mut view = view(100);
        press(&mut view, KeyCode::Home);
        assert_eq!(view.bottom(), 10);
        press(&mut view, KeyCode::PageUp);
        assert_eq!(view.bottom(), 10);
        press(&mut view, KeyCode::PageDown);
        assert_eq!(view.bottom(), 20);
        press(&mut view, KeyCode::End);
        assert_eq!(view.bottom(), 100);
        for lines in [0, 1, 9] {
            let mut small = self::view(lines);
            press(&mut small, KeyCode::PageUp);
            assert_eq!(small.bottom(), lines as u64, "{lines}");
        }
    }

    #[test]
    fn a_recording_is_paused_stepped_and_played_faster() {
        let mut view = View::of_recording(Model::default(), "a".to_owned(), None);
        assert_eq!(view.speed(), Some(8));
        press(&mut view, KeyCode::Char('+'));
        assert_eq!(view.speed(), Some(16));
        for _ in 0..20 {
            press(&mut view, KeyCode::Char('-'));
        }
        assert_eq!(view.speed(), Some(1));
        press(&mut view, KeyCode::Char(' '));
        assert_eq!(view.speed(), None);
        press(&mut view, KeyCode::Char(' '));
        assert_eq!(press(&mut view, KeyCode::Right), Action::Play(1));
        assert_eq!(view.speed(), None, "a step pauses the playback");
        assert_eq!(press(&mut view, KeyCode::Char('e')), Action::Play(u64::MAX));
        assert_eq!(press(&mut self::view(0), KeyCode::Right), Action::Stay, "the driver's stream");
    }

    #[test]
    fn q_escape_and_control_c_quit_and_a_released_key_does_nothing() {
        let mut view = view(0);
        assert_eq!(press(&mut view, KeyCode::Char('q')), Action::Quit);
        assert_eq!(press(&mut view, KeyCode::Esc), Action::Quit);
        let control_c = KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL);
        assert_eq!(view.press(control_c), Action::Quit);
        assert_eq!(press(&mut view, KeyCode::Char('c')), Action::Stay);
        let mut released = KeyEvent::from(KeyCode::Char('q'));
        released.kind = KeyEventKind::Release;
        assert_eq!(view.press(released), Action::Stay);
    }
}
