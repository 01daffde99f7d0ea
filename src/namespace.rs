// SPDX-License-Identifier: GPL-2.0

//! What Heddle keeps for each network namespace.

use crate::{
    control,
    counters::Counters,
    knobs::Values,
    migrations::Migrations,
    ordered::{Item, Ordered},
    paths::Paths,
    pm,
    rules::Rules,
};
use heddle_core::knob::{self, Id};
use heddle_kernel::{
    net::{Attachments, Net, PerNet, Subsystem},
    sync::RcuArc,
};
use kernel::{
    new_mutex,
    prelude::*,
    sync::{
        atomic::{
            ordering::{Acquire, Full, Relaxed, Release},
            Atomic,
        },
        Arc, Mutex,
    },
};

static NAMESPACES: Subsystem<Namespace> = Subsystem::new();

/// The state of a network namespace.
#[pin_data]
pub(crate) struct Namespace {
    /// What happened.
    pub(crate) counters: Counters,
    /// Values of the knobs. Written with `change` held.
    knobs: Values,
    /// The rules. Written with `change` held.
    rules: RcuArc<Rules>,
    /// The paths. Written with `change` held.
    paths: RcuArc<Paths>,
    /// The migrations. Written with `change` held.
    migrations: RcuArc<Migrations>,
    /// Connections that have our path manager.
    pub(crate) paths_managed: PathsManaged,
    /// Number of changes of knobs, rules, paths and migrations. Written with `change` held.
    generation: Atomic<u32>,
    /// Number of events.
    sequence: Atomic<u64>,
    /// Held to change the configuration.
    #[pin]
    change: Mutex<()>,
}

/// What the connections of a namespace that have our path manager are to look at. Any context.
pub(crate) struct PathsManaged {
    /// There was one.
    used: Atomic<bool>,
    /// Their workers are to run.
    run: Atomic<bool>,
    /// Some rule has settings for them, and some path.
    of_rules: Atomic<bool>,
    of_paths: Atomic<bool>,
    /// Number of changes of interfaces and addresses.
    links: Atomic<u32>,
    /// Length of the period for which caps count, in s, and its end, in µs; both are for who runs.
    period: Atomic<u64>,
    period_end: Atomic<u64>,
}

impl PathsManaged {
    fn new() -> Self {
        Self {
            used: Atomic::new(false),
            run: Atomic::new(false),
            of_rules: Atomic::new(false),
            of_paths: Atomic::new(false),
            links: Atomic::new(0),
            period: Atomic::new(0),
            period_end: Atomic::new(0),
        }
    }

    /// A connection has our path manager. True if it is the first one.
    pub(crate) fn use_it(&self) -> bool {
        !self.is_used() && !self.used.xchg(true, Full)
    }

    /// Whether a period has ended, of so many seconds; a new one begins then, or if it has another
    /// length than the last one. Until when it is, in µs, unless there is none. For one at a time.
    pub(crate) fn period(&self, seconds: u64, now_us: u64) -> (bool, Option<u64>) {
        let same = self.period.xchg(seconds, Relaxed) == seconds;
        if seconds == 0 {
            return (false, None);
        }
        let end = self.period_end.load(Relaxed);
        if same && now_us < end {
            return (false, Some(end));
        }
        let end = now_us.saturating_add(seconds.saturating_mul(1_000_000));
        self.period_end.store(end, Relaxed);
        (same, Some(end))
    }

    /// How long the period goes on that has so many seconds, in s, if it has begun.
    pub(crate) fn period_left(&self, seconds: u64, now_us: u64) -> Option<u64> {
        let is_it = seconds != 0 && self.period.load(Relaxed) == seconds;
        let left = self.period_end.load(Relaxed).saturating_sub(now_us);
        is_it.then(|| left.div_ceil(1_000_000))
    }

    /// A period that has so many seconds goes on for a part of them.
    pub(crate) fn begin_period(&self, seconds: u64, left: u64, now_us: u64) {
        let left = left.min(seconds).saturating_mul(1_000_000);
        self.period_end.store(now_us.saturating_add(left), Relaxed);
        self.period.store(seconds, Relaxed);
    }

    /// Whether there ever was such a connection.
    pub(crate) fn is_used(&self) -> bool {
        self.used.load(Relaxed)
    }

    /// Asks for their workers.
    pub(crate) fn want_run(&self) {
        self.run.store(true, Release);
    }

    /// Whether that was asked for since.
    pub(crate) fn take_run(&self) -> bool {
        self.run.xchg(false, Full)
    }

    /// Whether the knobs are not all that there is to a policy.
    pub(crate) fn is_overlaid(&self) -> bool {
        self.of_rules.load(Relaxed) || self.of_paths.load(Relaxed)
    }

    /// An interface or an address has come or gone.
    pub(crate) fn change_links(&self) {
        self.links.fetch_add(1u32, Relaxed);
    }

    /// Number of these changes.
    pub(crate) fn links(&self) -> u32 {
        self.links.load(Relaxed)
    }
}

/// A configuration that is being changed; nobody else changes it meanwhile.
pub(crate) struct Change<'a> {
    namespace: &'a Namespace,
    _guard: kernel::sync::lock::Guard<'a, (), kernel::sync::lock::mutex::MutexBackend>,
}

