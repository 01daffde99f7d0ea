// SPDX-License-Identifier: GPL-2.0

//! The manual page: what clap knows of the command line, and prose.

use clap::{
    Command,
    CommandFactory, //
};
use clap_mangen::{
    roff::{
        bold,
        italic,
        roman,
        Inline,
        Roff, //
    },
    Man,
};

use heddle_core::decide::migrate::Policy;

use crate::{
    cli::Cli,
    error::Result, //
};

/// The page, in roff.
pub fn page() -> Result<String> {
    let mut command = Cli::command();
    command.build();
    let man = Man::new(command.clone());
    let mut options = Vec::new();
    man.render_options_section(&mut options)?;

    let mut page = Roff::new();
    page.control("SH", ["NAME"]);
    page.text([roman(
        "heddle - shows and changes what the Heddle kernel module decides",
    )]);
    page.control("SH", ["SYNOPSIS"]);
    page.text([
        bold("heddle"),
        roman(" ["),
        italic("OPTIONS"),
        roman("] "),
        italic("VERB"),
        roman(" [...]"),
    ]);
    page.control("SH", ["DESCRIPTION"]);
    let description = command.get_long_about().or(command.get_about());
    let description = description.map(ToString::to_string).unwrap_or_default();
    for paragraph in description.split("\n\n") {
        page.control("PP", []);
        page.text([roman(paragraph)]);
    }
    let mut rest = Roff::new();
    rest.control("SH", ["VERBS"]);
    verbs(&mut rest, &command, "heddle");
    prose(&mut rest);

    // An empty date, which the builder would leave out.
    let mut text = String::from(
        ".\\\" SPDX-License-Identifier: GPL-2.0\n\
         .ie \\n(.g .ds Aq \\(aq\n.el .ds Aq '\n\
         .TH HEDDLE 8 \"\" Heddle \"System administration\"\n",
    );
    for part in [
        page.to_roff(),
        String::from_utf8_lossy(&options).into_owned(),
        rest.to_roff(),
    ] {
        let lines = part
            .lines()
            // Each part begins with a definition that one is enough of.
            .filter(|line| !line.contains(" .ds Aq "));
        for line in lines {
            text.push_str(line);
            text.push('\n');
        }
    }
    Ok(text)
}

/// Each verb with its arguments, and those below it.
fn verbs(to: &mut Roff, command: &Command, name: &str) {
    for verb in command.get_subcommands() {
        if verb.is_hide_set() || verb.get_name() == "help" {
            continue;
        }
        let name = format!("{name} {}", verb.get_name());
        if verb.has_subcommands() {
            to.control("SS", [name.as_str()]);
            to.text([roman(format!("{}.", about(verb)))]);
            verbs(to, verb, &name);
            continue;
        }
        to.control("TP", []);
        to.text(usage(verb, &name));
        to.text([roman(format!("{}.", about(verb)))]);
        for arg in verb.get_arguments() {
            if arg.is_global_set() || ["help", "version"].contains(&arg.get_id().as_str()) {
                continue;
            }
            let text = arg.get_help().map(ToString::to_string).unwrap_or_default();
            let label = match (arg.get_short(), arg.get_long()) {
                (Some(short), Some(long)) => format!("-{short}, --{long}"),
                (None, Some(long)) => format!("--{long}"),
                _ => value_name(arg),
            };
            to.control("RS", []);
            to.text([bold(label), roman(format!(": {text}."))]);
            to.control("RE", []);
        }
    }
}

fn about(command: &Command) -> String {
    command
        .get_about()
        .map(ToString::to_string)
        .unwrap_or_default()
}

fn value_name(arg: &clap::Arg) -> String {
    arg.get_value_names()
        .and_then(|names| names.first())
        .map_or_else(|| arg.get_id().to_string(), ToString::to_string)
}

/// The words of a verb, and of what follows it.
fn usage(verb: &Command, name: &str) -> Vec<Inline> {
    let mut words = vec![bold(name)];
    for arg in verb.get_arguments() {
        if arg.is_global_set() || ["help", "version"].contains(&arg.get_id().as_str()) {
            continue;
        }
        let (open, close) = if arg.is_required_set() {
            (" ", "")
        } else {
            (" [", "]")
        };
        words.push(roman(open));
        if let Some(long) = arg.get_long() {
            words.push(bold(format!("--{long}")));
            if arg.get_action().takes_values() {
                words.push(italic(format!(" {}", value_name(arg))));
            }
        } else {
            words.push(italic(value_name(arg)));
        }
        words.push(roman(close));
    }
    words
}

