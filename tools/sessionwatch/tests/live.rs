//! The input of the view of `live`, and its complete screens.

mod machine;

use std::fs::File;
use std::ops::ControlFlow;

use machine::{Handle, Happening, Machine};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::crossterm::event::KeyCode;
use sessionwatch::live::{Model, News, View, begin, draw, follow};
use sessionwatch_protocol::{EventKind, SessionState};
use sessionwatch_reader::recording::Recording;
use sessionwatch_reader::{Batch, DeviceError, ReadError};

fn recording(name: &str) -> Recording {
    let path = format!("tests/recordings/{name}.swrec");
    Recording::load(File::open(path).unwrap()).unwrap()
}

fn screen(view: &mut View, width: u16, height: u16) -> String {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal.draw(|frame| draw(frame, view)).unwrap();
    terminal.backend().to_string()
}

/// A view of a recording after `events` played events.
fn played(name: &str, events: u64) -> View {
    let recording = recording(name);
    let (mut player, mut model) = begin(&recording).unwrap();
    player.play(events, &mut model).unwrap();
    View::of_recording(model, format!("{name}.swrec"), None)
}

#[test]
fn a_workstations_day_at_80_by_24() {
    let mut view = played("workstation-day", 12);
    insta::assert_snapshot!(screen(&mut view, 80, 24));
}

#[test]
fn a_terminal_servers_morning_at_200_by_50() {
    let mut view = played("terminal-server-morning", 700);
    insta::assert_snapshot!(screen(&mut view, 200, 50));
}

#[test]
fn a_terminal_servers_morning_at_40_by_10_scrolled_back() {
    let mut view = played("terminal-server-morning", 700);
    screen(&mut view, 40, 10);
    view.press(KeyCode::PageUp.into());
    view.press(KeyCode::Char(' ').into());
    insta::assert_snapshot!(screen(&mut view, 40, 10));
}

/// The view of a driver whose ring was overrun twice, and which has stopped since.
#[test]
fn losses_and_the_end_at_80_by_24() {
    let mut view = of_a_busy_machine();
    view.ended = Some(DeviceError::NotRunning.to_string());
    insta::assert_snapshot!(screen(&mut view, 80, 24));
}

#[test]
fn any_size_is_drawn() {
    let mut view = of_a_busy_machine();
    for width in [1, 2, 5, 20, 59, 60, 119, 120, 300] {
        for height in [1, 2, 3, 4, 5, 8, 60] {
            screen(&mut view, width, height);
            view.press(KeyCode::PageUp.into());
        }
    }
}

#[test]
fn an_empty_view_shows_zeros() {
    let text = screen(&mut View::of_driver(Model::new(u32::MAX), None), 80, 24);
    assert!(text.contains("0 events, 0 lost; 0.0/s, 0 in the last minute"), "{text}");
}

fn of_a_busy_machine() -> View {
    let machine = Machine::new(64);
    {
        let mut machine = machine.borrow_mut();
        machine.raise(70);
        machine.raise_in(8, EventKind::CREATED, SessionState::CREATED);
        machine.happenings.extend([
            Happening::Events(2),
            Happening::InVain,
            Happening::Events(100),
            Happening::Events(1),
        ]);
    }
    let mut view = View::of_driver(Model::new(u32::MAX), None);
    let mut news = Vec::new();
    let outcome = follow(&Handle(machine), |piece| {
        news.push(match &piece {
            News::Present(_) => "present",
            News::Read { lost: Some(_), .. } => "lost",
            News::Read { .. } => "read",
        });
        match piece {
            News::Present(present) => view.model.set_present(&present),
            News::Read { lost, records } => view.model.apply(&Batch { lost, records: &records }),
        }
        ControlFlow::Continue(())
    });
    assert!(outcome.as_ref().is_err_and(ReadError::is_interrupted), "{outcome:?}");
    // After a loss, the sessions are requested again. An empty reply is no news.
    assert_eq!(news, ["present", "read", "read", "lost", "present", "read"]);
    view
}

#[test]
fn a_view_of_the_driver_gets_all_news() {
    let view = of_a_busy_machine();
    let model = &view.model;
    assert_eq!((model.delivered(), model.lost()), (64 + 2 + 64 + 1, 36));
    assert_eq!(model.present().len(), 2);
    assert!(!model.is_stale());
}

#[test]
fn a_listener_that_stops_gets_no_more_news() {
    let machine = Machine::new(64);
    machine.borrow_mut().raise(3);
    let mut told = 0;
    let outcome = follow(&Handle(machine), |_| {
        told += 1;
        if told == 2 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    assert!(outcome.is_ok() && told == 2, "{outcome:?}");
}

#[test]
fn a_recording_plays_to_its_end_with_steps_of_any_size() {
    for steps in [1, 3, u64::MAX] {
        let recording = recording("terminal-server-morning");
        let (mut player, mut model) = begin(&recording).unwrap();
        let mut is_more = true;
        while is_more {
            let before = model.delivered();
            is_more = player.play(steps, &mut model).unwrap();
            assert!(model.delivered() > before, "every step plays an event");
        }
        let sequences = recording.sequences();
        assert_eq!(model.delivered() + model.lost(), sequences.end - sequences.start);
        let at_end = sessionwatch_reader::present_sessions(&recording).unwrap();
        // The view also has the sessions that the driver's table had no room for. They have no
        // instance.
        let mut present = model.present();
        present.retain(|record| record.instance.get() != 0);
        present.sort_by_key(|record| record.session_id.get());
        assert!(present.into_iter().eq(&at_end.sessions));
        assert!(!player.play(1, &mut Model::new(u32::MAX)).unwrap());
    }
}
