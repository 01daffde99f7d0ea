// SPDX-License-Identifier: GPL-2.0

//! From the command line to the verbs.

use std::{
    fs,
    io::{
        self,
        IsTerminal,
        Read,
        Write, //
    },
    path::Path,
    process::ExitCode, //
};

use clap::CommandFactory;
use clap_complete::Shell;
use rustix::thread::{
    move_into_link_name_space,
    LinkNameSpaceType, //
};

use crate::{
    cli::{
        self,
        Cli,
        Verb, //
    },
    config::{
        self,
        file::Source,
        Outcome, //
    },
    conn::{
        self,
        Which, //
    },
    counters,
    error::{
        Error,
        Result, //
    },
    item::verb as item,
    kernel::Kernel,
    knob, man, metrics, migrate,
    migration::Migration,
    monitor,
    netlink::{
        Netlink,
        Subscription, //
    },
    output::{
        Output,
        Paint, //
    },
    path, paths,
    rule::Rule,
    sched, status, top,
};

/// Where `ip netns` keeps the names of network namespaces.
const NETNS: &str = "/run/netns";

/// The status that says that something differs.
const DIFFERENT: u8 = 1;

/// Does what the command line says.
pub fn run(cli: Cli) -> Result<ExitCode> {
    if let Some(name) = &cli.netns {
        enter(name)?;
    }
    let stdout = io::stdout();
    let terminal = stdout.is_terminal();
    let mut to = io::BufWriter::new(stdout.lock());
    let mut out = Output {
        to: &mut to,
        json: cli.json,
        paint: Paint {
            on: cli
                .color
                .decide(terminal, std::env::var("NO_COLOR").ok().as_deref()),
        },
    };
    let code = verb(cli.verb, &mut out);
    to.flush()?;
    code
}

/// Joins a network namespace, with this thread and those that it will start.
fn enter(name: &str) -> Result<()> {
    let path = if name.contains('/') {
        Path::new(name).to_path_buf()
    } else {
        Path::new(NETNS).join(name)
    };
    let failed = |error| Error::File(path.display().to_string(), error);
    let namespace = fs::File::open(&path).map_err(failed)?;
    move_into_link_name_space(
        std::os::fd::AsFd::as_fd(&namespace),
        Some(LinkNameSpaceType::Network),
    )
    .map_err(|error| failed(error.into()))
}

/// The release of the running kernel.
fn release() -> String {
    rustix::system::uname().release().to_string_lossy().into()
}

fn verb(verb: Verb, out: &mut Output<'_>) -> Result<ExitCode> {
    let kernel = || Netlink::open();
    match verb {
        Verb::Status => match kernel() {
            Err(Error::NotLoaded) => {
                status::show_not_loaded(out, &release())?;
                return Err(Error::NotLoaded);
            }
            other => status::show(&mut other?, out, &release())?,
        },
        Verb::Conn { verb } => conn(verb, out)?,
        Verb::Rule { verb } => rule(verb, out)?,
        Verb::Path { verb } => path(verb, out)?,
        Verb::Migrate { verb } => migrate(verb, out)?,
        Verb::Sched { verb } => match verb {
            None | Some(cli::Sched::Show) => sched::show(&mut kernel()?, out)?,
            Some(cli::Sched::Set { name, value }) => sched::set(&mut kernel()?, &name, &value)?,
        },
        Verb::Paths { verb } => match verb {
            None | Some(cli::Paths::Show) => paths::show(&mut kernel()?, out)?,
            Some(cli::Paths::Set { settings }) => paths::set(&mut kernel()?, &settings)?,
        },
        Verb::Knob { verb } => match verb {
            None => knob::show(&mut kernel()?, out, None)?,
            Some(cli::Knob::Show { name }) => knob::show(&mut kernel()?, out, name.as_deref())?,
            Some(cli::Knob::Set { name, value }) => knob::set(&mut kernel()?, &name, &value)?,
        },
        Verb::Counters(cli::Counters { watch, reset, all }) => match watch {
            _ if reset => kernel()?.reset_counters()?,
            Some(interval) => counters::watch(&mut kernel()?, out, all, interval)?,
            None => counters::show(&mut kernel()?, out, all)?,
        },
        Verb::Monitor { timestamps } => {
            monitor::run(&mut subscribe()?, out, timestamps, |_| true)?;
        }
        Verb::Top { interval } => {
            top::run(kernel()?, kernel()?, &release(), interval, out.paint.on)?;
        }
        Verb::Apply { file, dry_run } => {
            let source = source(&file)?;
            if dry_run {
                config::diff(&mut kernel()?, out, &source)?;
            } else {
                config::apply(&mut kernel()?, out, &source)?;
            }
        }
        Verb::Export => config::export(&mut kernel()?, out)?,
        Verb::Diff { file } => {
            if config::diff(&mut kernel()?, out, &source(&file)?)? == Outcome::Different {
                return Ok(DIFFERENT.into());
            }
        }
        Verb::Metrics { listen, output } => metrics(listen, output.as_deref(), out)?,
        Verb::Completions { shell } => {
            out.to.write_all(completions(shell).as_bytes())?;
        }
        Verb::Man => out.to.write_all(man::page()?.as_bytes())?,
    }
    Ok(ExitCode::SUCCESS)
}

