//! Images of an array in another form.

use bl_core::io::{Fit, InputSchema};
use bl_core::spec::MAX_INPUTS;
use rayon::prelude::*;

use crate::picture::{self, Planes};
use crate::{Error, Split};

/// Images of an array in another form, if that is wanted; what has no ink to cut out stays whole.
pub(crate) fn reform(split: Split, input: &InputSchema, inverts: bool) -> Result<Split, Error> {
    let size = (split.width as u32, split.height as u32);
    let is_cut = matches!(input.fit, Fit::Cut { .. });
    let has_form = (size, split.channels as u32) == ((input.width, input.height), input.channels);
    if has_form && !is_cut && !inverts {
        return Ok(split);
    }
    check_size(input)?;
    let values = input.len();
    let mut images = vec![0; split.len() * values];
    let whole = InputSchema { fit: Fit::Whole, ..*input };
    images.par_chunks_exact_mut(values.max(1)).enumerate().try_for_each(|(i, image)| {
        let planes = || Planes::of_values(split.image(i), size, split.channels as u32);
        let Some(planes) = planes() else {
            return Err(Error::NoContrast { samples: split.len(), height: split.height, width: split.width });
        };
        let fitted = picture::reformed(planes.clone(), input);
        image.copy_from_slice(&fitted.or_else(|_| picture::reformed(planes, &whole)).unwrap_or_default());
        Ok(())
    })?;
    let [height, width, channels] = [input.height, input.width, input.channels].map(|n| n as usize);
    Ok(Split { images, labels: split.labels, height, width, channels })
}

/// Refuses a form that no network takes, before any image is brought to it.
pub(crate) fn check_size(input: &InputSchema) -> Result<(), Error> {
    let [height, width, channels] = [input.height, input.width, input.channels].map(|n| n as usize);
    if input.len() > MAX_INPUTS { Err(Error::FormTooLarge { height, width, channels }) } else { Ok(()) }
}
