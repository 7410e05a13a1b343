//! What an adapter gets right and wrong on the test images, beside the accuracy in its header.

use std::ops::ControlFlow;
use std::time::Instant;

use bl_cli::{Bar, Printer};
use bl_core::{Header, Model, Net};
use bl_tasks::kinds::evaluate;
use bl_tasks::{Evaluation, OwnTask, Split};

/// Hears what share is done, and may stop.
type OnShare<'a> = &'a mut dyn FnMut(f64) -> ControlFlow<()>;

/// What was measured, and the seconds that it took.
pub(in crate::kinds) fn measure(
    model: &Model,
    out: Printer,
    evaluate: impl FnOnce(OnShare<'_>) -> Result<Option<Evaluation>, bl_tasks::Error>,
) -> anyhow::Result<(Evaluation, f64)> {
    let bar = Bar::new(out, "testing");
    let start = Instant::now();
    let evaluation = evaluate(&mut |share| {
        bar.set(share);
        ControlFlow::Continue(())
    });
    bar.clear();
    let evaluation = evaluation?.unwrap_or_else(|| Evaluation::new(model.outputs())); // nobody stops it
    Ok((evaluation, start.elapsed().as_secs_f64()))
}

/// The same of images.
pub(super) fn on_images(model: &Model, test: &Split, out: Printer) -> anyhow::Result<(Evaluation, f64)> {
    measure(model, out, |on_share| evaluate(model, test, on_share))
}

/// A measured accuracy beside the one in the adapter's header.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::kinds) struct Recorded {
    pub(in crate::kinds) accuracy: f64,
    /// Images that must have been classified differently, if they are known to be the same ones.
    pub(in crate::kinds) differing: Option<usize>,
}

/// The header's accuracy, if it has one.
pub(super) fn recorded_accuracy(header: &Header) -> Option<f64> {
    header.metric("accuracy", "test")
}

/// The same beside a measured one.
pub(in crate::kinds) fn recorded(header: &Header, own: &OwnTask, measured: &Evaluation) -> Option<Recorded> {
    let accuracy = recorded_accuracy(header)?;
    let correct = (accuracy * measured.total() as f64).round() as usize;
    let differing = (own.as_recorded == Some(true)).then(|| correct.abs_diff(measured.correct()));
    Some(Recorded { accuracy, differing })
}
