// SPDX-License-Identifier: GPL-2.0

//! The command line.

#![allow(
    clippy::doc_markdown,
    reason = "the comments are the text of --help and of the manual page"
)]

use std::{
    net::SocketAddr,
    path::PathBuf,
    time::Duration, //
};

use clap::{
    Args,
    Parser,
    Subcommand, //
};
use clap_complete::Shell;

use crate::{
    conn::Which,
    item::words,
    output::When,
    units, //
};

/// Shows and changes what the Heddle kernel module decides: which subflow of
/// an MPTCP connection carries the next bytes, which subflows it has, and which
/// listener inherits the connections of one that is closed.
///
/// Verbs and objects can be abbreviated as long as only one begins so: r a is
/// rule add. Everything belongs to a network namespace. Reading
/// needs no privilege; changing needs CAP_NET_ADMIN.
#[derive(Clone, Debug, Parser)]
#[command(
    name = "heddle",
    version,
    infer_subcommands = true,
    max_term_width = 100
)]
pub struct Cli {
    /// Write JSON; monitor and --watch write one object per line
    #[arg(short, long, global = true)]
    pub json: bool,
    /// Work in a network namespace, named as ip-netns(8) does, or by a path
    #[arg(short, long, global = true, value_name = "NAME")]
    pub netns: Option<String>,
    /// Use colours: auto, always or never; auto is on a terminal, unless NO_COLOR is set
    #[arg(
        long,
        global = true,
        value_name = "WHEN",
        value_enum,
        default_value_t,
        hide_possible_values = true
    )]
    pub color: When,
    /// What to do
    #[command(subcommand)]
    pub verb: Verb,
}

/// What to do.
#[derive(Clone, Debug, Subcommand)]
pub enum Verb {
    /// Show whether the module is loaded, what it is, and how much there is of everything
    Status,
    /// Show MPTCP connections with their subflows, or change one
    #[command(visible_alias = "connection", infer_subcommands = true)]
    Conn {
        /// What to do with them; show, if there is nothing
        #[command(subcommand)]
        verb: Option<Conn>,
    },
    /// Show or change the rules: which scheduler and which paths connections have
    #[command(infer_subcommands = true)]
    Rule {
        /// What to do with them; show, if there is nothing
        #[command(subcommand)]
        verb: Option<RuleVerb>,
    },
    /// Show or change the paths: weight, cost and cap of subflows, by where their packets go
    #[command(infer_subcommands = true)]
    Path {
        /// What to do with them; show, if there is nothing
        #[command(subcommand)]
        verb: Option<PathVerb>,
    },
    /// Show or change who inherits the connections of a listener that is closed
    #[command(infer_subcommands = true)]
    Migrate {
        /// What to do; show, if there is nothing
        #[command(subcommand)]
        verb: Option<Migrate>,
    },
    /// Show the schedulers and their knobs, or set one of these knobs
    #[command(visible_alias = "scheduler", infer_subcommands = true)]
    Sched {
        /// What to do with them; show, if there is nothing
        #[command(subcommand)]
        verb: Option<Sched>,
    },
    /// Show what the path manager "heddle" is to do and did, or set its knobs
    #[command(infer_subcommands = true)]
    Paths {
        /// What to do; show, if there is nothing
        #[command(subcommand)]
        verb: Option<Paths>,
    },
    /// Show or set knobs: the settings that sysctl has below net.heddle
    #[command(infer_subcommands = true)]
    Knob {
        /// What to do with them; show, if there is nothing
        #[command(subcommand)]
        verb: Option<Knob>,
    },
    /// Show the counters of the namespace
    Counters(Counters),
    /// Show events as they come, and how many were lost
    Monitor {
        /// Begin each line with the time, in seconds since 1970
        #[arg(short, long)]
        timestamps: bool,
    },
    /// Watch connections and their subflows; the key ? shows the keys
    Top {
        /// Time between two looks
        #[arg(short, long, value_name = "SECONDS", value_parser = seconds, default_value = "1")]
        interval: Duration,
    },
    /// Make the configuration that of a file: all of it, or nothing
    Apply {
        /// The file, in TOML; - is the standard input
        file: PathBuf,
        /// Only show what would change
        #[arg(long)]
        dry_run: bool,
    },
    /// Write the configuration as a file that apply takes
    Export,
    /// Show what apply would change; exit with status 1 if there is anything
    Diff {
        /// The file, in TOML; - is the standard input
        file: PathBuf,
    },
    /// Write metrics in Prometheus' text format
    Metrics {
        /// Answer requests for /metrics at this address instead
        #[arg(short, long, value_name = "ADDR:PORT", conflicts_with = "output")]
        listen: Option<SocketAddr>,
        /// Write a file instead, whole at any time
        #[arg(short, long, value_name = "FILE")]
        output: Option<PathBuf>,
    },
    /// Write a file that lets a shell complete this command
    Completions {
        /// The shell
        #[arg(value_parser = shells())]
        shell: Shell,
    },
    /// Write the manual page
    #[command(hide = true)]
    Man,
}

