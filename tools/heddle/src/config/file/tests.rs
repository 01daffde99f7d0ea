// SPDX-License-Identifier: GPL-2.0

use super::*;
use crate::{
    migration::testing::any_migration,
    path::testing::any_path,
    rule::testing::any_rule,
    testing::Fake, //
};
use proptest::prelude::*;

fn knobs() -> Vec<Knob> {
    Fake::sample().knobs
}

fn error(text: &str) -> String {
    let source = Source {
        name: "f".into(),
        text: text.into(),
    };
    read(&source, &knobs()).unwrap_err().to_string()
}

fn parsed(text: &str) -> Config {
    parse(text, &knobs()).unwrap_or_else(|w| panic!("{}", w.what))
}

#[test]
fn an_empty_file_is_the_defaults() {
    let config = parsed("");
    assert_eq!(config.knobs["net.limit"], "3000");
    assert!(config.rules.is_empty() && config.paths.is_empty() && config.migrations.is_empty());
}

#[test]
fn rules_without_a_priority_go_behind() {
    let config = parsed(
        "rule = [{scheduler = 'a'}, {priority = 7, scheduler = 'b'}, {scheduler = 'c', port = 80}]",
    );
    let shown: Vec<_> = config.rules.iter().map(ToString::to_string).collect();
    assert_eq!(
        shown,
        [
            "priority 7 scheduler b",
            "priority 10 scheduler a",
            "priority 20 port 80 scheduler c"
        ]
    );
}

#[test]
fn paths_have_their_defaults() {
    let config = parsed("path = [{dev = 'wlan0'}, {cap = 1000}, {cap = '1.5G', cost = 9}]");
    let shown: Vec<_> = config.paths.iter().map(ToString::to_string).collect();
    assert_eq!(
        shown,
        [
            "priority 10 dev wlan0 weight 1 cost 0",
            "priority 20 weight 1 cost 0 cap 1k",
            "priority 30 weight 1 cost 9 cap 1500M"
        ]
    );
}

#[test]
fn errors_say_where_and_what_is_allowed() {
    for (text, expected) in [
        (
            "[knobs]\nsched.brust = 1\n",
            "f:2:7: sched.brust: there is no knob of that name; there are sched.burst, sched.default, net.limit, migrate.policy, migrate.settings_guard",
        ),
        (
            "[knobs]\nsched.burst = 1\n",
            "f:2:15: sched.burst takes 1448 to 1048576 bytes",
        ),
        (
            "[knobs]\nsched.burst = '9000'\n",
            "f:2:15: sched.burst takes 1448 to 1048576 bytes",
        ),
        (
            "[knobs]\nsched.default = 3\n",
            "f:2:17: sched.default takes a scheduler",
        ),
        (
            "[knobs]\nmigrate.settings_guard = 1\n",
            "f:2:26: migrate.settings_guard takes off, warn, enforce",
        ),
        (
            "knob = 1",
            "f:1:1: unknown key \"knob\": allowed are knobs, rule, path and migration",
        ),
        ("knobs = 1", "f:1:9: knobs is a table: write [knobs]"),
        (
            "[[rule]]\nscheduler = 'x'\ndport = 443\n",
            "f:3:1: unknown key \"dport\": a rule is made of priority, from, sport, to, port, \
             uid, cgroup, mark, scheduler, pm.mesh, pm.ndiffports, pm.after_kib, pm.after_ms, \
             pm.retry_ms, pm.retry_max_ms, pm.remember, pm.disjoint, pm.demote_rtt_ms, \
             pm.demote_loss, pm.demote_for_ms, pm.capped",
        ),
        (
            "[[rule]]\nto = '10.0.0.0/40'\nscheduler = 'x'\n",
            "f:2:6: to: \"10.0.0.0/40\": a prefix of 10.0.0.0 has at most 32 bits",
        ),
        (
            "[[rule]]\npm.after_kib = 1\npm.mesh = 'full'\n",
            "f:3:11: pm.mesh: the value is none of the words that there are: it takes endpoints, \
             fullmesh, ndiffports, interface",
        ),
        (
            "[[rule]]\npm.cap_period_s = 1\n",
            "f:2:4: unknown key \"pm.cap_period_s\": a rule is made of priority, from, sport, to, \
             port, uid, cgroup, mark, scheduler, pm.mesh, pm.ndiffports, pm.after_kib, \
             pm.after_ms, pm.retry_ms, pm.retry_max_ms, pm.remember, pm.disjoint, \
             pm.demote_rtt_ms, pm.demote_loss, pm.demote_for_ms, pm.capped",
        ),
        (
            "\n[[rule]]\nport = 1\n",
            "f:2:1: this rule needs a key scheduler",
        ),
        (
            "[[rule]]\npriority = 5\nscheduler = 'x'\n[[rule]]\npriority = 5\nscheduler = 'y'\n",
            "f:5:12: there is a rule with priority 5 already",
        ),
        (
            "[[path]]\nport = 443\n",
            "f:2:1: unknown key \"port\": a path is made of priority, dev, from, to, weight, cost, cap, \
             pm.after_kib, pm.after_ms, pm.retry_ms, pm.retry_max_ms, pm.demote_rtt_ms, \
             pm.demote_loss, pm.demote_for_ms, pm.capped",
        ),
        (
            "[[path]]\ndev = 'a'\nweight = 1001\n",
            "f:3:10: weight: \"1001\" is no weight: they go from 0 to 1000",
        ),
        (
            "[[path]]\npriority = 5\n[[path]]\npriority = 5\n",
            "f:4:12: there is a path with priority 5 already",
        ),
        (
            "[[migration]]\nport = 443\n",
            "f:1:1: this migration needs a key policy",
        ),
        (
            "[[migration]]\ncookie = 'x'\npolicy = 'hash'\n",
            "f:2:10: cookie: \"x\" is no cookie: write it as ss --extended does, sk:1f, or as a \
             number",
        ),
        ("path = 1", "f:1:8: paths are a list: write [[path]] above each"),
        (
            "[[rule]]\nport = [1]\nscheduler = 'x'\n",
            "f:2:8: port is a text or a number",
        ),
    ] {
        assert_eq!(error(text), expected, "{text}");
    }
    assert!(
        error("[knobs\n").starts_with("f:1:7: "),
        "{}",
        error("[knobs\n")
    );
    assert!(error("[knobs]\nsched.burst = 1e3\n").contains("takes"));
}

