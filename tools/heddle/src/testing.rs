// SPDX-License-Identifier: GPL-2.0

//! What the tests share: a module that is not there.

use std::collections::BTreeMap;

use rustix::io::Errno;

use crate::{
    error::{
        Refusal,
        Result, //
    },
    item::{
        testing::given,
        words,
        Item, //
    },
    kernel::Kernel,
    migration::Migration,
    model::*,
    output::{
        Output,
        Paint, //
    },
    path::Path,
    rule::Rule,
};

/// Runs a verb and returns what it wrote.
pub(crate) fn run(json: bool, verb: impl FnOnce(&mut Output<'_>) -> Result<()>) -> Result<String> {
    let mut written = Vec::new();
    verb(&mut Output {
        to: &mut written,
        json,
        paint: Paint { on: false },
    })?;
    Ok(String::from_utf8(written).unwrap())
}

/// Compares with a file of `tests/expected`, or writes it if `HEDDLE_BLESS`
/// is set.
pub(crate) fn expect(name: &str, text: &str) {
    let path = format!("{}/tests/expected/{name}", env!("CARGO_MANIFEST_DIR"));
    same_as_file(&path, text);
}

/// Compares with a file, or writes it if `HEDDLE_BLESS` is set.
pub(crate) fn same_as_file(path: &str, text: &str) {
    if std::env::var_os("HEDDLE_BLESS").is_some() {
        std::fs::write(path, text).unwrap();
    }
    let expected = std::fs::read_to_string(path).unwrap_or_default();
    assert_eq!(expected, text, "{path}: if right, set HEDDLE_BLESS=1 once");
}

/// A module that is not there.
#[derive(Default)]
pub(crate) struct Fake {
    pub(crate) info: Info,
    pub(crate) connections: Vec<Connection>,
    pub(crate) schedulers: Vec<Scheduler>,
    pub(crate) knobs: Vec<Knob>,
    pub(crate) rules: Vec<Rule>,
    pub(crate) paths: Vec<Path>,
    pub(crate) migrations: Vec<Migration>,
    pub(crate) counters: Vec<Counter>,
    /// Somebody else changes the configuration as often as this, each time
    /// just before we do.
    pub(crate) races: u32,
    /// Every change is refused with this error.
    pub(crate) refuse: Option<Errno>,
}

fn knob(name: &str, value: &str, default: &str, kind: KnobType) -> Knob {
    let number = kind == KnobType::Number;
    Knob {
        name: name.into(),
        value: value.into(),
        default: default.into(),
        kind,
        min_value: number.then_some(1448),
        max_value: number.then_some(1_048_576),
        unit: number.then(|| "bytes".into()),
        help: format!("What {name} does."),
        words: Vec::new(),
    }
}

fn subflow(id: u32, sent: u64, srtt: Option<u32>) -> Subflow {
    Subflow {
        id,
        local_addr: format!("10.0.{id}.1").parse().unwrap(),
        local_port: 443,
        remote_addr: format!("10.0.{id}.2").parse().unwrap(),
        remote_port: 51000,
        state: ESTABLISHED,
        srtt,
        rttvar: 1200,
        min_rtt: srtt.unwrap_or(0) / 2,
        cwnd: 33,
        in_flight: 12,
        mss: 1448,
        pacing_rate: Some(2_500_000),
        bytes_sent: sent,
        bytes_acked: sent,
        account: (sent > 0).then(|| Account {
            grants: sent / 50_000,
            granted_bytes: sent - 14_480,
            reinjected_bytes: 14_480,
            ..Account::default()
        }),
        weight: (sent > 0).then_some(1),
        cost: (sent > 0).then_some(0),
        ..Subflow::default()
    }
}

impl Fake {
    /// Two connections, three rules' worth of settings, and so on.
    pub(crate) fn sample() -> Self {
        let rule = |text: &str, hits| Rule {
            hits: Some(hits),
            ..words::parse_complete(&given(text)).unwrap()
        };
        let path = |text: &str, used| Path {
            used: Some(used),
            ..words::parse_complete(&given(text)).unwrap()
        };
        let counts = |n| {
            Some(SchedulerCounts {
                opened: n,
                closed: n / 2,
                sends: n * 100,
                waits: n * 7,
                retransmits: n / 3,
            })
        };
        let scheduler = |name: &str, description: &str, counts| Scheduler {
            name: name.into(),
            description: description.into(),
            counts,
        };
        let counter = |name: &str, value, help: &str| Counter {
            name: name.into(),
            value,
            help: help.into(),
        };
        let mut second = subflow(2, 3_700_000, Some(80_400));
        second.backup = true;
        second.in_loss = true;
        Self {
            info: Info {
                abi: ABI,
                version: "0.1.0".into(),
                features: vec!["sched".into(), "netlink".into()],
                generation: 7,
                connections: 2,
                rules: 2,
                cap_period_left: None,
                paths: 2,
                migrations: 1,
                system_scheduler: CHOOSER.into(),
            },
            connections: vec![
                Connection {
                    token: 0x1a2b_3c4d,
                    local_addr: "10.0.1.1".parse().unwrap(),
                    local_port: 443,
                    remote_addr: "10.0.1.2".parse().unwrap(),
                    remote_port: 51000,
                    state: ESTABLISHED,
                    scheduler: "minrtt".into(),
                    chosen_by: ChosenBy::Rule,
                    rule: Some(10),
                    settings_rule: Some(20),
                    uid: 33,
                    mark: 1,
                    inode: 4711,
                    send_window: 65_536,
                    unsent: 14_480,
                    bytes_sent: 8_388_608,
                    bytes_received: 120,
                    bytes_acked: 8_300_000,
                    bytes_retrans: 0,
                    waits: Some(Waits {
                        full: 170,
                        faster: 12,
                        ..Waits::default()
                    }),
                    subflows: vec![subflow(1, 4_700_000, Some(20_140)), second],
                },
                Connection {
                    token: 0xbeef,
                    local_addr: "fd00::1".parse().unwrap(),
                    local_port: 40000,
                    remote_addr: "fd00::2".parse().unwrap(),
                    remote_port: 80,
                    state: 8,
                    scheduler: "default".into(),
                    subflows: vec![subflow(1, 0, None)],
                    ..Connection::default()
                },
            ],
            schedulers: vec![
                scheduler("default", "The kernel's own.", None),
                scheduler("minrtt", "Lowest round-trip time first.", counts(9)),
            ],
            knobs: vec![
                knob("sched.burst", "65428", "65428", KnobType::Number),
                knob("sched.default", "minrtt", "minrtt", KnobType::Scheduler),
                knob("net.limit", "2000", "3000", KnobType::Number),
                Knob {
                    words: ["off", "hash", "newest"].map(Into::into).into(),
                    ..knob("migrate.policy", "newest", "off", KnobType::List)
                },
                Knob {
                    words: ["off", "warn", "enforce"].map(Into::into).into(),
                    ..knob("migrate.settings_guard", "off", "off", KnobType::Word)
                },
            ],
            rules: vec![
                rule("priority 10 to 10.0.0.0/8 port 443 scheduler minrtt", 3),
                rule("priority 20 uid 1000 scheduler minrtt", 0),
            ],
            paths: vec![
                path("priority 10 dev wlan0 weight 3", 8_388_608),
                path("priority 20 from 10.0.2.0/24 cost 10 cap 5G", 0),
            ],
            migrations: vec![Migration {
                hits: Some(12),
                ..words::parse_complete(&given("priority 10 port 443 policy newest,shortest"))
                    .unwrap()
            }],
            counters: vec![
                counter("MinRttSends", 900, "MinRtt: Times it chose a subflow."),
                counter("EventsLost", 0, "Events that a listener did not get."),
                counter("RuleMatches", 3, "Connections that a rule matched."),
                counter("MigrateNewest", 12, "Heirs chosen by newest."),
            ],
            races: 0,
            refuse: None,
        }
    }

    fn refusal<T>(what: &str, errno: Errno) -> Result<T> {
        Err(Refusal {
            what: what.into(),
            errno: errno.raw_os_error(),
            ..Refusal::default()
        }
        .into())
    }

    /// Adds to a list, as the module does. Gives what was there before.
    fn add<T: Item>(
        what: &str,
        list: &mut Vec<T>,
        item: &T,
        replace: bool,
    ) -> Result<(u32, Option<T>)> {
        let highest = list.iter().filter_map(Item::priority).max();
        let priority = item.priority().unwrap_or(highest.unwrap_or(0) + 10);
        let place = list.iter().position(|i| i.priority() == Some(priority));
        if place.is_some() && !replace {
            return Self::refusal(what, Errno::EXIST);
        }
        let before = place.map(|place| list.remove(place));
        list.push(item.clone().at(priority));
        list.sort_by_key(Item::priority);
        Ok((priority, before))
    }

    fn delete<T: Item>(what: &str, list: &mut Vec<T>, priority: u32) -> Result<()> {
        let before = list.len();
        list.retain(|i| i.priority() != Some(priority));
        if list.len() == before {
            return Self::refusal(what, Errno::NOENT);
        }
        Ok(())
    }

    fn change(&mut self, what: &str) -> Result<()> {
        if let Some(errno) = self.refuse {
            return Self::refusal(what, errno);
        }
        self.info.generation += 1;
        Ok(())
    }
}

impl Kernel for Fake {
    fn info(&mut self) -> Result<Info> {
        Ok(self.info.clone())
    }

    fn connections(&mut self) -> Result<Vec<Connection>> {
        Ok(self.connections.clone())
    }

    fn connection(&mut self, token: u32) -> Result<Connection> {
        match self.connections.iter().find(|c| c.token == token) {
            Some(connection) => Ok(connection.clone()),
            None => Self::refusal("connection-get", Errno::NOENT),
        }
    }

    fn set_connection(&mut self, token: u32, scheduler: &str) -> Result<()> {
        self.change("connection-set")?;
        match self.connections.iter_mut().find(|c| c.token == token) {
            Some(connection) => connection.scheduler = scheduler.into(),
            None => return Self::refusal("connection-set", Errno::NOENT),
        }
        Ok(())
    }

    fn schedulers(&mut self) -> Result<Vec<Scheduler>> {
        Ok(self.schedulers.clone())
    }

    fn knobs(&mut self) -> Result<Vec<Knob>> {
        Ok(self.knobs.clone())
    }

    fn set_knob(&mut self, name: &str, value: &str) -> Result<()> {
        self.change("knob-set")?;
        match self.knobs.iter_mut().find(|k| k.name == name) {
            Some(knob) => knob.value = value.into(),
            None => return Self::refusal("knob-set", Errno::NOENT),
        }
        Ok(())
    }

    fn rules(&mut self) -> Result<Vec<Rule>> {
        Ok(self.rules.clone())
    }

    fn add_rule(&mut self, rule: &Rule, replace: bool) -> Result<u32> {
        self.change("rule-add")?;
        let new = Rule {
            hits: Some(0),
            ..rule.clone()
        };
        Ok(Self::add("rule-add", &mut self.rules, &new, replace)?.0)
    }

    fn delete_rule(&mut self, priority: u32) -> Result<()> {
        self.change("rule-del")?;
        Self::delete("rule-del", &mut self.rules, priority)
    }

    fn flush_rules(&mut self) -> Result<()> {
        self.change("rule-flush")?;
        self.rules.clear();
        Ok(())
    }

    fn paths(&mut self) -> Result<Vec<Path>> {
        Ok(self.paths.clone())
    }

    fn add_path(&mut self, path: &Path, replace: bool) -> Result<u32> {
        self.change("path-add")?;
        let (priority, before) = Self::add("path-add", &mut self.paths, path, replace)?;
        // It goes on with what was used.
        let used = before.and_then(|path| path.used).unwrap_or(0);
        for path in &mut self.paths {
            if path.priority == Some(priority) {
                path.used = Some(used);
            }
        }
        Ok(priority)
    }

    fn delete_path(&mut self, priority: u32) -> Result<()> {
        self.change("path-del")?;
        Self::delete("path-del", &mut self.paths, priority)
    }

    fn flush_paths(&mut self) -> Result<()> {
        self.change("path-flush")?;
        self.paths.clear();
        Ok(())
    }

    fn reset_paths(&mut self, priority: Option<u32>) -> Result<()> {
        let mut named = self
            .paths
            .iter_mut()
            .filter(|path| priority.is_none() || path.priority == priority)
            .peekable();
        if priority.is_some() && named.peek().is_none() {
            return Self::refusal("path-reset", Errno::NOENT);
        }
        for path in named {
            path.used = Some(0);
        }
        Ok(())
    }

    fn migrations(&mut self) -> Result<Vec<Migration>> {
        Ok(self.migrations.clone())
    }

    fn add_migration(&mut self, migration: &Migration, replace: bool) -> Result<u32> {
        self.change("migration-add")?;
        let new = Migration {
            hits: Some(0),
            ..migration.clone()
        };
        Ok(Self::add("migration-add", &mut self.migrations, &new, replace)?.0)
    }

    fn delete_migration(&mut self, priority: u32) -> Result<()> {
        self.change("migration-del")?;
        Self::delete("migration-del", &mut self.migrations, priority)
    }

    fn flush_migrations(&mut self) -> Result<()> {
        self.change("migration-flush")?;
        self.migrations.clear();
        Ok(())
    }

    fn counters(&mut self) -> Result<Vec<Counter>> {
        Ok(self.counters.clone())
    }

    fn reset_counters(&mut self) -> Result<()> {
        self.change("counter-reset")?;
        for counter in &mut self.counters {
            counter.value = 0;
        }
        Ok(())
    }

    fn set_config(&mut self, config: &Config, generation: u32) -> Result<u32> {
        if self.races > 0 {
            self.races -= 1;
            self.info.generation += 1;
        }
        if generation != self.info.generation {
            return Self::refusal("config-set", Errno::STALE);
        }
        self.change("config-set")?;
        let named: BTreeMap<_, _> = config.knobs.clone();
        for knob in &mut self.knobs {
            knob.value = named.get(&knob.name).unwrap_or(&knob.default).clone();
        }
        self.rules = config
            .rules
            .iter()
            .map(|rule| Rule {
                hits: Some(0),
                ..rule.clone()
            })
            .collect();
        self.paths = config
            .paths
            .iter()
            .map(|path| Path {
                used: Some(path.used.unwrap_or(0)),
                ..path.clone()
            })
            .collect();
        self.migrations = config
            .migrations
            .iter()
            .map(|migration| Migration {
                hits: Some(0),
                ..migration.clone()
            })
            .collect();
        Ok(self.info.generation)
    }
}
