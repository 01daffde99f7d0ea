// SPDX-License-Identifier: GPL-2.0

//! The command as scripts see it: exit status, standard output and standard
//! error.

#![allow(clippy::expect_used, reason = "a test may panic")]

use std::{
    path::Path,
    process::{
        Command,
        Output,
        Stdio, //
    },
};

fn heddle(words: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_heddle"));
    command.args(words.split_whitespace()).stdin(Stdio::null());
    command
}

fn run(words: &str) -> (Option<i32>, String, String) {
    let Output {
        status,
        stdout,
        stderr,
    } = heddle(words).output().expect("it starts");
    let text = |bytes| String::from_utf8(bytes).expect("it writes text");
    (status.code(), text(stdout), text(stderr))
}

#[test]
fn a_wrong_command_line_is_status_2() {
    for words in [
        "",
        "frobnicate",
        "rule add port 443",
        "rule add dport 443 scheduler minrtt",
        "path add dev wlan0 weight 1001",
        "path add",
        "path reset wlan0",
        "conn set xyz scheduler minrtt",
        "conn show nonsense",
        "counters --watch 0",
        "completions powershell",
    ] {
        let (status, stdout, stderr) = run(words);
        assert_eq!(status, Some(2), "{words}: {stderr}");
        assert_eq!(stdout, "", "{words}");
        assert_ne!(stderr, "", "{words}");
    }
}

#[test]
fn status_says_whether_the_module_is_loaded() {
    let loaded = Path::new("/proc/net/heddle").exists();
    let (status, stdout, stderr) = run("--json status");
    assert_eq!(status, Some(if loaded { 0 } else { 3 }), "{stderr}");
    assert!(stdout.starts_with(&format!("{{\"loaded\":{loaded},\"kernel\":\"")));
    assert_eq!(stderr.contains("insmod heddle.ko"), !loaded);
}

#[test]
fn every_verb_needs_the_module() {
    if Path::new("/proc/net/heddle").exists() {
        return;
    }
    for words in [
        "conn",
        "rule",
        "rule add scheduler minrtt",
        "rule del 10",
        "path",
        "path add dev wlan0",
        "path reset",
        "paths",
        "paths set mesh=fullmesh",
        "sched set default minrtt",
        "knob",
        "counters --reset",
        "monitor",
        "top",
        "export",
        "metrics",
    ] {
        let (status, stdout, stderr) = run(words);
        assert_eq!(status, Some(3), "{words}: {stderr}");
        assert_eq!(stdout, "", "{words}");
    }
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let mut child = heddle("completions bash")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

#[test]
fn files_and_namespaces_that_are_missing_are_named() {
    let (status, _, stderr) = run("--netns no-such-namespace status");
    assert_eq!(status, Some(1));
    assert_eq!(
        stderr,
        "heddle: /run/netns/no-such-namespace: No such file or directory\n"
    );
    let (status, _, stderr) = run("apply /no/such/file");
    assert_eq!(status, Some(1));
    assert!(stderr.contains("/no/such/file"), "{stderr}");
}
