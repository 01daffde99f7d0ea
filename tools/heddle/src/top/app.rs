// SPDX-License-Identifier: GPL-2.0

//! The state of the live view, which keys and samples change.

use std::{
    cmp::Ordering,
    fmt::Display, //
};

use crossterm::event::{
    KeyCode,
    KeyEvent,
    KeyModifiers, //
};

use crate::{
    model::{
        Connection,
        Scheduler, //
    },
    top::{
        history::{
            History,
            Track, //
        },
        Sample, //
    },
    units,
};

/// What the connections are ordered by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// The highest rate first.
    Rate,
    /// The longest round-trip time first.
    Srtt,
    /// The most bytes waiting first.
    Unsent,
    /// By the address of the other end.
    Remote,
    /// By scheduler.
    Scheduler,
    /// By token.
    Token,
}

impl Sort {
    const ALL: [Self; 6] = [
        Self::Rate,
        Self::Srtt,
        Self::Unsent,
        Self::Remote,
        Self::Scheduler,
        Self::Token,
    ];

    /// What it is called.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rate => "rate",
            Self::Srtt => "srtt",
            Self::Unsent => "unsent",
            Self::Remote => "remote address",
            Self::Scheduler => "scheduler",
            Self::Token => "token",
        }
    }

    fn next(self) -> Self {
        let mut all = Self::ALL.iter().copied().cycle();
        all.find(|sort| *sort == self);
        all.next().unwrap_or(self)
    }
}

/// What the keys mean just now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Moving around.
    Browse,
    /// Writing a filter.
    Filter,
    /// Choosing one of these schedulers for a connection.
    Choose {
        /// The connection.
        token: u32,
        /// The schedulers.
        schedulers: Vec<Scheduler>,
        /// The one that is pointed at.
        at: usize,
    },
    /// Reading which keys there are.
    Help,
}

/// What a key asks for that is not only a matter of the view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Nothing.
    None,
    /// To end.
    Quit,
    /// To list the schedulers for the selected connection.
    ListSchedulers,
    /// To give a connection a scheduler.
    Set {
        /// The connection.
        token: u32,
        /// The scheduler.
        scheduler: String,
    },
}

/// A line of the list.
#[derive(Clone, Copy)]
pub enum Line<'a> {
    /// A connection.
    Connection(&'a Connection),
    /// One of its subflows, and whether it is the last.
    Subflow(&'a Connection, &'a crate::model::Subflow, bool),
}

/// The state of the live view.
pub struct App {
    /// The kernel that is looked at.
    pub release: String,
    /// Whether to use colours.
    pub colours: bool,
    /// The rates.
    pub history: History,
    /// What the connections are ordered by.
    pub sort: Sort,
    /// Whether the order is turned round.
    pub reverse: bool,
    /// What a connection must have in its text to be shown.
    pub filter: String,
    /// What the keys mean.
    pub mode: Mode,
    /// Whether samples are passed over.
    pub paused: bool,
    /// A message for the last line.
    pub message: Option<String>,
    connections: Vec<Connection>,
    /// The connections that are shown, in order.
    order: Vec<usize>,
    /// The first line of each, and behind the last.
    starts: Vec<usize>,
    /// The place of the selected connection in the order, and its token.
    at: usize,
    token: Option<u32>,
    /// Whether the connection was selected by a key. Otherwise the first one
    /// is, whichever that is.
    moved: bool,
    /// The first line that is visible, and how many are.
    first: usize,
    height: usize,
}

impl App {
    /// A view of nothing yet.
    pub fn new(release: &str, colours: bool) -> Self {
        Self {
            release: release.into(),
            colours,
            history: History::default(),
            sort: Sort::Rate,
            reverse: false,
            filter: String::new(),
            mode: Mode::Browse,
            paused: false,
            message: None,
            connections: Vec::new(),
            order: Vec::new(),
            starts: vec![0],
            at: 0,
            token: None,
            moved: false,
            first: 0,
            height: 0,
        }
    }

    /// Takes a sample.
    pub fn sample(&mut self, sample: Sample) {
        if self.paused {
            return;
        }
        self.history.add(&sample);
        self.connections = sample.connections;
        self.arrange();
    }

    /// All connections, shown or not.
    pub fn connections(&self) -> &[Connection] {
        &self.connections
    }

    /// How many connections are shown.
    pub fn shown(&self) -> usize {
        self.order.len()
    }

