// SPDX-License-Identifier: GPL-2.0

use super::*;
use crate::{
    model::Subflow,
    testing::Fake, //
};
use std::time::{
    Duration,
    Instant, //
};

fn press(app: &mut App, keys: &str) -> Action {
    let mut action = Action::None;
    for c in keys.chars() {
        let code = match c {
            '\n' => KeyCode::Enter,
            '\x1b' => KeyCode::Esc,
            '\x08' => KeyCode::Backspace,
            c => KeyCode::Char(c),
        };
        action = app.key(KeyEvent::new(code, KeyModifiers::NONE));
    }
    action
}

/// Some connections with two subflows each; the higher the token, the faster.
fn busy(count: u32, at: u32) -> Sample {
    let connection = |token: u32| Connection {
        token,
        remote_port: 80,
        bytes_sent: u64::from(token) * u64::from(at) * 1000,
        scheduler: if token % 2 == 0 { "minrtt" } else { "default" }.into(),
        subflows: [1, 2]
            .map(|id| Subflow {
                id,
                srtt: Some(1_000_000 / token),
                ..Subflow::default()
            })
            .into(),
        ..Connection::default()
    };
    Sample {
        at: at.into(),
        connections: (1..=count).map(connection).collect(),
    }
}

fn app(count: u32) -> App {
    let mut app = App::new("7.3.4", false);
    app.sample(busy(count, 1));
    app.sample(busy(count, 2));
    app
}

/// What is visible: tokens, and the numbers of subflows.
fn visible(app: &mut App, height: usize) -> Vec<String> {
    app.set_height(height);
    app.lines()
        .map(|line| match line {
            Line::Connection(c) => c.token.to_string(),
            Line::Subflow(c, s, _) => format!("{}.{}", c.token, s.id),
        })
        .collect()
}

#[test]
fn the_fastest_is_first() {
    let mut app = app(3);
    assert_eq!(
        visible(&mut app, 5),
        ["3", "3.1", "3.2", "2", "2.1"],
        "cut at the height"
    );
    press(&mut app, "r");
    assert_eq!(visible(&mut app, 1), ["1"]);
    press(&mut app, "Gr");
    assert_eq!(
        visible(&mut app, 1),
        ["3"],
        "the selected one stays visible"
    );
}

#[test]
fn it_is_sorted_by_what_is_asked_for() {
    let mut app = app(3);
    press(&mut app, "sg");
    assert_eq!((app.sort, app.selected()), (Sort::Srtt, Some(1)));
    press(&mut app, "sssg");
    assert_eq!((app.sort, app.selected()), (Sort::Scheduler, Some(1)));
    press(&mut app, "ss");
    assert_eq!(app.sort, Sort::Rate, "and back to the first");
}

#[test]
fn the_selection_is_a_connection_and_not_a_place() {
    let mut app = app(4);
    press(&mut app, "j");
    assert_eq!(app.selected(), Some(3));
    // Now the slowest is the fastest.
    let mut next = busy(4, 3);
    next.connections[0].bytes_sent = 1 << 40;
    app.sample(next);
    assert_eq!(app.selected(), Some(3));
    let mut gone = busy(4, 4);
    gone.connections.remove(2);
    app.sample(gone);
    // The first has stopped: the order is 4, 2, 1.
    assert_eq!(app.selected(), Some(1), "its place, when it is gone");
}

#[test]
fn the_list_scrolls_with_the_selection() {
    let mut app = app(10);
    visible(&mut app, 6);
    press(&mut app, "jjj");
    assert_eq!(visible(&mut app, 6), ["8", "8.1", "8.2", "7", "7.1", "7.2"]);
    press(&mut app, "G");
    assert_eq!(visible(&mut app, 4), ["2.2", "1", "1.1", "1.2"]);
    press(&mut app, "k");
    assert_eq!(visible(&mut app, 4), ["2", "2.1", "2.2", "1"]);
}

#[test]
fn a_filter_hides_the_others() {
    let mut app = app(9);
    press(&mut app, "/minx\x08\n");
    assert_eq!((app.shown(), app.mode.clone()), (4, Mode::Browse));
    assert_eq!(
        press(&mut app, "\x1b"),
        Action::None,
        "it clears the filter"
    );
    assert_eq!(app.shown(), 9);
    press(&mut app, "/nothing has this\n");
    assert_eq!((app.shown(), app.selected()), (0, None));
    assert_eq!(press(&mut app, "c"), Action::None);
    assert!(visible(&mut app, 10).is_empty());
}

#[test]
fn a_pause_keeps_what_is_shown() {
    let mut app = app(2);
    press(&mut app, "p");
    app.sample(busy(5, 3));
    assert_eq!(app.shown(), 2);
    press(&mut app, "p");
    app.sample(busy(5, 4));
    assert_eq!(app.shown(), 5);
}

#[test]
fn a_scheduler_is_chosen_from_the_list() {
    let mut app = app(2);
    assert_eq!(press(&mut app, "c"), Action::ListSchedulers);
    app.choose(Fake::sample().schedulers);
    // It begins at the one it has, which is the second.
    assert_eq!(
        press(&mut app, "k\n"),
        Action::Set {
            token: 2,
            scheduler: "default".into()
        }
    );
    app.was_set(2, "default");
    assert_eq!(app.connections()[1].scheduler, "default");
    assert_eq!(app.mode, Mode::Browse);
}

#[test]
fn help_and_quit() {
    let mut app = app(1);
    press(&mut app, "?");
    assert_eq!(app.mode, Mode::Help);
    assert_eq!(press(&mut app, "q"), Action::None, "any key ends the help");
    assert_eq!(press(&mut app, "q"), Action::Quit);
    let control_c = KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL);
    assert_eq!(app.key(control_c), Action::Quit);
}

#[test]
fn ten_thousand_connections_are_no_burden() {
    let mut app = app(10_000);
    visible(&mut app, 50);
    let start = Instant::now();
    for _ in 0..1000 {
        press(&mut app, "j");
        assert_eq!(visible(&mut app, 50).len(), 50);
    }
    // Milliseconds in truth; a walk over all of them would take minutes.
    assert!(start.elapsed() < Duration::from_secs(10));
}
