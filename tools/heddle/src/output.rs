// SPDX-License-Identifier: GPL-2.0

//! Where a verb writes to, and how.

use std::{
    fmt,
    io::Write, //
};

use serde::Serialize;

use crate::error::Result;

/// The output of a verb.
pub struct Output<'a> {
    /// Where it goes.
    pub to: &'a mut dyn Write,
    /// JSON instead of text.
    pub json: bool,
    /// What colours do.
    pub paint: Paint,
}

impl Output<'_> {
    /// Writes a line.
    pub fn line(&mut self, line: fmt::Arguments<'_>) -> Result<()> {
        self.to.write_fmt(line)?;
        self.to.write_all(b"\n")?;
        Ok(())
    }

    /// Writes a value as one line of JSON, and hands it on at once.
    pub fn print_json<T: Serialize>(&mut self, value: &T) -> Result<()> {
        serde_json::to_writer(&mut *self.to, value)?;
        self.to.write_all(b"\n")?;
        self.to.flush()?;
        Ok(())
    }
}

/// A colour, by what it means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ink {
    /// None.
    #[default]
    Plain,
    /// A heading.
    Heading,
    /// Of less interest.
    Dim,
    /// Good, or added.
    Good,
    /// Bad, or removed.
    Bad,
    /// To be noticed.
    Notice,
}

/// Puts colours around text, or does not.
#[derive(Clone, Copy, Debug, Default)]
pub struct Paint {
    /// Whether it does.
    pub on: bool,
}

impl Paint {
    /// The text in a colour.
    pub fn ink(self, ink: Ink, text: &str) -> String {
        let code = match ink {
            Ink::Plain => return text.into(),
            Ink::Heading => "1",
            Ink::Dim => "2",
            Ink::Good => "32",
            Ink::Bad => "31",
            Ink::Notice => "33",
        };
        if self.on && !text.is_empty() {
            format!("\x1b[{code}m{text}\x1b[0m")
        } else {
            text.into()
        }
    }
}

/// When to use colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum When {
    /// On a terminal, unless `NO_COLOR` is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl When {
    /// Whether to use colours now.
    pub fn decide(self, terminal: bool, no_color: Option<&str>) -> bool {
        match self {
            Self::Always => true,
            Self::Never => false,
            Self::Auto => terminal && no_color.is_none_or(str::is_empty),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_for_terminals_that_want_them() {
        assert!(When::Auto.decide(true, None));
        assert!(When::Auto.decide(true, Some("")));
        assert!(!When::Auto.decide(true, Some("1")));
        assert!(!When::Auto.decide(false, None));
        assert!(When::Always.decide(false, Some("1")));
        assert!(!When::Never.decide(true, None));
    }

    #[test]
    fn no_colour_leaves_the_text_alone() {
        assert_eq!(Paint { on: false }.ink(Ink::Bad, "x"), "x");
        assert_eq!(Paint { on: true }.ink(Ink::Bad, "x"), "\x1b[31mx\x1b[0m");
        assert_eq!(Paint { on: true }.ink(Ink::Bad, ""), "");
    }
}
