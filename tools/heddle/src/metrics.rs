// SPDX-License-Identifier: GPL-2.0

//! `heddle metrics`: Prometheus' text format.

use std::{
    fmt::{
        Display,
        Write as _, //
    },
    fs,
    io::Write as _,
    net::SocketAddr,
    path, //
};

use crate::{
    error::{
        Error,
        Result, //
    },
    kernel::Kernel,
    model::{
        Connection,
        KnobType,
        Scheduler,
        SchedulerCounts,
        Subflow, //
    },
    path::Path,
};

/// The content type of the format.
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// A page of metrics.
#[derive(Default)]
struct Page(String);

impl Page {
    /// Begins a metric.
    fn metric(&mut self, name: &str, kind: &str, help: &str) {
        let help = help.replace('\\', "\\\\").replace('\n', " ");
        // Writing to a string does not fail.
        let _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    /// Adds a sample to the metric that was begun.
    fn sample(&mut self, name: &str, labels: &[(&str, &str)], value: impl Display) {
        self.0.push_str(name);
        for (i, (label, text)) in labels.iter().enumerate() {
            let text = text
                .replace('\\', "\\\\")
                .replace('"', "\\\"")
                .replace('\n', "\\n");
            let before = if i == 0 { '{' } else { ',' };
            let _ = write!(self.0, "{before}{label}=\"{text}\"");
        }
        if !labels.is_empty() {
            self.0.push('}');
        }
        let _ = writeln!(self.0, " {value}");
    }

    /// A metric with one sample.
    fn single(&mut self, name: &str, kind: &str, help: &str, value: impl Display) {
        self.metric(name, kind, help);
        self.sample(name, &[], value);
    }
}

/// Reads everything and writes it as metrics.
pub fn page(kernel: &mut dyn Kernel, release: &str) -> Result<String> {
    let mut page = Page::default();
    let info = kernel.info()?;
    page.metric("heddle_info", "gauge", "The module and the kernel.");
    page.sample(
        "heddle_info",
        &[
            ("version", &info.version),
            ("kernel", release),
            ("system_scheduler", &info.system_scheduler),
        ],
        1,
    );
    page.single(
        "heddle_connections",
        "gauge",
        "MPTCP connections that Heddle schedules.",
        info.connections,
    );
    page.single("heddle_rules", "gauge", "Rules.", info.rules);
    page.single("heddle_paths", "gauge", "Paths.", info.paths);
    page.single("heddle_migrations", "gauge", "Migrations.", info.migrations);
    page.single(
        "heddle_config_generation",
        "gauge",
        "Number of changes of the configuration.",
        info.generation,
    );
    connections(&mut page, &kernel.connections()?);
    schedulers(&mut page, kernel)?;
    rules(&mut page, kernel)?;
    paths(&mut page, kernel)?;
    migrations(&mut page, kernel)?;
    knobs(&mut page, kernel)?;
    let known = kernel.schedulers()?;
    for counter in kernel.counters()? {
        if is_of_scheduler(&counter.name, &known) {
            continue;
        }
        let name = format!("heddle_{}_total", snake(&counter.name));
        page.single(&name, "counter", &counter.help, counter.value);
    }
    Ok(page.0)
}

fn connections(page: &mut Page, connections: &[Connection]) {
    let subflows = || connections.iter().flat_map(|c| &c.subflows);
    let count = |is: fn(&Subflow) -> bool| subflows().filter(|s| is(s)).count();
    let metric = "heddle_subflows";
    page.single(
        metric,
        "gauge",
        "Subflows of all MPTCP connections.",
        subflows().count(),
    );
    page.metric(
        "heddle_subflows_flagged",
        "gauge",
        "Subflows that are a backup, stale, or repair a loss.",
    );
    for (flag, number) in [
        ("backup", count(|s| s.backup)),
        ("stale", count(|s| s.stale)),
        ("loss", count(|s| s.in_loss)),
    ] {
        page.sample("heddle_subflows_flagged", &[("flag", flag)], number);
    }
    let unsent: u64 = connections.iter().map(|c| c.unsent).sum();
    page.single(
        "heddle_unsent_bytes",
        "gauge",
        "Bytes that applications wrote and no subflow was given yet.",
        unsent,
    );
}

/// Takes one of the counts of a scheduler.
type Count = fn(&SchedulerCounts) -> u64;

fn schedulers(page: &mut Page, kernel: &mut dyn Kernel) -> Result<()> {
    let schedulers = kernel.schedulers()?;
    let counted: Vec<_> = schedulers
        .iter()
        .filter_map(|s| Some((s.name.as_str(), s.counts.as_ref()?)))
        .collect();
    let metrics: [(&str, &str, Count); 5] = [
        (
            "opened",
            "Connections that were given to a scheduler.",
            |c| c.opened,
        ),
        (
            "closed",
            "Connections that ended or were given to another scheduler.",
            |c| c.closed,
        ),
        (
            "sends",
            "Times a scheduler chose a subflow for new data.",
            |c| c.sends,
        ),
        ("waits", "Times a scheduler had nothing sent.", |c| c.waits),
        (
            "retransmits",
            "Times a scheduler named a subflow to repeat the data at the head.",
            |c| c.retransmits,
        ),
    ];
    for (what, help, get) in metrics {
        let name = format!("heddle_scheduler_{what}_total");
        page.metric(&name, "counter", help);
        for (scheduler, counts) in &counted {
            page.sample(&name, &[("scheduler", scheduler)], get(counts));
        }
    }
    Ok(())
}

/// Whether a counter is one that `schedulers()` has as a label: `MinRttSends` is
/// what minrtt has as sends.
fn is_of_scheduler(counter: &str, schedulers: &[Scheduler]) -> bool {
    let counter = counter.to_ascii_lowercase();
    schedulers.iter().any(|scheduler| {
        let name = scheduler.name.replace(['_', '-'], "").to_ascii_lowercase();
        counter.strip_prefix(&name).is_some_and(|rest| {
            ["opened", "closed", "sends", "waits", "retransmits"].contains(&rest)
        })
    })
}

fn rules(page: &mut Page, kernel: &mut dyn Kernel) -> Result<()> {
    let name = "heddle_rule_hits_total";
    page.metric(name, "counter", "Connections that a rule matched.");
    for rule in kernel.rules()? {
        let priority = rule.priority.unwrap_or_default().to_string();
        let labels = [
            ("priority", priority.as_str()),
            ("scheduler", &rule.scheduler),
        ];
        page.sample(name, &labels, rule.hits.unwrap_or_default());
    }
    Ok(())
}

fn paths(page: &mut Page, kernel: &mut dyn Kernel) -> Result<()> {
    let paths = kernel.paths()?;
    let mut metric = |name, help, get: fn(&Path) -> Option<u64>| {
        page.metric(name, "gauge", help);
        for path in &paths {
            let Some(bytes) = get(path) else {
                continue;
            };
            let priority = path.priority.unwrap_or_default().to_string();
            let mut labels = vec![("priority", priority.as_str())];
            labels.extend(path.dev.iter().map(|dev| ("interface", dev.as_str())));
            page.sample(name, &labels, bytes);
        }
    };
    // It goes down when it is reset.
    metric(
        "heddle_path_used_bytes",
        "Bytes that were charged to a path.",
        |path| path.used,
    );
    metric(
        "heddle_path_cap_bytes",
        "Bytes after which a path is off.",
        |path| path.cap,
    );
    Ok(())
}

fn migrations(page: &mut Page, kernel: &mut dyn Kernel) -> Result<()> {
    let name = "heddle_migration_hits_total";
    page.metric(
        name,
        "counter",
        "Connections and requests that a migration held for.",
    );
    for migration in kernel.migrations()? {
        let priority = migration.priority.unwrap_or_default().to_string();
        let labels = [
            ("priority", priority.as_str()),
            ("policy", &migration.policy),
        ];
        page.sample(name, &labels, migration.hits.unwrap_or_default());
    }
    Ok(())
}

fn knobs(page: &mut Page, kernel: &mut dyn Kernel) -> Result<()> {
    let name = "heddle_knob";
    page.metric(name, "gauge", "Value of a knob that is a number.");
    for knob in kernel.knobs()? {
        if knob.kind == KnobType::Number {
            page.sample(name, &[("knob", &knob.name)], &knob.value);
        }
    }
    Ok(())
}

/// `CamelCase`, and whatever else, to `snake_case`.
fn snake(name: &str) -> String {
    let mut snake = String::new();
    for c in name.chars() {
        if c.is_ascii_uppercase() && !snake.is_empty() && !snake.ends_with('_') {
            snake.push('_');
        }
        snake.push(match c.to_ascii_lowercase() {
            c if c.is_ascii_alphanumeric() => c,
            _ => '_',
        });
    }
    snake
}

/// Writes a file so that no reader ever sees half of it.
pub fn write_atomically(path: &path::Path, text: &str) -> Result<()> {
    let failed = |error| Error::File(path.display().to_string(), error);
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(format!(".{}", std::process::id()));
    let temporary = path.with_file_name(name);
    let written = fs::File::create(&temporary)
        .and_then(|mut file| {
            file.write_all(text.as_bytes())?;
            file.sync_all()
        })
        .and_then(|()| fs::rename(&temporary, path));
    written.map_err(|error| {
        let _ = fs::remove_file(&temporary);
        failed(error)
    })
}

/// Answers requests for /metrics, until it is interrupted.
pub fn serve(
    addr: SocketAddr,
    mut page: impl FnMut() -> Result<String>,
    mut ready: impl FnMut(SocketAddr),
) -> Result<()> {
    use tiny_http::{
        Header,
        Method,
        Response,
        Server, //
    };
    let server = Server::http(addr).map_err(|e| Error::Failed(format!("{addr}: {e}")))?;
    if let Some(bound) = server.server_addr().to_ip() {
        ready(bound);
    }
    loop {
        let request = server.recv()?;
        let path = request.url().split('?').next().unwrap_or_default();
        let (status, text) = match (request.method(), path) {
            (Method::Get | Method::Head, "/metrics") => match page() {
                Ok(text) => (200, text),
                Err(error) => (503, format!("{error}\n")),
            },
            (_, "/metrics") => (405, "only GET\n".into()),
            _ => (404, "there is only /metrics\n".into()),
        };
        let mut response = Response::from_string(text).with_status_code(status);
        if let Ok(header) = Header::from_bytes("Content-Type", CONTENT_TYPE) {
            response.add_header(header);
        }
        // A client that went away is no concern of the others.
        let _ = request.respond(response);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{
        expect,
        Fake, //
    };
    use std::{
        io::Read,
        net::TcpStream,
        sync::mpsc, //
    };

    #[test]
    fn everything_there_is() {
        expect("metrics.txt", &page(&mut Fake::sample(), "7.3.4").unwrap());
    }

    #[test]
    fn each_sample_belongs_to_the_metric_above_it() {
        let text = page(&mut Fake::sample(), "7.3.4").unwrap();
        let mut metric = "";
        for line in text.lines() {
            if let Some(rest) = line.strip_prefix("# TYPE ") {
                let (name, kind) = rest.split_once(' ').unwrap();
                assert_eq!(kind == "counter", name.ends_with("_total"), "{line}");
                metric = name;
            } else if !line.starts_with('#') {
                assert_eq!(line.split(['{', ' ']).next(), Some(metric));
            }
        }
    }

    #[test]
    fn what_has_a_label_is_not_there_twice() {
        let text = page(&mut Fake::sample(), "7.3.4").unwrap();
        assert!(!text.contains("min_rtt"));
        assert!(text.contains("heddle_rule_matches_total 3"));
    }

    #[test]
    fn names_and_labels_are_escaped() {
        assert_eq!(snake("SchedSend"), "sched_send");
        assert_eq!(snake("sched-send"), "sched_send");
        let mut page = Page::default();
        page.sample("x", &[("a", "q\"\\\n")], 1);
        assert_eq!(page.0, "x{a=\"q\\\"\\\\\\n\"} 1\n");
    }

    #[test]
    fn a_file_is_replaced_and_nothing_is_left() {
        let folder = std::env::temp_dir().join(format!("heddle-test-{}", std::process::id()));
        fs::create_dir(&folder).unwrap();
        let path = folder.join("heddle.prom");
        for text in ["one\n", "two\n"] {
            write_atomically(&path, text).unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
        }
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
        fs::remove_dir_all(&folder).unwrap();
        assert!(write_atomically(&path, "x").is_err());
    }

    #[test]
    fn there_is_only_metrics() {
        let (tell, told) = mpsc::channel();
        std::thread::spawn(move || {
            let any = "127.0.0.1:0".parse().unwrap();
            serve(
                any,
                || page(&mut Fake::sample(), "7.3.4"),
                |addr| tell.send(addr).unwrap(),
            )
        });
        let addr = told.recv().unwrap();
        let get = |line: &str| {
            let mut stream = TcpStream::connect(addr).unwrap();
            let head = "Host: x\r\nConnection: close\r\n\r\n";
            write!(stream, "{line} HTTP/1.1\r\n{head}").unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).unwrap();
            answer
        };
        let answer = get("GET /metrics");
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        assert!(answer.contains(CONTENT_TYPE));
        assert!(answer.contains("heddle_connections 2"));
        assert!(get("GET /").starts_with("HTTP/1.1 404"));
        assert!(get("POST /metrics").starts_with("HTTP/1.1 405"));
    }
}