    /// Token of the selected connection.
    pub fn selected(&self) -> Option<u32> {
        self.token
    }

    /// Shows an error.
    pub fn say(&mut self, message: &impl Display) {
        self.message = Some(message.to_string());
    }

    /// Lets one of these schedulers be chosen for the selected connection.
    pub fn choose(&mut self, schedulers: Vec<Scheduler>) {
        let Some(token) = self.token else { return };
        let now = self.connections.iter().find(|c| c.token == token);
        let at = schedulers
            .iter()
            .position(|s| now.is_some_and(|c| c.scheduler == s.name))
            .unwrap_or(0);
        self.mode = Mode::Choose {
            token,
            schedulers,
            at,
        };
    }

    /// Shows that a connection has another scheduler now.
    pub fn was_set(&mut self, token: u32, scheduler: &str) {
        if let Some(connection) = self.connections.iter_mut().find(|c| c.token == token) {
            connection.scheduler = scheduler.into();
        }
        self.message = Some(format!(
            "{} has scheduler {scheduler} now",
            units::token(token)
        ));
    }

    /// Puts the connections in order, and finds the selected one again.
    fn arrange(&mut self) {
        let filter = self.filter.to_lowercase();
        let all = &self.connections;
        let mut order: Vec<(usize, &Connection)> = all
            .iter()
            .enumerate()
            .filter(|(_, connection)| matches(connection, &filter))
            .collect();
        order.sort_by(|(_, a), (_, b)| {
            let order = compare(&self.history, self.sort, a, b);
            let order = if self.reverse { order.reverse() } else { order };
            order.then(a.token.cmp(&b.token))
        });
        self.starts.clear();
        self.starts.push(0);
        let mut lines = 0;
        for (_, connection) in &order {
            lines += 1 + connection.subflows.len();
            self.starts.push(lines);
        }
        let at = if self.moved {
            let found = order.iter().position(|(_, c)| Some(c.token) == self.token);
            found.unwrap_or(self.at)
        } else {
            0
        };
        self.order = order.into_iter().map(|(i, _)| i).collect();
        self.select(at);
    }

    /// Selects the connection at a place, or the last one before it.
    fn select(&mut self, at: usize) {
        self.at = at.min(self.order.len().saturating_sub(1));
        self.token = self
            .order
            .get(self.at)
            .and_then(|i| self.connections.get(*i))
            .map(|connection| connection.token);
        self.scroll();
    }

    /// Keeps the selected connection, with its subflows, visible.
    fn scroll(&mut self) {
        let lines = self.starts.last().copied().unwrap_or(0);
        let begin = self.starts.get(self.at).copied().unwrap_or(0);
        let end = self.starts.get(self.at + 1).copied().unwrap_or(lines);
        self.first = self
            .first
            .min(lines.saturating_sub(self.height))
            .max(end.saturating_sub(self.height))
            .min(begin);
    }

    /// Says how many lines are visible.
    pub fn set_height(&mut self, height: usize) {
        self.height = height;
        self.scroll();
    }

