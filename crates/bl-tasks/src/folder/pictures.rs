//! The pictures of a folder, read by one rule, with what was lost and guessed on the way.

use std::path::PathBuf;

use bl_core::io::InputSchema;

use super::{Class, schema};
use crate::listing::in_parallel;
use crate::picture::{self, Colour, Loaded};
use crate::{Error, Split};

/// Pictures of one and the same size keep it up to this many pixels a side.
const KEPT_SIDE: u32 = 64;
/// All others become this many pixels a side, as MNIST.
const SIDE: u32 = 28;
/// Images of 16 bits that use so many bits fewer than the others are told of.
const FEWER: u32 = 2;

/// What was read.
pub(super) struct Halves {
    pub(super) train: Split,
    pub(super) test: Split,
    /// What is to be said of it.
    pub(super) notes: Vec<String>,
}

/// Reads all pictures. Every file that cannot be used is named, after the `faults` that are known already.
pub(super) fn read(
    train: &[Class],
    test: &[Class],
    names: &[String],
    mut faults: Vec<Error>,
) -> Result<Halves, Error> {
    let of_train = labelled(train).count();
    let files: Vec<(u8, &PathBuf)> = labelled(train).chain(labelled(test)).collect();
    let sizes = in_parallel(&files, |(_, path)| picture::size(path));
    let input = common_form(&sizes.unwrap_or_default());
    let loaded = in_parallel(&files, |(_, path)| picture::load_of_bits(path, &input, None));
    let mut loaded = match loaded {
        Ok(loaded) if faults.is_empty() => loaded,
        other => {
            faults.extend(other.err().into_iter().flatten());
            return Err(Error::of_all(faults));
        }
    };
    let mut notes: Vec<String> = to_one_range(&files, &mut loaded, &input)?.into_iter().collect();
    let labels: Vec<u8> = files.iter().map(|&(label, _)| label).collect();
    notes.extend(lost_and_guessed(&loaded[..of_train], &labels[..of_train], names));
    let mut pictures = loaded.into_iter().map(|loaded| loaded.picture.pixels);
    let mut half = |labels: &[u8]| Split {
        images: pictures.by_ref().take(labels.len()).flatten().collect(),
        labels: labels.to_vec(),
        height: input.height as usize,
        width: input.width as usize,
    };
    let (train, test) = labels.split_at(of_train);
    Ok(Halves { train: half(train), test: half(test), notes })
}

fn labelled(classes: &[Class]) -> impl Iterator<Item = (u8, &PathBuf)> {
    (0..=u8::MAX).zip(classes).flat_map(|(label, class)| class.pictures.iter().map(move |path| (label, path)))
}

/// The form that pictures of these sizes are brought to.
fn common_form(sizes: &[(u32, u32)]) -> InputSchema {
    match *sizes {
        [(width, height), ..]
            if width.max(height) <= KEPT_SIDE && sizes.iter().all(|&size| size == (width, height)) =>
        {
            schema(height, width)
        }
        _ => schema(SIDE, SIDE),
    }
}

/// Pictures of 16-bit samples are all of as many bits as the largest sample needs: each by its own would tell classes apart.
fn to_one_range(
    files: &[(u8, &PathBuf)],
    loaded: &mut [Loaded],
    input: &InputSchema,
) -> Result<Option<String>, Error> {
    let in_use = |loaded: &Loaded| loaded.bits;
    let Some(bits) = loaded.iter().filter_map(in_use).max() else { return Ok(None) };
    let fewer =
        |by: u32| loaded.iter().map(in_use).map(move |used| used.is_some_and(|used| used + by <= bits));
    let others: Vec<usize> = fewer(1).enumerate().filter_map(|(i, is_other)| is_other.then_some(i)).collect();
    let told = fewer(FEWER).filter(|&fewer| fewer).count();
    let again = in_parallel(&others, |&i| picture::load_of_bits(files[i].1, input, Some(bits)));
    for (&i, again) in others.iter().zip(again.map_err(Error::of_all)?) {
        loaded[i] = again;
    }
    Ok((told > 0).then(|| {
        format!(
            "images of 16 bits are read by the largest sample of all, as {bits} bits: {told} of {} use {FEWER} bits fewer or \
             less, and are dark",
            files.len()
        )
    }))
}

/// What is to be said of training images.
fn lost_and_guessed(loaded: &[Loaded], labels: &[u8], names: &[String]) -> Vec<String> {
    let mut notes = Vec::new();
    let guessed: Vec<&String> = loaded.iter().filter_map(|loaded| loaded.picture.note.as_ref()).collect();
    if let Some(first) = guessed.first() {
        notes.push(format!("{} of {} training images: {first}", guessed.len(), loaded.len()));
    }
    let coloured = loaded.iter().filter(|loaded| loaded.colour.is_some()).count();
    if coloured > 0 {
        let alike = alike_in_grey(&of_classes(loaded, labels, names.len()));
        let whose = alike.map_or_else(
            || "what differs by colour alone cannot be told apart".into(),
            |(a, b)| format!("the colours of `{}` and `{}` are about the same grey", names[a], names[b]),
        );
        notes.push(format!(
            "{coloured} of {} training images are in colour and taken as grey: {whose}",
            loaded.len()
        ));
    }
    notes
}

/// The mean colour of each class that has one.
fn of_classes(loaded: &[Loaded], labels: &[u8], classes: usize) -> Vec<Option<Colour>> {
    let mean = |class: usize| {
        let of_class = labels.iter().zip(loaded).filter(|(label, _)| usize::from(**label) == class);
        let of_class: Vec<Colour> = of_class.filter_map(|(_, loaded)| loaded.colour).collect();
        let sum = |of: fn(&Colour) -> f64| of_class.iter().map(of).sum::<f64>() / of_class.len() as f64;
        let rgb = [sum(|c| c.rgb[0]), sum(|c| c.rgb[1]), sum(|c| c.rgb[2])];
        (!of_class.is_empty()).then(|| Colour { rgb, grey: sum(|c| c.grey) })
    };
    (0..classes).map(mean).collect()
}

/// Two classes whose colours differ, and whose grey does not.
fn alike_in_grey(classes: &[Option<Colour>]) -> Option<(usize, usize)> {
    const OTHER_COLOUR: f64 = 48.0; // of 255, in one of red, green and blue
    const OTHER_GREY: f64 = 16.0;
    let coloured: Vec<(usize, Colour)> =
        classes.iter().enumerate().filter_map(|(class, colour)| Some((class, (*colour)?))).collect();
    let alike = |a: &Colour, b: &Colour| {
        a.rgb.iter().zip(b.rgb).any(|(a, b)| (a - b).abs() > OTHER_COLOUR)
            && (a.grey - b.grey).abs() < OTHER_GREY
    };
    coloured.iter().enumerate().find_map(|(i, (a, of_a))| {
        let other = coloured[i + 1..].iter().find(|(_, of_b)| alike(of_a, of_b))?;
        Some((*a, other.0))
    })
}
