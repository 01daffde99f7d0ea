// SPDX-License-Identifier: GPL-2.0

//! A terminal's buffer as SVG. Blocks and lines are drawn as shapes, since
//! fonts leave gaps between them.

use std::fmt::Write;

use ratatui::{
    buffer::{
        Buffer,
        Cell, //
    },
    style::{
        Color,
        Modifier, //
    },
};

/// Width and height of a character, and the size of the letters.
const WIDTH: f64 = 8.4;
const HEIGHT: f64 = 18.0;
const SIZE: f64 = 14.0;

/// What is around the text, and the bar above it.
const MARGIN: f64 = 14.0;
const BAR: f64 = 30.0;

const BACKGROUND: &str = "#10161d";
const FRAME: &str = "#1d2731";
const PLAIN: &str = "#c9d4e0";

/// The colour of a colour.
fn colour(colour: Color) -> Option<&'static str> {
    match colour {
        Color::Cyan => Some("#5ccfe6"),
        Color::Green => Some("#87d96c"),
        Color::Blue => Some("#73b8ff"),
        Color::Yellow => Some("#ffd173"),
        Color::Red => Some("#f28779"),
        Color::DarkGray => Some("#7d8b99"),
        Color::Indexed(236) => Some("#26323e"),
        _ => None,
    }
}

/// What is drawn alike.
#[derive(Clone, Copy, PartialEq)]
struct Look {
    fore: &'static str,
    back: Option<&'static str>,
    bold: bool,
}

