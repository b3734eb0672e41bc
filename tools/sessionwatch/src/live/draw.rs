//! Draws a view on a screen.

use std::fmt::Write as _;

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Color, Style, Stylize};
use ratatui::text::{Line as Text, Span};
use ratatui::widgets::{Block, Borders, Paragraph, Sparkline};
use sessionwatch_protocol::Record;
use sessionwatch_reader::journal_name;
use sessionwatch_reader::time::SystemTime;

use super::{Line, View};
use crate::render::{
    Column, Emphasis, Event, Layout as TextLayout, Row, Table, known_locality, known_state,
    lost_sentence, or_dash,
};

/// The width from which the sparkline of the last minute fits.
const WITH_SPARKLINE: u16 = 120;

const WARNING: Style = Style::new().fg(Color::Yellow);

/// Draws a view on a screen of any size, and sets the view's number of visible lines.
pub fn draw(frame: &mut Frame<'_>, view: &mut View) {
    let area = frame.area();
    let present = view.model.present();
    // The sessions take at most a third, because the stream moves faster.
    let rows = u16::try_from(present.len()).unwrap_or(u16::MAX).max(1);
    let height = rows.saturating_add(2).min(area.height / 3).max(3);
    let [title, counters, sessions, stream, footer] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Length(1),
        Constraint::Length(height),
        Constraint::Fill(1),
        Constraint::Length(1),
    ])
    .areas(area);
    let table = Table::new(TextLayout::new(area.width, view.zone.clone()), false);
    draw_title(frame, title, view);
    draw_counters(frame, counters, view);
    draw_sessions(frame, sessions, view, &present, &table);
    // The border and the titles take a line each.
    let page = stream.height.saturating_sub(2);
    draw_stream(frame, stream, view, &table);
    draw_footer(frame, footer, view);
    view.set_page(page);
}

fn draw_title(frame: &mut Frame<'_>, area: Rect, view: &View) {
    let mut title = format!("sessionwatch live: {}", view.source);
    if view.model.journal_id() != 0 {
        // Writing to a string cannot fail.
        let _ = write!(title, ", journal {}", journal_name(view.model.journal_id()));
    }
    frame.render_widget(Paragraph::new(title).reversed(), area);
}

fn draw_counters(frame: &mut Frame<'_>, area: Rect, view: &View) {
    let model = &view.model;
    let tenths = model.rates().tenths_per_second();
    let lost = Span::raw(format!("{} lost", model.lost()));
    let text = Text::from_iter([
        Span::raw(format!("{} events, ", model.delivered())),
        if model.lost() == 0 { lost } else { lost.style(WARNING) },
        Span::raw(format!(
            "; {}.{}/s, {} in the last minute",
            tenths / 10,
            tenths % 10,
            model.rates().in_last_minute()
        )),
    ]);
    if area.width < WITH_SPARKLINE {
        frame.render_widget(text, area);
        return;
    }
    let seconds = model.rates().seconds();
    let width = u16::try_from(seconds.len()).unwrap_or(u16::MAX);
    let [words, line] =
        Layout::horizontal([Constraint::Fill(1), Constraint::Length(width)]).areas(area);
    frame.render_widget(text, words);
    frame.render_widget(Sparkline::default().data(seconds), line);
}

fn pane(title: &str) -> Block<'static> {
    Block::new().borders(Borders::TOP).title(format!(" {title} "))
}

fn draw_sessions(
    frame: &mut Frame<'_>,
    area: Rect,
    view: &View,
    present: &[&Record],
    table: &Table,
) {
    let block = pane(&sessions_title(view, present.len()));
    let room = usize::from(block.inner(area).height).saturating_sub(1);
    let mut lines = vec![Text::from(table.titles::<LiveSession>()).bold()];
    let rows = present.iter().take(room).map(|record| table.row(&LiveSession(**record)));
    lines.extend(rows.map(Text::from));
    frame.render_widget(Paragraph::new(lines).block(block), area);
}

fn sessions_title(view: &View, present: usize) -> String {
    let mut title = match present {
        1 => "1 session".to_owned(),
        count => format!("{count} sessions"),
    };
    if view.model.is_stale() {
        title += ", as far as no lost event changed them";
    }
    if view.model.untracked() != 0 {
        // Writing to a string cannot fail.
        let _ = write!(title, "; {} events are of others", view.model.untracked());
    }
    title
}

/// A present session in the view, by its last event.
struct LiveSession(Record);

impl Row for LiveSession {
    type Fields<'row> = ();

    const FIELDS: &'static [&'static str] = &[];

    const COLUMNS: &'static [Column<Self>] = &[
        Column::number("session", |row: &Self, _| row.0.session_id.to_string()).at_least(7, 10),
        Column::text("state", |row: &Self, _| known_state(row.0.state())).at_least(22, 22),
        Column::text("where", |row: &Self, _| known_locality(row.0.locality()))
            .at_least(6, 6)
            .not_narrow(),
        Column::text("last event", |row: &Self, _| row.0.kind().to_string())
            .at_least(12, 12)
            .not_narrow(),
        Column::text("since", |row: &Self, layout| {
            layout.time(SystemTime(row.0.system_time.get()))
        })
        .at_least(20, 28),
        Column::number("instance", |row: &Self, _| {
            or_dash((row.0.instance != 0).then_some(row.0.instance))
        })
        .at_least(0, 10)
        .wide_only(),
    ];

    fn fields(&self) {}
}

fn draw_stream(frame: &mut Frame<'_>, area: Rect, view: &View, table: &Table) {
    let state = match view.newer() {
        0 if view.is_following() => "newest last".to_owned(),
        0 => "held".to_owned(),
        1 => "1 newer line below".to_owned(),
        newer => format!("{newer} newer lines below"),
    };
    let block = pane(&format!("Events: {state}"));
    let room = usize::from(block.inner(area).height).saturating_sub(1);
    // Draw from the lowest line up, until the space runs out.
    let places = view.model.places().start..view.bottom();
    let lines = places.rev().filter_map(|place| view.model.line(place)).take(room);
    let mut lines: Vec<_> = lines.map(|line| text(line, table)).collect();
    lines.push(Text::from(table.titles::<Event>()).bold());
    lines.reverse();
    frame.render_widget(Paragraph::new(lines).block(block), area);
}

fn text(line: &Line, table: &Table) -> Text<'static> {
    match line {
        Line::Event(record, step) => {
            let event = Event { record: *record, who: None, step: Some(*step) };
            let style = match event.emphasis() {
                Emphasis::Warning => WARNING,
                _ => Style::new(),
            };
            let mut texts = vec![table.row(&event)];
            texts.extend(event.remarks());
            Text::from(texts.join("  ")).style(style)
        }
        Line::Lost(lost) => Text::from(lost_sentence(lost, table.layout())).style(WARNING),
    }
}

fn draw_footer(frame: &mut Frame<'_>, area: Rect, view: &View) {
    if let Some(reason) = &view.ended {
        frame.render_widget(Paragraph::new(format!("q quits. {reason}")).style(WARNING), area);
        return;
    }
    let keys = match view.playback {
        None => "q quit  space hold  up/down/page/home/end scroll".to_owned(),
        Some(playback) => {
            let state = if playback.is_playing {
                format!("{}/s", playback.speed)
            } else {
                "paused".to_owned()
            };
            format!(
                "q quit  [{state}] space pause  n next  e to the end  +/- speed  up/down scroll"
            )
        }
    };
    frame.render_widget(Paragraph::new(keys).dim(), area);
}
