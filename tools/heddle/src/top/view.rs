// SPDX-License-Identifier: GPL-2.0

//! Draws the live view.

use ratatui::{
    layout::{
        Alignment,
        Constraint,
        Layout,
        Rect, //
    },
    style::{
        Color,
        Modifier,
        Style, //
    },
    text::{
        Line as Text,
        Span, //
    },
    widgets::{
        Block,
        Cell,
        Clear,
        Paragraph,
        Row,
        Table, //
    },
    Frame,
};

use crate::{
    conn,
    model::{
        state_name,
        Connection,
        Subflow,
        ESTABLISHED, //
    },
    top::{
        app::{
            App,
            Line,
            Mode, //
        },
        history::Track,
    },
    units,
};

/// A column: heading, width, and the width of the terminal from which on there
/// is room for it.
struct Column {
    title: &'static str,
    width: u16,
    from: u16,
    right: bool,
}

const fn column(title: &'static str, width: u16, from: u16, right: bool) -> Column {
    Column {
        title,
        width,
        from,
        right,
    }
}

/// The columns behind the first, which has the rest of the width.
const COLUMNS: [Column; 8] = [
    column("SCHEDULER", 18, 75, false),
    column("MBIT/S", 6, 0, true),
    column(" HISTORY", 21, 120, false),
    column("SHARE", 13, 60, false),
    column("SRTT ms", 7, 85, true),
    column("CWND", 5, 92, true),
    column("FLIGHT", 6, 132, true),
    column("RETRANS", 7, 100, true),
];

/// The eighths of a block, from below.
const BARS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// The eighths of a block, from the left.
const PARTS: [char; 8] = [' ', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/// Blocks of a share's bar.
const BAR: usize = 8;

const KEYS: [(&str, &str); 9] = [
    (
        "up down",
        "select a connection (also k, j, g, G, page up, page down)",
    ),
    (
        "s",
        "sort by the next of rate, srtt, unsent, remote address, scheduler, token",
    ),
    ("r", "turn the order round"),
    (
        "/",
        "show only what has a text in it: an address, a scheduler, backup, ...",
    ),
    ("esc", "show everything again"),
    ("c enter", "give the selected connection another scheduler"),
    ("p space", "pause, go on"),
    ("? h", "this help"),
    ("q", "quit"),
];

/// The colours, or the absence of them.
#[derive(Clone, Copy)]
struct Theme(bool);

impl Theme {
    fn colour(self, colour: Color) -> Style {
        if self.0 {
            Style::new().fg(colour)
        } else {
            Style::new()
        }
    }

    fn heading(self) -> Style {
        self.colour(Color::Cyan).add_modifier(Modifier::BOLD)
    }

    fn dim(self) -> Style {
        self.colour(Color::DarkGray)
    }

    fn rate(self) -> Style {
        self.colour(Color::Green)
    }

    /// A subflow, by what is wrong with it.
    fn subflow(self, subflow: &Subflow) -> Style {
        if subflow.in_loss || subflow.stale {
            self.colour(Color::Red)
        } else if subflow.backup {
            self.colour(Color::Yellow)
        } else {
            Style::new()
        }
    }

    fn selected(self) -> Style {
        if self.0 {
            Style::new().bg(Color::Indexed(236))
        } else {
            Style::new().add_modifier(Modifier::REVERSED)
        }
    }
}

/// Draws everything.
pub fn draw(frame: &mut Frame<'_>, app: &mut App) {
    let [top, list, bottom] = Layout::vertical([
        Constraint::Length(2),
        Constraint::Min(0),
        Constraint::Length(1),
    ])
    .areas(frame.area());
    draw_top(frame, top, app);
    draw_list(frame, list, app);
    draw_bottom(frame, bottom, app);
    match &app.mode {
        Mode::Help => draw_help(frame, app),
        Mode::Choose {
            token,
            schedulers,
            at,
        } => {
            let lines: Vec<Text<'_>> = schedulers
                .iter()
                .enumerate()
                .map(|(i, scheduler)| {
                    let line = format!(" {:<15} {} ", scheduler.name, scheduler.description);
                    let style = if i == *at {
                        Theme(app.colours).selected()
                    } else {
                        Style::new()
                    };
                    Text::styled(line, style)
                })
                .collect();
            let title = format!(" scheduler of {} ", units::token(*token));
            draw_popup(frame, app, &title, lines);
        }
        Mode::Browse | Mode::Filter => {}
    }
}

fn draw_top(frame: &mut Frame<'_>, area: Rect, app: &App) {
    let theme = Theme(app.colours);
    let connections = app.connections();
    let subflows: usize = connections.iter().map(|c| c.subflows.len()).sum();
    let total = app.history.total();
    let gap = || Span::raw("   ");
    let mut spans = vec![
        Span::styled("heddle top", theme.heading()),
        Span::styled(format!("  Linux {}", app.release), theme.dim()),
        gap(),
        Span::raw(format!("{} connections", connections.len())),
        gap(),
        Span::raw(format!("{subflows} subflows")),
        gap(),
        Span::styled(
            format!("{} Mbit/s ", units::mbit(total.rate())),
            theme.rate().add_modifier(Modifier::BOLD),
        ),
        Span::styled(sparkline(total, 20), theme.rate()),
    ];
    if app.paused {
        spans.push(gap());
        spans.push(Span::styled(
            " paused ",
            theme
                .colour(Color::Yellow)
                .add_modifier(Modifier::REVERSED | Modifier::BOLD),
        ));
    }
    frame.render_widget(Paragraph::new(Text::from(spans)), area);
}

fn draw_list(frame: &mut Frame<'_>, area: Rect, app: &mut App) {
    let theme = Theme(app.colours);
    let columns: Vec<&Column> = COLUMNS.iter().filter(|c| area.width >= c.from).collect();
    let height = usize::from(area.height.saturating_sub(1));
    let selected = app.selected();
    app.set_height(height);
    let app = &*app;
    let rows = app.lines().map(|line| {
        let (token, row) = match line {
            Line::Connection(c) => (c.token, connection_row(app, theme, c, &columns)),
            Line::Subflow(c, s, last) => (c.token, subflow_row(app, theme, c, s, last, &columns)),
        };
        if Some(token) == selected {
            row.style(theme.selected())
        } else {
            row
        }
    });
    let heading = std::iter::once(Cell::from("CONNECTION"))
        .chain(columns.iter().map(|c| place(c, Span::raw(c.title))));
    let widths = std::iter::once(Constraint::Fill(1))
        .chain(columns.iter().map(|c| Constraint::Length(c.width)));
    let table = Table::new(rows, widths)
        .header(Row::new(heading).style(theme.heading()))
        .column_spacing(1);
    frame.render_widget(table, area);
}

/// A text at its side of a column.
fn place<'a>(column: &Column, text: impl Into<Text<'a>>) -> Cell<'a> {
    let side = if column.right {
        Alignment::Right
    } else {
        Alignment::Left
    };
    Cell::from(text.into().alignment(side))
}