/// A paragraph with a label.
fn item(to: &mut Roff, label: &str, text: &str) {
    to.control("TP", []);
    to.text([bold(label)]);
    to.text([roman(text)]);
}

/// A command line, or several, as they are typed.
fn example(to: &mut Roff, text: &str, lines: &[&str]) {
    to.control("PP", []);
    to.text([roman(text)]);
    to.control("RS", []);
    to.control("nf", []);
    for line in lines {
        to.text([roman(*line)]);
    }
    to.control("fi", []);
    to.control("RE", []);
}

fn prose(to: &mut Roff) {
    to.control("SH", ["RULES"]);
    to.text([roman(
        "A connection whose scheduler is \"heddle\" gets the scheduler of the first rule, by \
         ascending priority, whose every condition holds when it has data to send for the first \
         time; if none does, that of the knob sched.default. A rule can also say what the path \
         manager \"heddle\" is to do for a connection, at any time: settings are those of the \
         first rule that has some and whose every condition holds, and for the rest those of the \
         knobs. A rule is written as words:",
    )]);
    for (word, text) in RULE_WORDS {
        item(to, word, text);
    }
    item(
        to,
        "pm.KNOB VALUE",
        "A setting of the path manager in the place of the knob of this name; each of them but \
         pm.cap_period_s. A rule has a scheduler, or settings, or both.",
    );
    to.control("SH", ["PATHS"]);
    to.text([roman(
        "A path says what is to be made of the subflows that go one way: it has conditions, which \
         are looked at as those of rules are, and a weight, a cost and a cap. Which of these a \
         scheduler heeds is said of each scheduler; a subflow that no path is for has weight 1, \
         cost 0 and no cap. A path is written as words:",
    )]);
    for (word, text) in PATH_WORDS {
        item(to, word, text);
    }
    item(
        to,
        "pm.KNOB VALUE",
        "A setting of the path manager for these subflows, in the place of that of the rule or of \
         the knob: pm.after_kib, pm.after_ms, pm.retry_ms, pm.retry_max_ms, pm.demote_rtt_ms, \
         pm.demote_loss, pm.demote_for_ms and pm.capped.",
    );
    to.control("PP", []);
    to.text([roman(
        "What was charged to a path stays while it is replaced, while others change, and when a \
         configuration is applied that has a path of that priority. A configuration file says of \
         a path with a cap what was used of it (used), and when it may be used anew \
         (cap_period_end, in seconds since 1970, before all tables), so that a module that is \
         loaded later goes on from there.",
    )]);
    to.control("SH", ["MIGRATION"]);
    to.text([roman(
        "When a listener of a group (SO_REUSEPORT) is closed, the policies of the knob \
         migrate.policy decide which of the others inherits what is in its accept queue, and the \
         handshakes that it has begun. A migration says other policies for the listeners that its \
         conditions hold for; the first one by ascending priority counts. A migration is written \
         as words:",
    )]);
    for (word, text) in MIGRATION_WORDS {
        item(to, word, text);
    }
    to.control("PP", []);
    to.text([roman(
        "Each policy of a list ranks the listeners that are left, the best of them stay, and the \
         next policy decides among these; if none fits, the next policy steps in. What is still \
         undecided at the end is decided by the hash of the connection. The policies are:",
    )]);
    for policy in Policy::ALL {
        let text = |text: &'static std::ffi::CStr| text.to_str().unwrap_or_default();
        item(to, text(policy.name()), text(policy.description()));
    }
    to.control("SH", ["CONFIGURATION FILE"]);
    to.text([roman(
        "A file in TOML describes the whole configuration of a namespace: a knob that it does \
         not name gets its default, and a rule, a path or a migration that is not in it is \
         deleted. Keys that are not known are errors. The keys of rules, paths and migrations are \
         the words above.",
    )]);
    example(to, "For example:", CONFIG);
    to.control("SH", ["OUTPUT"]);
    to.text([roman(
        "Times are in ms, rates in Mbit/s, amounts of data in decimal units. SHARE is the part \
         of the connection's bytes that a subflow carried, in the direction that carried more, \
         without what TCP sent again. In JSON, names and units are those of the netlink \
         specification (Documentation/netlink/specs/heddle.yaml, with underscores): times are in \
         µs, amounts of data in bytes, rates in bytes per second; rules, paths and migrations have \
         the words above.",
    )]);
    to.control("SH", ["EXIT STATUS"]);
    for (status, text) in STATUS {
        item(to, status, text);
    }
    to.control("SH", ["FILES"]);
    for (file, text) in FILES {
        item(to, file, text);
    }
    to.control("SH", ["ENVIRONMENT"]);
    item(
        to,
        "NO_COLOR",
        "If it is set and not empty, no colours are used.",
    );
    to.control("SH", ["EXAMPLES"]);
    for (text, lines) in EXAMPLES {
        example(to, text, lines);
    }
    to.control("SH", ["SEE ALSO"]);
    to.text([
        bold("ip-mptcp"),
        roman("(8), "),
        bold("ss"),
        roman("(8), "),
        bold("ip-netns"),
        roman("(8), "),
        bold("sysctl"),
        roman("(8)"),
    ]);
}

