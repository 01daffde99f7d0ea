// SPDX-License-Identifier: GPL-2.0

use super::*;
use crate::{
    testing::{
        expect,
        Fake, //
    },
    top::Sample,
};
use crossterm::event::{
    KeyCode,
    KeyEvent,
    KeyModifiers, //
};
use ratatui::{
    backend::TestBackend,
    Terminal, //
};

/// A view of two connections, one of which sends.
fn app() -> App {
    let mut app = App::new("7.3.4", false);
    let mut connections = Fake::sample().connections;
    for (at, step) in [(0.0, 0), (1.0, 1), (2.0, 4), (3.0, 2)] {
        let first = &mut connections[0];
        first.bytes_sent += step * 1_000_000;
        first.subflows[0].bytes_sent += step * 750_000;
        first.subflows[1].bytes_sent += step * 250_000;
        app.sample(Sample {
            at,
            connections: connections.clone(),
        });
    }
    app
}

fn drawn(app: &mut App, width: u16, height: u16) -> String {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal.draw(|frame| draw(frame, app)).unwrap();
    let buffer = terminal.backend().buffer();
    let mut text = String::new();
    for row in buffer.content().chunks(width.into()) {
        let line: String = row.iter().map(ratatui::buffer::Cell::symbol).collect();
        text += line.trim_end();
        text.push('\n');
    }
    text
}

fn press(app: &mut App, key: char) {
    app.key(KeyEvent::new(KeyCode::Char(key), KeyModifiers::NONE));
}

#[test]
fn wide_and_narrow() {
    expect("top-140.txt", &drawn(&mut app(), 140, 9));
    expect("top-80.txt", &drawn(&mut app(), 80, 9));
    expect("top-50.txt", &drawn(&mut app(), 50, 9));
}

#[test]
fn no_terminal_is_too_small() {
    for (width, height) in [(1, 1), (3, 2), (20, 4), (500, 3)] {
        let mut app = app();
        drawn(&mut app, width, height);
        press(&mut app, '?');
        drawn(&mut app, width, height);
    }
}

#[test]
fn the_list_of_schedulers() {
    let mut app = app();
    app.choose(Fake::sample().schedulers);
    expect("top-choose.txt", &drawn(&mut app, 100, 9));
}

#[test]
fn the_help_has_every_key() {
    let mut app = app();
    press(&mut app, '?');
    expect("top-help.txt", &drawn(&mut app, 100, 16));
}

#[test]
fn a_pause_and_a_message_are_seen() {
    let mut app = app();
    press(&mut app, 'p');
    app.say(&"refused");
    let text = drawn(&mut app, 120, 9);
    assert!(text.contains(" paused"));
    assert!(text.ends_with("refused\n"), "{text}");
}

#[test]
fn bars_are_as_long_as_shares() {
    assert_eq!(bar(0.0), "        ");
    assert_eq!(bar(0.5), "████    ");
    assert_eq!(bar(1.0), "████████");
    assert_eq!(bar(1.0 / 64.0), "▏       ");
}