    /// The lines that are visible. Costs as much as there are of these, not of
    /// connections.
    pub fn lines(&self) -> impl Iterator<Item = Line<'_>> {
        let before = self.starts.partition_point(|start| *start <= self.first);
        let from = before.saturating_sub(1);
        let skip = self.first - self.starts.get(from).copied().unwrap_or(0);
        self.order
            .iter()
            .skip(from)
            .filter_map(|i| self.connections.get(*i))
            .flat_map(|connection| {
                let last = connection.subflows.len().saturating_sub(1);
                let subflows = connection
                    .subflows
                    .iter()
                    .enumerate()
                    .map(move |(i, subflow)| Line::Subflow(connection, subflow, i == last));
                std::iter::once(Line::Connection(connection)).chain(subflows)
            })
            .skip(skip)
            .take(self.height)
    }

    /// Takes a key.
    pub fn key(&mut self, key: KeyEvent) -> Action {
        if key.modifiers.contains(KeyModifiers::CONTROL) && key.code == KeyCode::Char('c') {
            return Action::Quit;
        }
        self.message = None;
        match self.mode {
            Mode::Browse => return self.browse(key.code),
            Mode::Filter => self.write_filter(key.code),
            Mode::Choose { .. } => return self.pick(key.code),
            Mode::Help => self.mode = Mode::Browse,
        }
        Action::None
    }

    fn browse(&mut self, key: KeyCode) -> Action {
        let page = (self.height / 3).max(1);
        match key {
            KeyCode::Char('q') => return Action::Quit,
            KeyCode::Esc if self.filter.is_empty() => return Action::Quit,
            KeyCode::Esc => {
                self.filter.clear();
                self.arrange();
            }
            KeyCode::Char('?' | 'h') => self.mode = Mode::Help,
            KeyCode::Char('/' | 'f') => self.mode = Mode::Filter,
            KeyCode::Char('p' | ' ') => self.paused = !self.paused,
            KeyCode::Char('s') => {
                self.sort = self.sort.next();
                self.arrange();
            }
            KeyCode::Char('r') => {
                self.reverse = !self.reverse;
                self.arrange();
            }
            KeyCode::Char('c') | KeyCode::Enter if self.token.is_some() => {
                return Action::ListSchedulers;
            }
            KeyCode::Up | KeyCode::Char('k') => self.go(self.at.saturating_sub(1)),
            KeyCode::Down | KeyCode::Char('j') => self.go(self.at + 1),
            KeyCode::PageUp => self.go(self.at.saturating_sub(page)),
            KeyCode::PageDown => self.go(self.at + page),
            KeyCode::End | KeyCode::Char('G') => self.go(usize::MAX),
            KeyCode::Home | KeyCode::Char('g') => {
                self.select(0);
                self.moved = false;
            }
            _ => {}
        }
        Action::None
    }

    /// Selects the connection at a place, and stays with it.
    fn go(&mut self, at: usize) {
        self.moved = true;
        self.select(at);
    }

    fn write_filter(&mut self, key: KeyCode) {
        match key {
            KeyCode::Enter => self.mode = Mode::Browse,
            KeyCode::Esc => {
                self.filter.clear();
                self.mode = Mode::Browse;
            }
            KeyCode::Backspace => {
                self.filter.pop();
            }
            KeyCode::Char(c) => self.filter.push(c),
            _ => return,
        }
        self.arrange();
    }

    fn pick(&mut self, key: KeyCode) -> Action {
        let Mode::Choose {
            token,
            schedulers,
            at,
        } = &mut self.mode
        else {
            return Action::None;
        };
        match key {
            KeyCode::Up | KeyCode::Char('k') => *at = at.saturating_sub(1),
            KeyCode::Down | KeyCode::Char('j') => {
                *at = (*at + 1).min(schedulers.len().saturating_sub(1));
            }
            KeyCode::Enter => {
                let action = schedulers.get(*at).map_or(Action::None, |s| Action::Set {
                    token: *token,
                    scheduler: s.name.clone(),
                });
                self.mode = Mode::Browse;
                return action;
            }
            KeyCode::Esc | KeyCode::Char('q') => self.mode = Mode::Browse,
            _ => {}
        }
        Action::None
    }
}

/// The longest round-trip time of a connection's subflows.
fn srtt(connection: &Connection) -> u32 {
    let all = connection.subflows.iter().filter_map(|s| s.srtt);
    all.max().unwrap_or(0)
}

fn compare(history: &History, sort: Sort, a: &Connection, b: &Connection) -> Ordering {
    let rate = |c: &Connection| history.connection(c.token).map_or(0.0, Track::rate);
    match sort {
        Sort::Rate => rate(b).total_cmp(&rate(a)),
        Sort::Srtt => srtt(b).cmp(&srtt(a)),
        Sort::Unsent => b.unsent.cmp(&a.unsent),
        Sort::Remote => a.remote().cmp(&b.remote()),
        Sort::Scheduler => a.scheduler.cmp(&b.scheduler),
        Sort::Token => a.token.cmp(&b.token),
    }
}

/// Whether a text that is in small letters is part of what is shown.
fn matches(connection: &Connection, filter: &str) -> bool {
    filter.is_empty()
        || units::token(connection.token).contains(filter)
        || connection.scheduler.to_lowercase().contains(filter)
        || connection.local().to_string().contains(filter)
        || connection.remote().to_string().contains(filter)
        || connection.subflows.iter().any(|s| {
            s.local().to_string().contains(filter)
                || s.remote().to_string().contains(filter)
                || s.flags().iter().any(|flag| flag.contains(filter))
        })
}

#[cfg(test)]
mod tests;
