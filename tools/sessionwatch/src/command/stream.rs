//! Shows a stream, batch by batch.

use sessionwatch_protocol::Record;
use sessionwatch_reader::{Batch, Device, Filter, describe};
use sessionwatch_sessions::{Attribution, Explainer};

use crate::error::Error;
use crate::render::{Event, Item, Printer};

/// A stream that is shown: the events that the filter and the users admit, and all losses.
pub(super) struct Stream<'filter> {
    filter: &'filter Filter,
    /// Who is behind the events.
    pub(super) attribution: Attribution,
    /// Explains the events to people. Programs get the records.
    explainer: Option<Explainer>,
    /// The number of events that were shown.
    pub(super) shown: u64,
}

impl<'filter> Stream<'filter> {
    /// A stream from sequence number `from` on.
    ///
    /// # Errors
    ///
    /// If the driver does not describe its journal.
    pub(super) fn new(
        device: &dyn Device,
        from: u64,
        filter: &'filter Filter,
        attribution: Attribution,
        printer: &Printer<'_>,
    ) -> Result<Self, Error> {
        let explainer = if printer.is_for_people() {
            Some(Explainer::new(from, describe(device)?.event_mask.get()))
        } else {
            None
        };
        Ok(Self { filter, attribution, explainer, shown: 0 })
    }

    /// Shows a batch: first the loss, then the events.
    ///
    /// # Errors
    ///
    /// If it cannot be rendered.
    pub(super) fn show(
        &mut self,
        batch: &Batch<'_>,
        printer: &mut Printer<'_>,
    ) -> Result<(), Error> {
        if let Some(lost) = batch.lost {
            if let Some(explainer) = &mut self.explainer {
                explainer.lose(&lost);
            }
            printer.item(&Item::Lost(lost))?;
        }
        for record in batch.records {
            // Hidden events count for the meaning of the others.
            let step =
                self.explainer.as_mut().map(|explainer| explainer.explain(record, false, drop));
            if self.admits(record) {
                let who = self.attribution.of(record).cloned();
                printer.item(&Item::Event(&Event { record: *record, who, step }))?;
                self.shown += 1;
            }
        }
        Ok(())
    }

    /// True if the event is shown.
    pub(super) fn admits(&self, record: &Record) -> bool {
        self.filter.admits(record) && self.attribution.admits(record)
    }
}