const RULE_WORDS: &[(&str, &str)] = &[
    (
        "priority N",
        "Its place and its name, from 0 to 2147483647. Without it, the rule goes behind the \
         others: at ten above the highest.",
    ),
    (
        "from PREFIX",
        "The network this end is in, as in 10.0.0.0/8 or fd00::1.",
    ),
    (
        "sport PORTS",
        "The port of this end, or a range, as in 8000-8999.",
    ),
    ("to PREFIX", "The network the other end is in."),
    ("port PORTS", "The port of the other end, or a range."),
    (
        "uid USER",
        "The user that owns the socket, by number or name.",
    ),
    (
        "cgroup PATH",
        "The cgroup (v2) that the socket was made in, or below: the path of its folder, or its \
         number, which is the inode number of that folder.",
    ),
    (
        "mark MARK[/MASK]",
        "The mark of the socket (SO_MARK), in the bits of the mask.",
    ),
    (
        "scheduler NAME",
        "The scheduler that the connection is given.",
    ),
];

const PATH_WORDS: &[(&str, &str)] = &[
    (
        "priority N",
        "Its place and its name, from 0 to 2147483647. Without it, the path goes behind the \
         others: at ten above the highest.",
    ),
    (
        "dev NAME",
        "The interface that the packets of the subflow leave by, which is that of its route.",
    ),
    ("from PREFIX", "The network this end is in."),
    ("to PREFIX", "The network the other end is in."),
    (
        "weight N",
        "Its share of the bytes, from 0 to 1000; 0 is for what no other path takes. Without it 1.",
    ),
    (
        "cost N",
        "Its place in the order of costs, from 0 to 255: the lowest comes first. Without it 0.",
    ),
    (
        "cap SIZE",
        "The amount of data after which it is off, as in 5G or 500M (decimal), 20Gi (binary), or \
         in bytes; 0 is none.",
    ),
];

const MIGRATION_WORDS: &[(&str, &str)] = &[
    (
        "priority N",
        "Its place and its name, from 0 to 2147483647. Without it, the migration goes behind the \
         others: at ten above the highest.",
    ),
    (
        "cookie COOKIE",
        "The cookie of the listener (SO_COOKIE), as ss --extended shows it: sk:1f; or as a \
         decimal number.",
    ),
    (
        "addr PREFIX",
        "The network that the address of the listener is in. One that takes any address has \
         0.0.0.0 or ::, so that 0.0.0.0/0 is all of IPv4.",
    ),
    ("port PORTS", "The port of the listener, or a range."),
    (
        "policy LIST",
        "Who decides: at most four policies with a comma between each two.",
    ),
];

const CONFIG: &[&str] = &[
    "[knobs]",
    "sched.default = \"minrtt\"",
    "",
    "[[rule]]",
    "priority = 10",
    "to = \"10.0.0.0/8\"",
    "port = 443",
    "scheduler = \"minrtt\"",
    "pm.after_kib = 100",
    "",
    "[[path]]",
    "dev = \"wwan0\"",
    "cost = 10",
    "cap = \"5G\"",
    "",
    "[[migration]]",
    "port = 443",
    "policy = \"label,shortest\"",
];