fn conn(verb: Option<cli::Conn>, out: &mut Output<'_>) -> Result<()> {
    let mut kernel = Netlink::open()?;
    match verb {
        None => conn::show(&mut kernel, out, Which::All),
        Some(cli::Conn::Show { which }) => {
            conn::show(&mut kernel, out, which.unwrap_or(Which::All))
        }
        Some(cli::Conn::Set { token, words }) => conn::set(&mut kernel, token, &words),
    }
}

fn rule(verb: Option<cli::RuleVerb>, out: &mut Output<'_>) -> Result<()> {
    use cli::RuleVerb as V;
    let verb = match verb {
        None => item::Verb::Show(false),
        Some(V::Show { stats }) => item::Verb::Show(stats),
        Some(V::Add(rule)) => item::Verb::Add(rule.words),
        Some(V::Replace(rule)) => item::Verb::Replace(rule.words),
        Some(V::Del { words }) => item::Verb::Delete(words),
        Some(V::Flush) => item::Verb::Flush,
    };
    verb.run::<Rule, _>(Netlink::open, out)
}

fn path(verb: Option<cli::PathVerb>, out: &mut Output<'_>) -> Result<()> {
    use cli::PathVerb as V;
    let verb = match verb {
        None => item::Verb::Show(false),
        Some(V::Show { stats }) => item::Verb::Show(stats),
        Some(V::Add(path)) => item::Verb::Add(path.words),
        Some(V::Replace(path)) => item::Verb::Replace(path.words),
        Some(V::Del { words }) => item::Verb::Delete(words),
        Some(V::Flush) => item::Verb::Flush,
        Some(V::Reset { priority }) => return Netlink::open()?.reset_paths(priority),
    };
    verb.run::<path::Path, _>(Netlink::open, out)
}

fn migrate(verb: Option<cli::Migrate>, out: &mut Output<'_>) -> Result<()> {
    use cli::Migrate as V;
    let verb = match verb {
        None => return migrate::show(&mut Netlink::open()?, out, false),
        Some(V::Show { stats }) => return migrate::show(&mut Netlink::open()?, out, stats),
        Some(V::Set { name, value }) => {
            return migrate::set(&mut Netlink::open()?, &name, &value);
        }
        Some(V::Watch { timestamps }) => {
            return migrate::watch(&mut subscribe()?, out, timestamps);
        }
        Some(V::Add(migration)) => item::Verb::Add(migration.words),
        Some(V::Replace(migration)) => item::Verb::Replace(migration.words),
        Some(V::Del { words }) => item::Verb::Delete(words),
        Some(V::Flush) => item::Verb::Flush,
    };
    verb.run::<Migration, _>(Netlink::open, out)
}

/// The events of the namespace, of the right module.
fn subscribe() -> Result<Subscription> {
    // That it is the right one is not said by its events.
    Netlink::open()?;
    Subscription::open()
}

fn metrics(
    listen: Option<std::net::SocketAddr>,
    output: Option<&Path>,
    out: &mut Output<'_>,
) -> Result<()> {
    // Opened for each page: the module may be unloaded and loaded meanwhile.
    let page = || metrics::page(&mut Netlink::open()?, &release());
    match (listen, output) {
        (Some(addr), _) => metrics::serve(addr, page, |addr| {
            eprintln!("heddle: listening at http://{addr}/metrics");
        }),
        (None, Some(path)) => metrics::write_atomically(path, &page()?),
        (None, None) => Ok(out.to.write_all(page()?.as_bytes())?),
    }
}

/// Reads a file, or the standard input.
fn source(path: &Path) -> Result<Source> {
    let name = path.display().to_string();
    let mut text = String::new();
    let read = if name == "-" {
        io::stdin().read_to_string(&mut text)
    } else {
        fs::File::open(path).and_then(|mut file| file.read_to_string(&mut text))
    };
    read.map_err(|error| Error::File(name.clone(), error))?;
    Ok(Source { name, text })
}

/// What lets a shell complete this command.
pub fn completions(shell: Shell) -> String {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "heddle", &mut text);
    let text = String::from_utf8_lossy(&text);
    // The first line for zsh has a meaning there.
    let (first, rest) = match (shell, text.split_once('\n')) {
        (Shell::Zsh, Some((first, rest))) => (format!("{first}\n"), rest),
        _ => (String::new(), &*text),
    };
    // Indentation is left of what a shell is told about an empty line.
    let rest: Vec<&str> = rest.lines().map(str::trim_end).collect();
    format!(
        "{first}# SPDX-License-Identifier: GPL-2.0\n{}\n",
        rest.join("\n").trim_end()
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::same_as_file;

    #[test]
    fn the_generated_files_are_those_of_this_code() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/completions");
        for (shell, name) in [
            (Shell::Bash, "heddle.bash"),
            (Shell::Zsh, "_heddle"),
            (Shell::Fish, "heddle.fish"),
        ] {
            same_as_file(&format!("{folder}/{name}"), &completions(shell));
        }
        let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../../Documentation/heddle.8");
        same_as_file(page, &man::page().unwrap());
    }

    #[test]
    fn a_namespace_that_is_not_there() {
        let error = enter("no-such-namespace").unwrap_err();
        assert!(error
            .to_string()
            .starts_with("/run/netns/no-such-namespace: "));
        assert_eq!(error.status(), 1);
    }

    #[test]
    fn a_file_that_is_not_there() {
        let error = source(Path::new("/no/such/file")).unwrap_err().to_string();
        assert!(error.starts_with("/no/such/file: "));
    }
}
