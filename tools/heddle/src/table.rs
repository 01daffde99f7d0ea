// SPDX-License-Identifier: GPL-2.0

//! Tables of text.

use crate::{
    error::Result,
    output::{
        Ink,
        Output, //
    },
};

/// Which side of its column a text is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Words.
    Left,
    /// Numbers.
    Right,
}

/// A column: its heading, and the side its texts are at.
pub type Column = (&'static str, Side);

/// A text of a table.
#[derive(Clone, Debug, Default)]
pub struct Cell {
    text: String,
    ink: Ink,
}

impl<T: Into<String>> From<T> for Cell {
    fn from(text: T) -> Self {
        Self {
            text: text.into(),
            ink: Ink::Plain,
        }
    }
}

impl Cell {
    /// A text in a colour.
    pub fn new(ink: Ink, text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            ink,
        }
    }
}

/// A table with a line of headings.
pub struct Table {
    columns: Vec<Column>,
    rows: Vec<Vec<Cell>>,
}

impl Table {
    /// A table without rows.
    pub fn new(columns: &[Column]) -> Self {
        Self {
            columns: columns.to_vec(),
            rows: Vec::new(),
        }
    }

    /// Adds a row, with a text for each column, or for the first ones.
    pub fn row(&mut self, row: Vec<Cell>) {
        self.rows.push(row);
    }

    /// Writes the table; nothing if it has no rows.
    pub fn print(&self, out: &mut Output<'_>) -> Result<()> {
        if self.rows.is_empty() {
            return Ok(());
        }
        let heading: Vec<Cell> = self
            .columns
            .iter()
            .map(|(name, _)| Cell::new(Ink::Heading, *name))
            .collect();
        let widths: Vec<usize> = (0..self.columns.len())
            .map(|column| {
                std::iter::once(&heading)
                    .chain(&self.rows)
                    .filter_map(|row| row.get(column))
                    .map(|cell| cell.text.chars().count())
                    .max()
                    .unwrap_or(0)
            })
            .collect();
        for row in std::iter::once(&heading).chain(&self.rows) {
            let line = self.line(out, row, &widths);
            out.line(format_args!("{line}"))?;
        }
        Ok(())
    }

    fn line(&self, out: &Output<'_>, row: &[Cell], widths: &[usize]) -> String {
        let mut line = String::new();
        // Blanks that are owed: there are none at the end of a line.
        let mut blanks = 0;
        for ((cell, (_, side)), width) in row.iter().zip(&self.columns).zip(widths) {
            let room = width.saturating_sub(cell.text.chars().count());
            let (before, behind) = match side {
                Side::Left => (0, room),
                Side::Right => (room, 0),
            };
            if cell.text.is_empty() {
                blanks += width;
            } else {
                line.extend(std::iter::repeat_n(' ', blanks + before));
                line.push_str(&out.paint.ink(cell.ink, &cell.text));
                blanks = behind;
            }
            blanks += 2;
        }
        line
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::run;

    #[test]
    fn words_left_numbers_right_and_no_blanks_at_the_end() {
        let mut table = Table::new(&[
            ("NAME", Side::Left),
            ("N", Side::Right),
            ("NOTE", Side::Left),
        ]);
        table.row(vec!["a".into(), "5".into(), "x".into()]);
        table.row(vec!["longer".into(), "1000".into()]);
        table.row(vec!["".into(), "7".into(), "".into()]);
        let text = run(false, |out| table.print(out)).unwrap();
        assert_eq!(
            text,
            "NAME       N  NOTE\n\
             a          5  x\n\
             longer  1000\n        \
             \x20  7\n"
        );
    }

    #[test]
    fn an_empty_table_is_nothing() {
        let table = Table::new(&[("NAME", Side::Left)]);
        assert_eq!(run(false, |out| table.print(out)).unwrap(), "");
    }
}