/// What to do with connections.
#[derive(Clone, Debug, Subcommand)]
pub enum Conn {
    /// Show connections with their subflows
    Show {
        /// Only the one with this token, or those from or to this address
        #[arg(value_name = "TOKEN|ADDR")]
        which: Option<Which>,
    },
    /// Give a connection to another scheduler while it lives
    Set {
        /// The token of the connection
        #[arg(value_parser = token)]
        token: u32,
        /// What to change, as in scheduler minrtt
        #[arg(required = true, num_args = 1.., value_name = "scheduler NAME")]
        words: Vec<String>,
    },
}

/// What to do with rules.
#[derive(Clone, Debug, Subcommand)]
pub enum RuleVerb {
    /// Show the rules in the words that add takes
    Show {
        /// With the number of connections that each has matched
        #[arg(short, long)]
        stats: bool,
    },
    /// Add a rule
    Add(RuleWords),
    /// Put a rule in the place of the one with the same priority
    Replace(RuleWords),
    /// Delete a rule, by its priority or by what it says
    #[command(visible_alias = "delete")]
    Del {
        /// A priority, or words of the rule that no other rule has
        #[arg(required = true, value_name = "RULE")]
        words: Vec<String>,
    },
    /// Delete all rules
    Flush,
}

/// The words of a rule.
#[derive(Clone, Debug, Args)]
pub struct RuleWords {
    /// [priority N] [from PREFIX] [sport PORTS] [to PREFIX] [port PORTS] [uid USER] [cgroup PATH]
    /// [mark MARK[/MASK]] [scheduler NAME] [pm.KNOB VALUE]...
    #[arg(required = true, value_name = "RULE")]
    pub words: Vec<String>,
}

/// What to do with paths.
#[derive(Clone, Debug, Subcommand)]
pub enum PathVerb {
    /// Show the paths in the words that add takes
    Show {
        /// With the bytes that were charged to each
        #[arg(short, long)]
        stats: bool,
    },
    /// Add a path
    Add(PathWords),
    /// Put a path in the place of the one with the same priority; it goes on with its use
    Replace(PathWords),
    /// Delete a path, by its priority or by what it says
    #[command(visible_alias = "delete")]
    Del {
        /// A priority, or words of the path that no other path has
        #[arg(required = true, value_name = "PATH")]
        words: Vec<String>,
    },
    /// Delete all paths
    Flush,
    /// Set what was charged to a path to 0, or that of all paths
    Reset {
        /// The priority of the path
        #[arg(value_parser = words::priority)]
        priority: Option<u32>,
    },
}

/// The words of a path.
#[derive(Clone, Debug, Args)]
pub struct PathWords {
    /// [priority N] [dev NAME] [from PREFIX] [to PREFIX] [weight N] [cost N] [cap SIZE]
    /// [pm.KNOB VALUE]...
    #[arg(required = true, value_name = "PATH")]
    pub words: Vec<String>,
}

/// What to do with migration.
#[derive(Clone, Debug, Subcommand)]
pub enum Migrate {
    /// Show the knobs of migration, and the migrations in the words that add takes
    Show {
        /// With what was counted
        #[arg(short, long)]
        stats: bool,
    },
    /// Set a knob of migration: policy is migrate.policy
    Set {
        /// Name of the knob, without migrate.
        name: String,
        /// Its new value
        value: String,
    },
    /// Add a migration: policies for some listeners
    Add(MigrationWords),
    /// Put a migration in the place of the one with the same priority
    Replace(MigrationWords),
    /// Delete a migration, by its priority or by what it says
    #[command(visible_alias = "delete")]
    Del {
        /// A priority, or words of the migration that no other migration has
        #[arg(required = true, value_name = "MIGRATION")]
        words: Vec<String>,
    },
    /// Delete all migrations
    Flush,
    /// Show what becomes of connections whose listener is closed, as it happens
    Watch {
        /// Begin each line with the time, in seconds since 1970
        #[arg(short, long)]
        timestamps: bool,
    },
}

/// The words of a migration.
#[derive(Clone, Debug, Args)]
pub struct MigrationWords {
    /// [priority N] [cookie COOKIE] [addr PREFIX] [port PORTS] policy LIST
    #[arg(required = true, value_name = "MIGRATION")]
    pub words: Vec<String>,
}

