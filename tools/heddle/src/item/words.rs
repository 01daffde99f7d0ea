// SPDX-License-Identifier: GPL-2.0

//! Reads an item from the words of a command line.

use std::str::FromStr;

use crate::{
    error::{
        Error,
        Result, //
    },
    item::{
        Item,
        PRIORITY_MAX, //
    },
};

/// Reads an item: pairs of a keyword and its value. A keyword can be
/// abbreviated as long as one only begins so.
pub fn parse<T: Item, S: AsRef<str>>(words: &[S]) -> Result<T> {
    let mut item = T::default();
    let mut seen = Vec::new();
    let mut words = words.iter().map(AsRef::as_ref);
    while let Some(word) = words.next() {
        let keyword = keyword::<T>(word)?;
        if seen.contains(&keyword) {
            return Err(Error::Usage(format!("\"{keyword}\" is given twice")));
        }
        seen.push(keyword);
        let value = words
            .next()
            .ok_or_else(|| Error::Usage(format!("\"{keyword}\" needs a value behind it")))?;
        set(&mut item, keyword, value).map_err(|e| Error::Usage(format!("{keyword}: {e}")))?;
    }
    Ok(item)
}

/// Reads an item that is to be added, which must be whole.
pub fn parse_complete<T: Item, S: AsRef<str>>(words: &[S]) -> Result<T> {
    let mut item: T = parse(words)?;
    item.complete().map_err(|word| {
        Error::Usage(format!(
            "a {} needs a {word}: end it with \"{word} NAME\"",
            T::NAME
        ))
    })?;
    Ok(item)
}

/// The keyword that a word stands for.
fn keyword<T: Item>(word: &str) -> Result<&'static str> {
    if let Some(exact) = T::keywords().find(|k| *k == word) {
        return Ok(exact);
    }
    let mut like = T::keywords().filter(|k| !word.is_empty() && k.starts_with(word));
    match (like.next(), like.next()) {
        (Some(one), None) => Ok(one),
        (Some(a), Some(b)) => Err(Error::Usage(format!("\"{word}\" can mean {a} or {b}"))),
        _ => Err(Error::Usage(format!(
            "\"{word}\" is no part of a {}, which is made of {}",
            T::NAME,
            T::made_of()
        ))),
    }
}

/// Sets one part of an item from text.
pub fn set<T: Item>(item: &mut T, keyword: &str, value: &str) -> std::result::Result<(), String> {
    if keyword == "priority" {
        item.set_priority(priority(value)?);
        return Ok(());
    }
    item.set(keyword, value)
}

/// A priority.
pub fn priority(text: &str) -> std::result::Result<u32, String> {
    match u32::from_str(text) {
        Ok(number) if number <= PRIORITY_MAX => Ok(number),
        _ => Err(format!(
            "\"{text}\" is no priority: they go from 0 to {PRIORITY_MAX}"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::Rule;

    fn error(text: &str) -> String {
        let words = text.split_whitespace().collect::<Vec<_>>();
        parse_complete::<Rule, _>(&words).unwrap_err().to_string()
    }

    #[test]
    fn errors_say_what_to_do() {
        assert_eq!(error("s 1"), "\"s\" can mean sport or scheduler");
        assert!(error("dport 443").starts_with("\"dport\" is no part of a rule"));
        assert_eq!(error("port"), "\"port\" needs a value behind it");
        assert_eq!(error("port 1 port 2"), "\"port\" is given twice");
        assert!(error("port 443").contains("scheduler NAME"));
        assert!(error("priority 2147483648 scheduler x").contains("0 to 2147483647"));
    }
}