fn connection_row(app: &App, theme: Theme, c: &Connection, columns: &[&Column]) -> Row<'static> {
    let track = app.history.connection(c.token);
    let bold = Style::new().add_modifier(Modifier::BOLD);
    let first = Text::from(vec![
        Span::styled(units::token(c.token), bold),
        Span::raw(format!(" {} → {}", c.local(), c.remote())),
    ]);
    let cells = columns.iter().map(|column| {
        let span = match column.title {
            "SCHEDULER" => Span::raw(conn::scheduler(c)),
            "MBIT/S" => Span::styled(rate(track), theme.rate().add_modifier(Modifier::BOLD)),
            " HISTORY" => Span::styled(sparkline_of(track, column.width), theme.rate()),
            _ => Span::raw(""),
        };
        place(column, span)
    });
    Row::new(std::iter::once(Cell::from(first)).chain(cells))
}

fn subflow_row(
    app: &App,
    theme: Theme,
    c: &Connection,
    s: &Subflow,
    last: bool,
    columns: &[&Column],
) -> Row<'static> {
    let track = app.history.subflow(c.token, s.id);
    let branch = if last { "└─" } else { "├─" };
    let first = Text::from(vec![
        Span::styled(format!("   {branch} {:<2}", s.id), theme.dim()),
        Span::styled(format!(" {} → {}", s.local(), s.remote()), theme.subflow(s)),
    ]);
    let share = c.share(s);
    let cells = columns.iter().map(|column| {
        let text = match column.title {
            "SCHEDULER" => return place(column, Span::styled(words(s), theme.subflow(s))),
            "MBIT/S" => rate(track),
            " HISTORY" => {
                let line = sparkline_of(track, column.width);
                return place(column, Span::styled(line, theme.rate()));
            }
            "SHARE" => {
                let bar = Span::styled(bar(share.unwrap_or(0.0)), theme.colour(Color::Blue));
                let text = Span::raw(format!("{:>5}", units::percent(share)));
                return place(column, vec![bar, text]);
            }
            "SRTT ms" => s.srtt.map_or_else(|| "-".into(), units::ms),
            "CWND" => s.cwnd.to_string(),
            "FLIGHT" => s.in_flight.to_string(),
            _ => s.retrans.to_string(),
        };
        place(column, Span::raw(text))
    });
    Row::new(std::iter::once(Cell::from(first)).chain(cells))
}

