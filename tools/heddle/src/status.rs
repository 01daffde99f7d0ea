// SPDX-License-Identifier: GPL-2.0

//! `heddle status`.

use serde::Serialize;

use crate::{
    error::Result,
    kernel::Kernel,
    model::{
        Info,
        CHOOSER, //
    },
    output::{
        Ink,
        Output, //
    },
};

#[derive(Serialize)]
struct Status<'a> {
    loaded: bool,
    kernel: &'a str,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    info: Option<&'a Info>,
}

/// Shows what the module is, and how much there is of everything.
pub fn show(kernel: &mut dyn Kernel, out: &mut Output<'_>, release: &str) -> Result<()> {
    let info = kernel.info()?;
    if out.json {
        return out.print_json(&Status {
            loaded: true,
            kernel: release,
            info: Some(&info),
        });
    }
    let module = format!("loaded, version {}, ABI {}", info.version, info.abi);
    let scheduler = match info.system_scheduler.as_str() {
        CHOOSER => CHOOSER.to_string(),
        other => format!("{other} (\"{CHOOSER}\" would choose by the rules)"),
    };
    let lines = [
        ("module", module),
        ("kernel", release.to_string()),
        ("features", info.features.join(", ")),
        ("net.mptcp.scheduler", scheduler),
        ("connections", info.connections.to_string()),
        ("rules", info.rules.to_string()),
        ("paths", info.paths.to_string()),
        ("migrations", info.migrations.to_string()),
        ("generation", info.generation.to_string()),
    ];
    for (name, value) in lines {
        let name = out.paint.ink(Ink::Dim, &format!("{name:<20}"));
        out.line(format_args!("{name} {value}"))?;
    }
    Ok(())
}

/// Shows that there is no module.
pub fn show_not_loaded(out: &mut Output<'_>, release: &str) -> Result<()> {
    if out.json {
        return out.print_json(&Status {
            loaded: false,
            kernel: release,
            info: None,
        });
    }
    let module = out.paint.ink(Ink::Bad, "not loaded");
    out.line(format_args!("{:<20} {module}", "module"))?;
    out.line(format_args!("{:<20} {release}", "kernel"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{
        expect,
        run,
        Fake, //
    };

    #[test]
    fn loaded() {
        let mut fake = Fake::sample();
        let text = run(false, |out| show(&mut fake, out, "7.3.4")).unwrap();
        expect("status.txt", &text);
        let json = run(true, |out| show(&mut fake, out, "7.3.4")).unwrap();
        expect("status.json", &json);
    }

    #[test]
    fn another_scheduler_is_explained() {
        let mut fake = Fake::sample();
        fake.info.system_scheduler = "default".into();
        let text = run(false, |out| show(&mut fake, out, "7.3.4")).unwrap();
        assert!(text.contains("default (\"heddle\" would choose by the rules)"));
    }

    #[test]
    fn not_loaded() {
        let json = run(true, |out| show_not_loaded(out, "7.3.4")).unwrap();
        assert_eq!(json, "{\"loaded\":false,\"kernel\":\"7.3.4\"}\n");
    }
}
