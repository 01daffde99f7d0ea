// SPDX-License-Identifier: GPL-2.0

//! The words of a command line: rules, paths and migrations, amounts and tokens. What is read of
//! them is, in words again, the same.

use heddle_tool::{
    item::{words, Item},
    migration::Migration,
    path::Path,
    rule::Rule,
    units,
};

/// Reads words, with white space between each two.
pub fn run(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let words: Vec<_> = text.split_whitespace().collect();
    item::<Rule>(&words);
    item::<Path>(&words);
    item::<Migration>(&words);
    for word in words {
        if let Some(size) = units::parse_size(word) {
            assert_eq!(units::parse_size(&units::size(size)), Some(size));
        }
        if let Some(token) = units::parse_token(word) {
            assert_eq!(units::parse_token(&units::token(token)), Some(token));
        }
    }
}

fn item<T: Item + std::fmt::Debug>(given: &[&str]) {
    match words::parse::<T, _>(given) {
        Ok(item) => {
            let shown = item.to_string();
            let again: Vec<_> = shown.split_whitespace().collect();
            match words::parse::<T, _>(&again) {
                Ok(again) => assert_eq!(again, item, "{shown}"),
                Err(error) => panic!("{error}: {shown}"),
            }
            // Whole, or a word is missing.
            if let Ok(item) = words::parse_complete::<T, _>(given) {
                assert_eq!(item.at(0).priority(), Some(0));
            }
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}
