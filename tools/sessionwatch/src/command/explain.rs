//! `sessionwatch explain`: events, summarized into sessions.

use std::num::NonZeroU64;

use sessionwatch_reader::{AtEnd, Bounds, Cursor, Device, Filter, Limit, describe};
use sessionwatch_sessions::{Explainer, Instance};

use super::progress::Progress;
use crate::args::ExplainArguments;
use crate::error::Error;
use crate::render::{Event, Item, Printer, Totals};

/// Explains the events up to the newest at the start of the command.
///
/// # Errors
///
/// If the driver does not answer, its reply is not usable, or the output cannot be written.
pub fn run(
    device: &dyn Device,
    options: &ExplainArguments,
    printer: &mut Printer<'_>,
) -> Result<(), Error> {
    let described = describe(device)?;
    let journal = Bounds::of(device, &described);
    let from = options.from.map_or(journal.begin, NonZeroU64::get);
    let mut explaining = Explaining {
        explainer: Explainer::new(from, described.event_mask.get()),
        filter: Filter::from(&options.filter),
        steps: options.steps,
        instances: Vec::new(),
        shown: 0,
    };
    let mut cursor = Cursor::new(journal.journal_id, from, journal.next);
    if options.steps {
        printer.begin(false)?;
    }
    let outcome = explaining.run(device, journal.next, &mut cursor, printer);
    let account = cursor.account();
    let shown = if options.steps {
        explaining.shown
    } else {
        let instances = explaining.into_instances();
        printer.list(&instances)?;
        account.delivered()
    };
    let is_recording = device.extent().is_some();
    printer.item(&Item::Account(Totals { account, shown, is_recording }))?;
    printer.flush()?;
    outcome
}

struct Explaining {
    explainer: Explainer,
    filter: Filter,
    steps: bool,
    /// The ended instances; empty if the command shows steps instead.
    instances: Vec<Instance>,
    shown: u64,
}

impl Explaining {
    fn run(
        &mut self,
        device: &dyn Device,
        before: u64,
        cursor: &mut Cursor,
        printer: &mut Printer<'_>,
    ) -> Result<(), Error> {
        let mut progress = Progress::new(cursor.account().next(), before);
        // Every read advances or fails.
        while cursor.account().next() < before {
            let batch = cursor.read(device, AtEnd::Return, Limit { before, ..Limit::NONE })?;
            if let Some(lost) = batch.lost {
                self.explainer.lose(&lost);
                if self.steps {
                    printer.item(&Item::Lost(lost))?;
                }
            }
            for record in batch.records {
                let is_shown = self.filter.admits(record);
                let is_wanted = is_shown && !self.steps;
                let instances = &mut self.instances;
                let ended = |instance| instances.push(instance);
                let step = self.explainer.explain(record, is_wanted, ended);
                if self.steps && is_shown {
                    self.shown += 1;
                    let event = Event { record: *record, who: None, step: Some(step) };
                    printer.item(&Item::Step(&event))?;
                }
            }
            printer.flush()?;
            progress.reach(cursor.account().next());
        }
        Ok(())
    }

    /// The instances, in the order of their first events.
    fn into_instances(mut self) -> Vec<Instance> {
        // Growing would double the memory of the rows.
        self.instances.reserve_exact(self.explainer.present());
        self.instances.extend(self.explainer.into_present());
        self.instances.sort_unstable_by_key(|instance| instance.first.sequence);
        self.instances
    }
}