/// What there is to say of a subflow that does not simply work.
fn words(subflow: &Subflow) -> String {
    let mut words = subflow.flags();
    if subflow.state != ESTABLISHED {
        words.insert(0, state_name(subflow.state));
    }
    words.join(" ")
}

fn rate(track: Option<&Track>) -> String {
    units::mbit(track.map_or(0.0, Track::rate))
}

/// The bar of a share, in eighths of a block.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a share is from 0 to 1"
)]
fn bar(share: f64) -> String {
    let eighths = (share.clamp(0.0, 1.0) * (BAR * 8) as f64).round() as usize;
    let mut bar = "█".repeat(eighths / 8);
    if bar.chars().count() < BAR {
        bar.push(PARTS.get(eighths % 8).copied().unwrap_or(' '));
    }
    let missing = BAR.saturating_sub(bar.chars().count());
    bar + &" ".repeat(missing)
}

fn sparkline_of(track: Option<&Track>, width: u16) -> String {
    let width = usize::from(width.saturating_sub(1));
    track.map_or_else(String::new, |track| format!(" {}", sparkline(track, width)))
}

/// The last rates, each as high as it is compared with the highest.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "from 0 to 8"
)]
fn sparkline(track: &Track, width: usize) -> String {
    let mut last: Vec<f64> = track.rates().rev().take(width).collect();
    last.reverse();
    let highest = last.iter().copied().fold(0.0, f64::max);
    let height = |rate: f64| {
        if highest > 0.0 {
            // What is not nothing is to be seen.
            ((rate / highest * 8.0).ceil() as usize).min(8)
        } else {
            0
        }
    };
    let line: String = last
        .into_iter()
        .map(|rate| BARS.get(height(rate)).copied().unwrap_or(' '))
        .collect();
    format!("{line:>width$}")
}

fn draw_bottom(frame: &mut Frame<'_>, area: Rect, app: &App) {
    let theme = Theme(app.colours);
    let text = match (&app.message, &app.mode) {
        (Some(message), _) => Text::styled(message.clone(), theme.colour(Color::Yellow)),
        (None, Mode::Filter) => Text::from(format!("show only: {}_", app.filter)),
        _ => {
            let order = if app.reverse { ", reversed" } else { "" };
            let shown = if app.filter.is_empty() {
                String::new()
            } else {
                format!("   {} with \"{}\"", app.shown(), app.filter)
            };
            Text::styled(
                format!(
                    "by {}{order}{shown}   s sort  / filter  c scheduler  p pause  ? help  q quit",
                    app.sort.name()
                ),
                theme.dim(),
            )
        }
    };
    frame.render_widget(Paragraph::new(text), area);
}

fn draw_help(frame: &mut Frame<'_>, app: &App) {
    let lines = KEYS
        .iter()
        .map(|(keys, what)| Text::from(format!(" {keys:<9} {what} ")))
        .chain([Text::from(
            " Rates are of both directions; shares of the direction that carried more.",
        )])
        .collect();
    draw_popup(frame, app, " keys ", lines);
}

/// Draws lines in a box in the middle.
fn draw_popup(frame: &mut Frame<'_>, app: &App, title: &str, lines: Vec<Text<'_>>) {
    let widest = lines.iter().map(Text::width).max().unwrap_or(0);
    let widest = widest.max(title.chars().count());
    let area = frame.area();
    let size = |wanted: usize, room: u16| u16::try_from(wanted + 2).unwrap_or(room).min(room);
    let (width, height) = (size(widest, area.width), size(lines.len(), area.height));
    let popup = Rect::new(
        area.x + (area.width - width) / 2,
        area.y + (area.height - height) / 2,
        width,
        height,
    );
    let block = Block::bordered()
        .title(title.to_string())
        .border_style(Theme(app.colours).heading());
    frame.render_widget(Clear, popup);
    frame.render_widget(Paragraph::new(lines).block(block), popup);
}

#[cfg(test)]
mod tests;
