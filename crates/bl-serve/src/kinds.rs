//! The kinds of adapters that are served.

pub(crate) mod images;
mod signal;
pub(crate) mod texts;
mod trials;
mod values;

use bl_core::io::Signal;
use bl_core::{Io, Model};

use crate::endpoint::Endpoint;

/// How an adapter is asked: the one `match` on what goes in and comes out.
pub(crate) fn endpoint(model: &Model) -> Box<dyn Endpoint + '_> {
    match &model.header.io {
        Io::Images { input, .. } => Box::new(images::Images { input: *input }),
        Io::Text { input, .. } => Box::new(texts::Texts { input: *input }),
        Io::Values { input, .. } => Box::new(values::Values { input }),
        Io::Signal { signal: Signal::Forecast(signal), .. } => Box::new(signal::forecasts(signal)),
        Io::Signal { signal: Signal::Generate { steps, spacing, scale, .. }, .. } => {
            Box::new(signal::generates(*steps, *spacing, (*scale).into()))
        }
        Io::Signal { signal: Signal::Reach(signal), .. } => Box::new(signal::reaches(signal)),
        Io::Signal { signal: Signal::Trials(form), .. } => Box::new(trials::Trials { form }),
    }
}