impl Namespace {
    /// The value of a knob. Any context.
    pub(crate) fn knob(&self, id: Id) -> u64 {
        self.knobs.get(id)
    }

    /// Lets `look` see the rules, in any context; it must not sleep.
    pub(crate) fn rules<R>(&self, look: impl FnOnce(&Rules) -> R) -> R {
        self.rules.read(look)
    }

    /// Lets `look` see the paths, in any context; it must not sleep.
    pub(crate) fn paths<R>(&self, look: impl FnOnce(&Paths) -> R) -> R {
        self.paths.read(look)
    }

    /// Lets `look` see the migrations, in any context; it must not sleep.
    pub(crate) fn migrations<R>(&self, look: impl FnOnce(&Migrations) -> R) -> R {
        self.migrations.read(look)
    }

    /// Number of changes of the configuration. What is read after this is of that change, or of a
    /// later one.
    pub(crate) fn generation(&self) -> u32 {
        self.generation.load(Acquire)
    }

    /// Number of the next event.
    pub(crate) fn next_sequence(&self) -> u64 {
        self.sequence.fetch_add(1u64, Full)
    }

    /// Begins a change of the configuration. Process context; may sleep.
    pub(crate) fn change(&self) -> Change<'_> {
        Change {
            namespace: self,
            _guard: self.change.lock(),
        }
    }
}

impl knob::Knobs for Namespace {
    fn value(&self, id: Id) -> u64 {
        self.knob(id)
    }
}

impl Change<'_> {
    /// The rules, which nobody else replaces meanwhile.
    pub(crate) fn rules(&self) -> Arc<Rules> {
        self.namespace.rules.copy()
    }

    /// Sets a knob.
    pub(crate) fn set_knob(&self, id: Id, value: u64) {
        self.namespace.knobs.set(id, value);
    }

    /// Puts other rules in place. Waits for those that look at the old ones.
    pub(crate) fn set_rules(&self, rules: Arc<Rules>) {
        let any = rules.iter().any(|it| !it.item.settings.is_empty());
        self.namespace.rules.replace(rules);
        let managed = &self.namespace.paths_managed;
        managed.of_rules.store(any, Relaxed);
    }

    /// The paths, which nobody else replaces meanwhile.
    pub(crate) fn paths(&self) -> Arc<Paths> {
        self.namespace.paths.copy()
    }

    /// Puts other paths in place. Waits for those that look at the old ones.
    pub(crate) fn set_paths(&self, paths: Arc<Paths>) {
        let any = paths.iter().any(|it| !it.item.managed.is_empty());
        self.namespace.paths.replace(Arc::clone(&paths));
        paths.begin();
        let managed = &self.namespace.paths_managed;
        managed.of_paths.store(any, Relaxed);
    }

    /// The migrations, which nobody else replaces meanwhile.
    pub(crate) fn migrations(&self) -> Arc<Migrations> {
        self.namespace.migrations.copy()
    }

    /// Puts other migrations in place. Waits for those that look at the old ones.
    pub(crate) fn set_migrations(&self, migrations: Arc<Migrations>) {
        self.namespace.migrations.replace(migrations);
    }

    /// Ends the change, and tells those who listen. Returns the new generation.
    pub(crate) fn done(self, net: &Net) -> u32 {
        let generation = self.namespace.generation().wrapping_add(1);
        self.namespace.generation.store(generation, Release);
        pm::config_changed(self.namespace);
        control::event::config_changed(self.namespace, net, generation);
        generation
    }
}

impl PerNet for Namespace {
    fn subsystem() -> &'static Subsystem<Self> {
        &NAMESPACES
    }

    fn new(_: &Net) -> Result<Arc<Self>> {
        let counters = Counters::new()?;
        let rules = RcuArc::new(Rules::none()?);
        let paths = RcuArc::new(Paths::none()?);
        let migrations = RcuArc::new(Migrations::none()?);
        Arc::pin_init(
            pin_init!(Self {
                counters,
                knobs: Values::new(),
                rules,
                paths,
                migrations,
                paths_managed: PathsManaged::new(),
                generation: Atomic::new(0),
                sequence: Atomic::new(0),
                change <- new_mutex!(()),
            }),
            GFP_KERNEL,
        )
    }

    fn attach(data: &Arc<Self>, to: &mut Attachments<'_>) -> Result {
        to.proc::<crate::counters::File>()?;
        crate::knobs::attach(data, to)
    }

    fn leave(&self) {
        // Should a connection of the kernel's own outlive this, lists that may have to sleep to
        // be freed are gone before.
        empty(&self.rules);
        empty(&self.paths);
        empty(&self.migrations);
    }
}

/// Takes all items out of a list.
fn empty<T: Item>(list: &RcuArc<Ordered<T>>) {
    if list.read(Ordered::len) == 0 {
        return;
    }
    if let Ok(none) = Ordered::none() {
        list.replace(none);
    }
}

/// Most bytes of one decision.
pub(crate) fn max_burst(namespace: &Namespace) -> u32 {
    u32::try_from(namespace.knob(knob::SCHED_BURST)).unwrap_or(u32::MAX)
}
