// SPDX-License-Identifier: GPL-2.0

//! Every target over its corpus, and over inputs that are drawn: new ones, and changed ones of the
//! corpus.

use heddle_fuzz::TARGETS;
use std::{fs, panic, path::PathBuf};

/// Inputs that are drawn for each target.
const DRAWN: u32 = 3000;

/// Bytes of the longest of them.
const LONGEST: usize = 512;

fn corpus(target: &str) -> Vec<(String, Vec<u8>)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("corpus")
        .join(target);
    let mut files: Vec<_> = fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.expect("a file").path())
        .collect();
    files.sort();
    assert!(!files.is_empty(), "{} is empty", folder.display());
    files
        .into_iter()
        .map(|file| (file.display().to_string(), fs::read(&file).expect("a file")))
        .collect()
}

/// Runs a target, and says on which input it failed.
fn check(target: fn(&[u8]), name: &str, input: &[u8]) {
    if let Err(failure) = panic::catch_unwind(|| target(input)) {
        eprintln!("on {name}: b\"{}\"", input.escape_ascii());
        panic::resume_unwind(failure);
    }
}

/// xorshift64*
struct Random(u64);

impl Random {
    fn next(&mut self) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        usize::try_from(self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33).expect("31 bits")
    }

    fn byte(&mut self) -> u8 {
        u8::try_from(self.next() & 0xff).expect("a byte")
    }

    fn bytes(&mut self) -> Vec<u8> {
        let length = self.next() % (1 << (self.next() % 10));
        (0..length).map(|_| self.byte()).collect()
    }

    /// One of the corpus with a few bytes changed, or with the end of another one.
    fn changed(&mut self, corpus: &[(String, Vec<u8>)]) -> Vec<u8> {
        let mut input = corpus[self.next() % corpus.len()].1.clone();
        let (_, other) = &corpus[self.next() % corpus.len()];
        for _ in 0..=self.next() % 4 {
            let at = self.next() % (input.len() + 1);
            match self.next() % 4 {
                0 => input.insert(at, self.byte()),
                1 => input.truncate(at),
                2 => input
                    .splice(
                        at..,
                        other[self.next() % (other.len() + 1)..].iter().copied(),
                    )
                    .for_each(drop),
                _ => {
                    if let Some(byte) = input.get_mut(at) {
                        *byte = self.byte();
                    }
                }
            }
        }
        input.truncate(LONGEST);
        input
    }
}

fn run(name: &str) {
    let (_, target) = TARGETS
        .iter()
        .find(|(it, _)| *it == name)
        .expect("a target");
    let corpus = corpus(name);
    for (file, input) in &corpus {
        check(*target, file, input);
    }
    let mut random = Random(0x5eed_0fac_ade0_1234);
    for number in 0..DRAWN {
        let input = match number % 3 {
            0 => random.bytes(),
            _ => random.changed(&corpus),
        };
        check(*target, &format!("input {number} that is drawn"), &input);
    }
}

macro_rules! tests {
    ($($name:ident,)*) => {
        $(
            #[test]
            fn $name() {
                run(stringify!($name));
            }
        )*

        #[test]
        fn none_is_left_out() {
            let all: Vec<_> = TARGETS.iter().map(|(name, _)| *name).collect();
            assert_eq!(all, [$(stringify!($name)),*]);
        }
    };
}

heddle_fuzz::with_targets!(tests);