const STATUS: &[(&str, &str)] = &[
    ("0", "It is done; diff: there is no difference."),
    (
        "1",
        "It was refused or failed; diff: there is a difference.",
    ),
    ("2", "The command line is wrong."),
    ("3", "The module is not loaded."),
    ("4", "The module has another ABI than this command."),
];

const FILES: &[(&str, &str)] = &[
    (
        "/etc/heddle.toml",
        "What heddle.service applies when the system starts.",
    ),
    ("/proc/sys/net/heddle/", "The knobs, as sysctl has them."),
    ("/proc/net/heddle", "The counters."),
    ("/run/netns/", "The names that --netns takes."),
];

const EXAMPLES: &[(&str, &[&str])] = &[
    (
        "Let Heddle choose for the connections of this namespace, by rules:",
        &[
            "sysctl -w net.mptcp.scheduler=heddle",
            "heddle rule add to 10.0.0.0/8 port 443 scheduler minrtt",
            "heddle rule add cgroup /sys/fs/cgroup/backup.slice scheduler default",
            "heddle sched set default minrtt",
        ],
    ),
    (
        "Tell schedulers what a metered interface costs, and see what was used of it:",
        &[
            "heddle path add dev wwan0 cost 10 cap 5G",
            "heddle path show --stats",
            "heddle path reset",
        ],
    ),
    (
        "Give connections more paths once they turn out long, and bring lost ones back:",
        &[
            "sysctl -w net.mptcp.path_manager=heddle",
            "ip mptcp endpoint add 192.0.2.1 dev wwan0 subflow",
            "heddle paths set after_kib=100 retry_ms=1000",
            "heddle paths",
        ],
    ),
    (
        "Lose no connection while the workers of a server are replaced, and see who inherited:",
        &[
            "heddle migrate set policy newest",
            "heddle migrate add port 8080 policy same_cgroup,refuse",
            "heddle migrate show --stats",
            "heddle migrate watch",
        ],
    ),
    (
        "See what a connection does, and give it another scheduler:",
        &[
            "heddle conn show 10.0.1.2",
            "heddle conn set 1a2b3c4d scheduler minrtt",
        ],
    ),
    (
        "Keep a configuration, look at what would change, and go back to it:",
        &[
            "heddle export > /etc/heddle.toml",
            "heddle diff /etc/heddle.toml",
            "heddle apply /etc/heddle.toml",
        ],
    ),
    (
        "The tokens of the connections that wait for the network, with jq:",
        &["heddle -j conn | jq '.[] | select(.unsent > 0) | .token'"],
    ),
    (
        "Metrics for the textfile collector of node_exporter:",
        &["heddle metrics --output /var/lib/prometheus/node-exporter/heddle.prom"],
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        error::Error,
        item::Item,
        migration::Migration,
        path::Path,
        rule::Rule, //
    };

    #[test]
    fn every_word_is_explained_in_order() {
        let explained = |words: &[(&'static str, &str)]| -> Vec<&str> {
            let words = words.iter().filter_map(|(word, _)| word.split(' ').next());
            words.collect()
        };
        assert_eq!(explained(RULE_WORDS), Rule::KEYWORDS);
        assert_eq!(explained(PATH_WORDS), Path::KEYWORDS);
        assert_eq!(explained(MIGRATION_WORDS), Migration::KEYWORDS);
    }

    #[test]
    fn every_status_is_explained() {
        for error in [Error::Usage(String::new()), Error::NotLoaded, Error::Abi(0)] {
            let status = error.status().to_string();
            assert!(STATUS.iter().any(|(s, _)| *s == status));
        }
    }

    #[test]
    fn the_page_has_every_verb() {
        let page = page().unwrap();
        for verb in Cli::command().get_subcommands() {
            let there = page.contains(&format!("heddle {}", verb.get_name()));
            assert_eq!(there, !verb.is_hide_set(), "{}", verb.get_name());
        }
    }

    #[test]
    fn the_example_is_a_configuration() {
        let source = crate::config::file::Source {
            name: "example".into(),
            text: CONFIG.join("\n"),
        };
        let knobs = crate::testing::Fake::sample().knobs;
        let config = crate::config::file::read(&source, &knobs).unwrap();
        assert_eq!((config.rules.len(), config.paths.len()), (1, 1));
        assert_eq!(config.migrations.len(), 1);
    }
}
