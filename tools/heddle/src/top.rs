// SPDX-License-Identifier: GPL-2.0

//! `heddle top`: a live view.
//!
//! A thread asks the kernel ([`collect`]), so that the keys are answered at
//! once however many connections there are. [`history`] makes rates of the
//! samples, [`app`] is the state that keys and samples change, [`view`] draws
//! it, and only the rows that are visible.

pub mod app;
pub mod history;
pub mod view;

use std::{
    io::IsTerminal,
    sync::mpsc::{
        self,
        Receiver,
        RecvTimeoutError,
        SyncSender, //
    },
    time::{
        Duration,
        Instant, //
    },
};

use crossterm::event::{
    self,
    Event,
    KeyEventKind, //
};

use crate::{
    error::{
        Error,
        Result, //
    },
    kernel::Kernel,
    model::Connection,
};

use app::{
    Action,
    App, //
};

/// How long the keys and the samples are waited for at once.
const TICK: Duration = Duration::from_millis(50);

/// The connections at a moment.
#[derive(Clone, Debug, Default)]
pub struct Sample {
    /// When, in seconds since any moment before.
    pub at: f64,
    /// All connections.
    pub connections: Vec<Connection>,
}

/// Shows the live view until the key q. `samples` is the kernel for the
/// collecting thread, `orders` that for changes.
pub fn run(
    samples: impl Kernel + Send + 'static,
    mut orders: impl Kernel,
    release: &str,
    interval: Duration,
    colours: bool,
) -> Result<()> {
    if !std::io::stdout().is_terminal() || !std::io::stdin().is_terminal() {
        return Err(Error::Usage(
            "top needs a terminal: use \"heddle conn\" in scripts".into(),
        ));
    }
    let (send, receive) = mpsc::sync_channel(1);
    // The collector stops when this end is dropped.
    let (_stop, stopped) = mpsc::channel();
    std::thread::spawn(move || collect(samples, interval, &send, &stopped));

    let mut app = App::new(release, colours);
    let mut terminal = ratatui::try_init()?;
    let result = interact(&mut terminal, &mut app, &mut orders, &receive);
    ratatui::try_restore()?;
    result
}

/// Samples until nobody wants them any more.
fn collect(
    mut kernel: impl Kernel,
    interval: Duration,
    to: &SyncSender<Result<Sample>>,
    stop: &Receiver<()>,
) {
    let start = Instant::now();
    loop {
        let begun = Instant::now();
        let sample = kernel.connections().map(|connections| Sample {
            at: start.elapsed().as_secs_f64(),
            connections,
        });
        let failed = sample.is_err();
        if to.send(sample).is_err() || failed {
            return;
        }
        let rest = interval.saturating_sub(begun.elapsed());
        if stop.recv_timeout(rest) != Err(RecvTimeoutError::Timeout) {
            return;
        }
    }
}

fn interact(
    terminal: &mut ratatui::DefaultTerminal,
    app: &mut App,
    kernel: &mut impl Kernel,
    samples: &Receiver<Result<Sample>>,
) -> Result<()> {
    let mut changed = true;
    loop {
        if changed {
            terminal.draw(|frame| view::draw(frame, app))?;
            changed = false;
        }
        // Of several samples that wait, each is needed for the history.
        while let Ok(sample) = samples.try_recv() {
            app.sample(sample?);
            changed = true;
        }
        while event::poll(if changed { Duration::ZERO } else { TICK })? {
            changed = true;
            let Event::Key(key) = event::read()? else {
                continue;
            };
            if key.kind == KeyEventKind::Release {
                continue;
            }
            match app.key(key) {
                Action::None => {}
                Action::Quit => return Ok(()),
                Action::ListSchedulers => match kernel.schedulers() {
                    Ok(schedulers) => app.choose(schedulers),
                    Err(error) => app.say(&error),
                },
                Action::Set { token, scheduler } => {
                    match kernel.set_connection(token, &scheduler) {
                        Ok(()) => app.was_set(token, &scheduler),
                        Err(error) => app.say(&error),
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Fake;

    #[test]
    fn the_collector_stops_when_nobody_listens() {
        let (send, receive) = mpsc::sync_channel(1);
        let (stop, stopped) = mpsc::channel();
        let thread = std::thread::spawn(move || {
            collect(Fake::sample(), Duration::from_secs(3600), &send, &stopped);
        });
        assert_eq!(receive.recv().unwrap().unwrap().connections.len(), 2);
        drop(stop);
        thread.join().unwrap();
    }
}
