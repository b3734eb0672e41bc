//! `sessionwatch explain`: what the events mean.

use std::num::NonZeroU64;

use super::progress::Progress;
use crate::args::ExplainArguments;
use crate::device::Device;
use crate::error::Error;
use crate::explain::Explainer;
use crate::filter::Filter;
use crate::reader::{AtEnd, Bounds, Cursor, Limit, describe};
use crate::render::{Item, Printer};

/// Explains the events up to the one that is the newest when the command starts.
///
/// # Errors
///
/// If the driver does not answer, or not as it should, or the output cannot be
/// written.
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
        shown: 0,
    };
    let mut cursor = Cursor::new(journal.journal_id, from, journal.next);
    if options.steps {
        printer.begin()?;
    }
    let outcome = explaining.run(device, journal.next, &mut cursor, printer);
    let account = cursor.account();
    let shown = if options.steps {
        explaining.shown
    } else {
        printer.list(&explaining.explainer.finish())?;
        account.delivered()
    };
    printer.item(&Item::Account { account, shown })?;
    printer.flush()?;
    outcome
}

struct Explaining {
    explainer: Explainer,
    filter: Filter,
    steps: bool,
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
        // Every read comes further or fails.
        while cursor.account().next() < before {
            let batch = cursor.read(device, AtEnd::Return, Limit { before, ..Limit::NONE })?;
            if let Some(lost) = &batch.lost {
                self.explainer.lose(lost);
                if self.steps {
                    printer.item(&Item::Lost(*lost))?;
                }
            }
            for record in batch.records {
                let is_shown = self.filter.admits(record);
                let step = self.explainer.explain(record, is_shown);
                if self.steps && is_shown {
                    self.shown += 1;
                    printer.item(&Item::Step(record, &step))?;
                }
            }
            printer.flush()?;
            progress.reach(cursor.account().next());
        }
        Ok(())
    }
}