/// What to do with schedulers.
#[derive(Clone, Debug, Subcommand)]
pub enum Sched {
    /// Show the schedulers and their knobs
    Show,
    /// Set a knob of the schedulers: default is sched.default
    Set {
        /// Name of the knob, without sched.
        name: String,
        /// Its new value
        value: String,
    },
}

/// What to do with the path manager.
#[derive(Clone, Debug, Subcommand)]
pub enum Paths {
    /// Show its knobs and its counters
    Show,
    /// Set its knobs: mesh is pm.mesh
    Set {
        /// Names of knobs, without pm., and their new values
        #[arg(required = true, num_args = 1.., value_name = "NAME=VALUE", value_parser = setting)]
        settings: Vec<(String, String)>,
    },
}

/// A name and a value.
fn setting(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.into(), value.into())),
        _ => Err("it is to be NAME=VALUE, as in mesh=fullmesh".into()),
    }
}

/// What to do with knobs.
#[derive(Clone, Debug, Subcommand)]
pub enum Knob {
    /// Show knobs
    Show {
        /// Only this knob, or those below this name
        name: Option<String>,
    },
    /// Set a knob
    Set {
        /// Name of the knob
        name: String,
        /// Its new value
        value: String,
    },
}

/// What to do with counters.
#[derive(Clone, Debug, Args)]
pub struct Counters {
    /// Show by how much they grow per second, again and again
    #[arg(short, long, value_name = "SECONDS", value_parser = seconds, num_args = 0..=1,
          default_missing_value = "1")]
    pub watch: Option<Duration>,
    /// Set all of them to 0
    #[arg(short, long, conflicts_with_all = ["watch", "all"])]
    pub reset: bool,
    /// Show also those that are 0, or do not grow
    #[arg(short, long)]
    pub all: bool,
}

fn shells() -> impl clap::builder::TypedValueParser<Value = Shell> {
    use clap::builder::TypedValueParser;
    clap::builder::PossibleValuesParser::new(["bash", "zsh", "fish"])
        .try_map(|s| s.parse::<Shell>())
}

fn token(text: &str) -> Result<u32, String> {
    units::parse_token(text).ok_or_else(|| "a token is hexadecimal, as in 1a2b3c4d".into())
}

/// A time of at least a hundredth of a second.
fn seconds(text: &str) -> Result<Duration, String> {
    text.parse()
        .ok()
        .filter(|seconds| *seconds >= 0.01)
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
        .ok_or_else(|| "a time in seconds, at least 0.01".into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    fn parse(line: &str) -> Cli {
        let words = line.split_whitespace();
        Cli::try_parse_from(words).unwrap_or_else(|e| panic!("{line}: {e}"))
    }

    #[test]
    fn clap_finds_no_mistake() {
        Cli::command().debug_assert();
    }

    #[test]
    fn words_can_be_abbreviated() {
        assert!(matches!(parse("heddle stat").verb, Verb::Status));
        assert!(matches!(
            parse("heddle connection sh").verb,
            Verb::Conn {
                verb: Some(Conn::Show { which: None })
            }
        ));
        assert!(matches!(
            parse("heddle r a scheduler minrtt").verb,
            Verb::Rule {
                verb: Some(RuleVerb::Add(_))
            }
        ));
        assert!(matches!(
            parse("heddle rule").verb,
            Verb::Rule { verb: None }
        ));
        assert!(Cli::try_parse_from(["heddle", "m"]).is_err());
    }

    #[test]
    fn flags_go_anywhere() {
        let cli = parse("heddle conn show 1a2b -j --netns blue");
        assert!(cli.json);
        assert_eq!(cli.netns.as_deref(), Some("blue"));
    }

    #[test]
    fn watch_needs_no_number() {
        let watch = |line| match parse(line).verb {
            Verb::Counters(counters) => counters.watch,
            _ => panic!("{line}"),
        };
        assert_eq!(watch("heddle counters"), None);
        assert_eq!(watch("heddle counters -w"), Some(Duration::from_secs(1)));
        assert_eq!(
            watch("heddle counters --watch 0.5"),
            Some(Duration::from_millis(500))
        );
        assert!(Cli::try_parse_from(["heddle", "counters", "-w", "0"]).is_err());
        assert!(Cli::try_parse_from(["heddle", "counters", "-w", "1e999"]).is_err());
    }

    #[test]
    fn a_whole_rule() {
        let line = "heddle rule add priority 10 to 10.0.0.0/8 port 443 mark 0x1/0xff scheduler x";
        match parse(line).verb {
            Verb::Rule {
                verb: Some(RuleVerb::Add(rule)),
            } => assert_eq!(rule.words.len(), 10),
            other => panic!("{other:?}"),
        }
    }
}
