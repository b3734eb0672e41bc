//! Puts a view on a screen.

use std::fmt::Write as _;

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Color, Style, Stylize};
use ratatui::text::{Line as Text, Span};
use ratatui::widgets::{Block, Borders, Paragraph, Sparkline};
use sessionwatch_protocol::{Locality, Record, SessionState};

use super::{Line, View};
use crate::render::{Item, People, Table, journal_name, known};
use crate::time::SystemTime;

/// Below this width a row has the time of day and what happened, and no more.
const NARROW: u16 = 60;
/// From this width on there is room for the seconds of the last minute.
const WITH_SPARKLINE: u16 = 120;

const WARNING: Style = Style::new().fg(Color::Yellow);

/// Puts a view on a screen of any size; tells the view how much of the stream is seen.
pub fn draw(frame: &mut Frame<'_>, view: &mut View) {
    let area = frame.area();
    let present = view.model.present();
    // The sessions take a third at most: the stream is what moves.
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
    let people = People::new(area.width, view.zone.clone());
    draw_title(frame, title, view);
    draw_counters(frame, counters, view);
    draw_sessions(frame, sessions, view, &present, &people);
    // A line for its border and one for the titles.
    let page = stream.height.saturating_sub(2);
    draw_stream(frame, stream, view, &people);
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
    people: &People,
) {
    let block = pane(&sessions_title(view, present.len()));
    let inner = block.inner(area);
    let room = usize::from(inner.height).saturating_sub(1);
    let titles =
        session_row(["session", "state", "where", "last event", "since", "instance"], people);
    let mut lines = vec![Text::from(titles).bold()];
    lines.extend(present.iter().take(room).map(|record| {
        let (state, locality) = (record.state(), record.locality());
        let instance = record.instance.get();
        Text::from(session_row(
            [
                &record.session_id.to_string(),
                &known(state != SessionState::UNKNOWN, &state.to_string()),
                &known(locality != Locality::UNKNOWN, &locality.to_string()),
                &record.kind().to_string(),
                &time(record, people),
                &known(instance != 0, &instance.to_string()),
            ],
            people,
        ))
    }));
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

/// Session, state, where, last event, since when, instance.
fn session_row(cells: [&str; 6], people: &People) -> String {
    let [session, state, locality, event, since, instance] = cells;
    if people.width() < NARROW {
        format!("{session:>5} {state:<22} {since:<8}")
    } else if people.is_wide() {
        format!(
            "{session:>10}  {state:<22}  {locality:<6}  {event:<12}  {since:<28}  {instance:>10}"
        )
    } else {
        format!("{session:>7} {state:<22} {locality:<6} {event:<12} {since:<20}")
    }
}

fn draw_stream(frame: &mut Frame<'_>, area: Rect, view: &View, people: &People) {
    let state = match view.newer() {
        0 if view.is_following() => "newest last".to_owned(),
        0 => "held".to_owned(),
        1 => "1 newer line below".to_owned(),
        newer => format!("{newer} newer lines below"),
    };
    let block = pane(&format!("Events: {state}"));
    let room = usize::from(block.inner(area).height).saturating_sub(1);
    let table = Table::new(people.clone(), false);
    let titles = if people.width() < NARROW {
        narrow_row("number", "time", "session", "event")
    } else {
        table.titles()
    };
    // From the lowest up, until there is no more room.
    let mut lines = Vec::new();
    let places = view.model.places().start..view.bottom();
    for line in places.rev().filter_map(|place| view.model.line(place)) {
        lines.extend(texts(line, &table, people).into_iter().rev());
        if lines.len() >= room {
            break;
        }
    }
    lines.truncate(room);
    lines.push(Text::from(titles).bold());
    lines.reverse();
    frame.render_widget(Paragraph::new(lines).block(block), area);
}

fn texts(line: &Line, table: &Table, people: &People) -> Vec<Text<'static>> {
    let style = match line {
        Line::Event(record) if record.flags.get() == 0 => Style::new(),
        Line::Event(_) | Line::Lost(_) => WARNING,
    };
    let lines = match line {
        Line::Event(record) if people.width() < NARROW => vec![narrow_row(
            &record.sequence.to_string(),
            &time(record, people),
            &record.session_id.to_string(),
            &record.kind().to_string(),
        )],
        Line::Lost(lost) if people.width() < NARROW => {
            vec![format!("-- {} lost: {} to {}", lost.count, lost.first, lost.last())]
        }
        Line::Event(record) => table.lines(&Item::Event(record, None)),
        Line::Lost(lost) => table.lines(&Item::Lost(*lost)),
    };
    lines.into_iter().map(|line| Text::from(line).style(style)).collect()
}

fn narrow_row(number: &str, time: &str, session: &str, event: &str) -> String {
    format!("{number:>7} {time:<8} {session:>7} {event}")
}

/// When it happened; where there is little room, the time of day.
fn time(record: &Record, people: &People) -> String {
    let time = people.time(SystemTime(record.system_time.get()));
    if people.width() < NARROW {
        return time.get(11..19).map_or_else(|| time.clone(), str::to_owned);
    }
    time
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
