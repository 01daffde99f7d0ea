// SPDX-License-Identifier: GPL-2.0

//! Pictures for the documentation, as SVG on the standard output.
//!
//! ```text
//! screenshot top SECONDS RELEASE FILE...   the view of `heddle top`, from what
//!                                          `heddle -j conn` wrote every SECONDS
//! screenshot demo                          the table of `make demo`, from the
//!                                          standard input
//! ```

#![forbid(unsafe_code)]

mod svg;

use std::{
    error::Error,
    fs::File,
    io::{
        self,
        BufReader,
        Read, //
    },
};

use heddle_tool::{
    model::Connection,
    top::{
        app::App,
        view,
        Sample, //
    },
};
use ratatui::{
    backend::TestBackend,
    buffer::Buffer,
    layout::Rect,
    style::{
        Color,
        Modifier,
        Style, //
    },
    Terminal,
};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Columns of the live view.
const WIDTH: u16 = 132;

/// Lines around the list of the live view: two above, the headings, and below
/// an empty one and the keys.
const AROUND: usize = 5;

/// Most lines of a picture.
const LINES: usize = 40;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let picture = match words.as_slice() {
        ["top", seconds, release, files @ ..] if !files.is_empty() => {
            let mut looks = Vec::new();
            for file in files {
                looks.extend(read(File::open(file)?)?);
            }
            svg::draw(&top(&looks, seconds.parse()?, release)?, "heddle top")
        }
        ["demo"] => {
            let mut text = String::new();
            io::stdin().read_to_string(&mut text)?;
            svg::draw(&demo(&text), "make demo")
        }
        _ => return Err("screenshot top SECONDS RELEASE FILE... | screenshot demo".into()),
    };
    print!("{picture}");
    Ok(())
}

/// Reads looks at the connections, one behind the other.
fn read(from: impl Read) -> Result<Vec<Vec<Connection>>> {
    let looks = serde_json::Deserializer::from_reader(BufReader::new(from)).into_iter();
    Ok(looks.collect::<std::result::Result<_, _>>()?)
}

/// The live view after these looks.
fn top(looks: &[Vec<Connection>], seconds: f64, release: &str) -> Result<Buffer> {
    let mut app = App::new(release, true);
    let mut at = 0.0;
    for connections in looks {
        app.sample(Sample {
            at,
            connections: connections.clone(),
        });
        at += seconds;
    }
    let lines: usize = app
        .connections()
        .iter()
        .map(|connection| 1 + connection.subflows.len())
        .sum();
    let height = u16::try_from((lines + AROUND).min(LINES))?;
    let mut terminal = Terminal::new(TestBackend::new(WIDTH, height))?;
    terminal.draw(|frame| view::draw(frame, &mut app))?;
    Ok(terminal.backend().buffer().clone())
}

/// A text in the same look: the first line is a heading, and bars of # and .
/// become bars.
fn demo(text: &str) -> Buffer {
    let mut lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    while lines.last().is_some_and(|line| line.is_empty()) {
        lines.pop();
    }
    let mut buffer = Buffer::with_lines(lines.iter().map(|line| line.replace('\t', "        ")));
    let area = buffer.area;
    for y in 0..area.height {
        if y == 0 {
            let heading = Style::new().fg(Color::Cyan).add_modifier(Modifier::BOLD);
            buffer.set_style(Rect::new(0, 0, area.width, 1), heading);
        }
        for (start, length) in bars(lines.get(usize::from(y)).copied().unwrap_or_default()) {
            for x in start..start + length {
                let Some(cell) = buffer.cell_mut((x, y)) else {
                    continue;
                };
                let colour = if cell.symbol() == "#" {
                    Color::Green
                } else {
                    Color::Indexed(236)
                };
                cell.set_symbol("▆").set_fg(colour);
            }
        }
    }
    buffer
}

/// Where bars are in a line: at least ten of # and ., in this order.
fn bars(line: &str) -> Vec<(u16, u16)> {
    let mut bars = Vec::new();
    let mut column = 0;
    for word in line.split(' ') {
        let length = word.chars().count();
        if length >= 10 && word.trim_start_matches('#').chars().all(|c| c == '.') {
            if let (Ok(start), Ok(length)) = (u16::try_from(column), u16::try_from(length)) {
                bars.push((start, length));
            }
        }
        column += length + 1;
    }
    bars
}

#[cfg(test)]
mod tests {
    use super::*;

    use ratatui::buffer::Cell;

    const DEMO: &str = "Linux 7.3.4: <nginx>\n\n  MPTCP  31.85  ###########.........  56%  yes\n";

    #[test]
    fn bars_are_found() {
        assert_eq!(bars("a ##########.  b"), [(2, 11)]);
        assert_eq!(bars("a ####.  .#.#.#.#.#.#"), []);
    }

    #[test]
    fn the_demo_becomes_a_picture() {
        let picture = svg::draw(&demo(DEMO), "make demo");
        assert!(picture.contains("&lt;nginx&gt;"));
        assert_eq!(picture.matches("#87d96c").count(), 1);
    }

    #[test]
    fn looks_become_a_picture_with_rates() -> Result<()> {
        let look = |bytes: u64| {
            format!(
                r#"[{{"token":48879,"scheduler":"minrtt","bytes_sent":{bytes},
                    "subflows":[{{"id":1,"state":1,"bytes_sent":{bytes}}}]}}]"#
            )
        };
        let looks = read((look(0) + &look(250_000)).as_bytes())?;
        assert_eq!(looks.len(), 2);
        let buffer = top(&looks, 0.5, "7.3.4")?;
        let text: String = buffer.content().iter().map(Cell::symbol).collect();
        assert!(text.contains("4.00 Mbit/s"), "{text}");
        assert!(svg::draw(&buffer, "x").contains("0000beef"));
        Ok(())
    }
}
