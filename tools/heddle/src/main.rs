// SPDX-License-Identifier: GPL-2.0

//! The command `heddle`.

#![forbid(unsafe_code)]

use std::process::ExitCode;

use clap::Parser;
use heddle_tool::{
    cli::Cli,
    run::run, //
};

fn main() -> ExitCode {
    match run(Cli::parse()) {
        Ok(code) => code,
        // Whoever read us has seen enough.
        Err(error) if error.is_broken_pipe() => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("heddle: {error}");
            error.status().into()
        }
    }
}