#[test]
fn numbers_can_be_written_as_toml_has_them() {
    let config = parsed("[knobs]\nsched.burst = 0x2000\nnet.limit = 10_000\n");
    assert_eq!(config.knobs["sched.burst"], "8192");
    assert_eq!(config.knobs["net.limit"], "10000");
    let config = parsed("[[rule]]\nmark = 0x10\nscheduler = 'x'\n");
    assert_eq!(
        config.rules[0].to_string(),
        "priority 10 mark 0x10 scheduler x"
    );
}

#[test]
fn the_example_is_right() {
    let text = include_str!("../../../heddle.toml");
    let config = parsed(text);
    assert!(!config.rules.is_empty());
    // What is written as a comment there is right as well.
    let whole: Vec<_> = text
        .lines()
        .map(|line| match line.strip_prefix('#') {
            Some(setting) if !setting.starts_with(' ') => setting,
            _ => line,
        })
        .collect();
    let whole = parsed(&whole.join("\n"));
    assert!(whole.rules.len() > config.rules.len());
    assert!(whole.paths.len() > config.paths.len());
    assert!(whole.migrations.len() > config.migrations.len());
}

#[test]
fn what_was_used_is_of_paths_with_a_cap() {
    let config = parsed("[[path]]\ncap = '5G'\nused = '1300M'\n[[path]]\nused = 5\n");
    let used: Vec<_> = config.paths.iter().map(|path| path.used).collect();
    assert_eq!(used, [Some(1_300_000_000), None]);
}

#[test]
fn names_that_toml_needs_quoted() {
    assert_eq!(key("sched.burst"), "sched.burst");
    assert_eq!(key("a b.c"), "\"a b\".c");
    assert_eq!(value("12"), "12");
    assert_eq!(value("012"), "\"012\"");
    assert_eq!(value("18446744073709551615"), "\"18446744073709551615\"");
}

proptest! {
    #[test]
    fn what_is_written_is_read(
        rules in proptest::collection::btree_map(0..=PRIORITY_MAX, any_rule(), 0..6),
        paths in proptest::collection::btree_map(0..=PRIORITY_MAX, any_path(), 0..6),
        migrations in proptest::collection::btree_map(0..=PRIORITY_MAX, any_migration(), 0..6),
        burst in 1448u64..=1_048_576,
        scheduler in "[ -~]{1,15}",
        end in proptest::option::of(0u64..1 << 62),
    ) {
        let config = Config {
            cap_period_end: end,
            knobs: [
                ("sched.burst".into(), burst.to_string()),
                ("sched.default".into(), scheduler),
                ("net.limit".into(), "1448".into()),
                ("migrate.policy".into(), "newest,hash".into()),
                ("migrate.settings_guard".into(), "warn".into()),
            ]
            .into(),
            rules: rules
                .into_iter()
                .map(|(priority, rule)| rule.at(priority))
                .collect(),
            paths: paths
                .into_iter()
                .map(|(priority, path)| path.at(priority))
                .collect(),
            migrations: migrations
                .into_iter()
                .map(|(priority, migration)| migration.at(priority))
                .collect(),
        };
        let text = write(&config, &knobs());
        prop_assert_eq!(parsed(&text), config, "{}", text);
    }
}