fn look(cell: &Cell) -> Look {
    let fore = colour(cell.fg).unwrap_or(PLAIN);
    let back = colour(cell.bg);
    let bold = cell.modifier.contains(Modifier::BOLD);
    if cell.modifier.contains(Modifier::REVERSED) {
        Look {
            fore: back.unwrap_or(BACKGROUND),
            back: Some(fore),
            bold,
        }
    } else {
        Look { fore, back, bold }
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

/// Draws a buffer as a window with a title.
pub(crate) fn draw(buffer: &Buffer, title: &str) -> String {
    let columns = f64::from(buffer.area.width);
    let lines = f64::from(buffer.area.height);
    let width = columns * WIDTH + 2.0 * MARGIN;
    let height = lines * HEIGHT + 2.0 * MARGIN + BAR;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" \
         font-family=\"ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace\" \
         font-size=\"{SIZE}\" role=\"img\">\n<title>{title}</title>\n\
         <rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"{BACKGROUND}\"/>\n\
         <path d=\"M0 {BAR}V8a8 8 0 0 1 8-8H{:.0}a8 8 0 0 1 8 8V{BAR}z\" fill=\"{FRAME}\"/>\n\
         <text x=\"{:.1}\" y=\"20\" fill=\"{PLAIN}\" text-anchor=\"middle\">{title}</text>\n",
        width - 8.0,
        width / 2.0,
        title = escaped(title),
    );
    for x in [18, 36, 54] {
        // Writing to a string does not fail.
        let _ = writeln!(
            svg,
            "<circle cx=\"{x}\" cy=\"15\" r=\"5\" fill=\"#46535f\"/>"
        );
    }
    let row_length = usize::from(buffer.area.width).max(1);
    let mut y = BAR + MARGIN;
    for row in buffer.content().chunks(row_length) {
        draw_row(&mut svg, row, y);
        y += HEIGHT;
    }
    svg.push_str("</svg>\n");
    svg
}

/// Draws the cells of a line in runs that look alike.
fn draw_row(svg: &mut String, row: &[Cell], y: f64) {
    let mut x = MARGIN;
    for run in row.chunk_by(|a, b| look(a) == look(b)) {
        let Some(look) = run.first().map(look) else {
            continue;
        };
        let columns: f64 = run.iter().map(|_| WIDTH).sum();
        if let Some(back) = look.back {
            let _ = writeln!(
                svg,
                "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{columns:.1}\" height=\"{HEIGHT}\" \
                 fill=\"{back}\"/>"
            );
        }
        draw_shapes(svg, run, look, x, y);
        draw_text(svg, run, look, x, y);
        x += columns;
    }
}

/// Draws the letters of a run, words at their columns whatever the font is.
fn draw_text(svg: &mut String, run: &[Cell], look: Look, x: f64, y: f64) {
    let mut at = x;
    let blank = |cell: &Cell| cell.symbol() == " " || shape(cell.symbol()).is_some();
    for word in run.chunk_by(|a, b| blank(a) == blank(b)) {
        let columns: f64 = word.iter().map(|_| WIDTH).sum();
        if !word.first().is_none_or(blank) {
            let text: String = word.iter().map(Cell::symbol).collect();
            let weight = if look.bold {
                " font-weight=\"bold\""
            } else {
                ""
            };
            let _ = writeln!(
                svg,
                "<text x=\"{at:.1}\" y=\"{:.1}\" fill=\"{}\"{weight} textLength=\"{columns:.1}\" \
                 lengthAdjust=\"spacingAndGlyphs\">{}</text>",
                y + SIZE,
                look.fore,
                escaped(&text),
            );
        }
        at += columns;
    }
}

/// Draws the blocks and lines of a run, as one path.
fn draw_shapes(svg: &mut String, run: &[Cell], look: Look, x: f64, y: f64) {
    let mut path = String::new();
    let mut at = x;
    for cell in run {
        for Part { from, to } in shape(cell.symbol()).unwrap_or_default() {
            let (left, top) = (at + from.0 * WIDTH, y + from.1 * HEIGHT);
            let _ = write!(
                path,
                "M{left:.1} {top:.1}h{:.1}v{:.1}h{:.1}z",
                (to.0 - from.0) * WIDTH,
                (to.1 - from.1) * HEIGHT,
                (from.0 - to.0) * WIDTH,
            );
        }
        at += WIDTH;
    }
    if !path.is_empty() {
        let _ = writeln!(svg, "<path d=\"{path}\" fill=\"{}\"/>", look.fore);
    }
}

/// A rectangle of a character, from the left and from the top.
struct Part {
    from: (f64, f64),
    to: (f64, f64),
}

/// Thickness of a line, in characters.
const LINE: f64 = 0.06;

/// What a block or a line is made of; nothing for other characters.
fn shape(symbol: &str) -> Option<Vec<Part>> {
    let eighth = |of: &str| {
        let place = of.chars().position(|c| symbol.starts_with(c))?;
        u32::try_from(place + 1).ok().map(|n| f64::from(n) / 8.0)
    };
    if let Some(high) = eighth("▁▂▃▄▅▆▇█") {
        // A gap between lines keeps one graph from running into the next.
        return Some(vec![Part {
            from: (0.0, 0.95 - 0.85 * high),
            to: (1.0, 0.95),
        }]);
    }
    if let Some(wide) = eighth("▏▎▍▌▋▊▉") {
        return Some(vec![Part {
            from: (0.0, 0.1),
            to: (wide, 0.95),
        }]);
    }
    let (left, right, up, down) = match symbol {
        "─" => (true, true, false, false),
        "│" => (false, false, true, true),
        "├" => (false, true, true, true),
        "└" => (false, true, true, false),
        "┘" => (true, false, true, false),
        "┌" => (false, true, false, true),
        "┐" => (true, false, false, true),
        _ => return None,
    };
    let end = |is: bool, far: f64| if is { far } else { 0.5 };
    Some(vec![
        Part {
            from: (end(left, 0.0), 0.5 - LINE / 2.0),
            to: (end(right, 1.0), 0.5 + LINE / 2.0),
        },
        Part {
            from: (0.5 - LINE, end(up, 0.0)),
            to: (0.5 + LINE, end(down, 1.0)),
        },
    ])
}
