//! Shows a stream, batch by batch.

use sessionwatch_protocol::Record;
use sessionwatch_reader::{Batch, Filter};
use sessionwatch_sessions::{Attribution, Explainer};

use crate::error::Error;
use crate::render::{Event, Item, Printer};

/// The shown part of a stream: all losses, and the events that the filter and the users admit.
pub(super) struct Stream<'filter> {
    filter: &'filter Filter,
    /// The users behind the events.
    pub(super) attribution: Attribution,
    /// Explains the events for people. Programs get the records.
    explainer: Option<Explainer>,
    /// The number of events that were shown.
    pub(super) shown: u64,
}

impl<'filter> Stream<'filter> {
    /// A stream from sequence number `from` on, of a driver with this `EventMask`.
    pub(super) fn new(
        from: u64,
        event_mask: u32,
        filter: &'filter Filter,
        attribution: Attribution,
        printer: &Printer<'_>,
    ) -> Self {
        let explainer = printer.is_for_people().then(|| Explainer::new(from, event_mask));
        Self { filter, attribution, explainer, shown: 0 }
    }

    /// Shows a batch: first the loss, then the events.
    ///
    /// # Errors
    ///
    /// If the batch cannot be rendered.
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
            // Explain hidden events too, because they affect the meaning of later ones.
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
