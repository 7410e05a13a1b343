//! The pictures of a folder, read by one rule, with what was lost and guessed on the way.

use std::path::PathBuf;

use bl_core::io::InputSchema;
use bl_core::text::grouped;
use rayon::prelude::*;

use super::{Class, Prepared};
use crate::form::{Found, LOOKED_AT, check_size, of_classes, spread};
use crate::picture::{self, Colour, Loaded};
use crate::{Error, Form, Split};

/// Images of 16 bits that use so many bits fewer than the others are told of.
const FEWER: u32 = 2;
/// Files that are named in a notice.
const NAMED: usize = 3;

/// What was read.
pub(super) struct Halves {
    pub(super) prepared: Prepared,
    /// What is to be said of it.
    pub(super) notes: Vec<String>,
}

/// A picture that was read.
struct Read<'a> {
    label: u8,
    path: &'a PathBuf,
    is_for_test: bool,
    loaded: Loaded,
}

/// Reads all pictures that can be read. The others are named, after those that are `left_out` already; a class without any is
/// an error.
pub(super) fn read(
    train: &[Class],
    test: &[Class],
    names: &[String],
    mut left_out: Vec<Error>,
    form: &Form,
) -> Result<Halves, Error> {
    let mut files: Vec<File<'_>> = labelled(train, false).chain(labelled(test, true)).collect();
    // A file that cannot be used has no say in the form: without it, another may be chosen.
    let (Chosen { input, found }, mut all) = loop {
        let chosen = Chosen::of(&files, form);
        check_size(&chosen.input)?;
        let load = |&(_, _, path, _): &File<'_>| picture::load_of_bits(path, &chosen.input, None);
        let loaded: Vec<Result<Loaded, Error>> = files.par_iter().map(load).collect();
        let (mut used, mut all) = (Vec::new(), Vec::new());
        for (file, loaded) in files.iter().zip(loaded) {
            match loaded {
                Ok(loaded) => {
                    used.push(*file);
                    all.push(Read { label: file.0, is_for_test: file.1, path: file.2, loaded });
                }
                Err(fault) => left_out.push(fault),
            }
        }
        if used.len() == files.len() {
            break (chosen, all);
        }
        let again = Chosen::of(&used, form);
        if again.input == chosen.input {
            break (again, all);
        }
        files = used;
    };
    let has_some = |label: u8| all.iter().any(|read| read.label == label && !read.is_for_test);
    if !(0..=u8::MAX).zip(train).all(|(label, _)| has_some(label)) || all.iter().all(|read| !read.is_for_test)
    {
        return Err(Error::of_all(left_out));
    }
    let mut notes: Vec<String> = said_of(&left_out, left_out.len() + all.len()).into_iter().collect();
    notes.extend(to_one_range(&mut all, &input)?);
    let of_train = all.iter().filter(|read| !read.is_for_test).collect::<Vec<_>>();
    notes.extend(lost_and_guessed(&of_train, names, &input));
    let half = |is_for_test: bool| {
        let reads = || all.iter().filter(|read| read.is_for_test == is_for_test);
        Split {
            images: reads().flat_map(|read| read.loaded.picture.pixels.iter().copied()).collect(),
            labels: reads().map(|read| read.label).collect(),
            height: input.height as usize,
            width: input.width as usize,
            channels: input.channels as usize,
        }
    };
    let words = form.words(&found, &input, found.has_dark_on_light());
    Ok(Halves { prepared: Prepared { train: half(false), test: half(true), input, words }, notes })
}

/// Its label, whether it is for testing, where it is, and its width and height.
type File<'a> = (u8, bool, &'a PathBuf, (u32, u32));

/// What was found of training images, and the form that was chosen for all.
struct Chosen {
    input: InputSchema,
    found: Found,
}

impl Chosen {
    fn of(files: &[File<'_>], form: &Form) -> Self {
        let sizes: Vec<(u32, u32)> = files.iter().map(|&(.., size)| size).collect();
        let of_train: Vec<&File<'_>> = files.iter().filter(|&&(_, is_for_test, ..)| !is_for_test).collect();
        let looked: Vec<&File<'_>> = spread(of_train.len(), LOOKED_AT).map(|place| of_train[place]).collect();
        let look = |&&(label, _, path, _): &&File<'_>| Some((label, picture::look(path).ok()?));
        let found = Found::new(looked.par_iter().filter_map(look).collect(), &sizes);
        Self { input: form.of_pictures(&found, &sizes), found }
    }
}

fn labelled(classes: &[Class], is_for_test: bool) -> impl Iterator<Item = File<'_>> {
    (0..=u8::MAX).zip(classes).flat_map(move |(label, class)| {
        class.pictures.iter().map(move |(path, size)| (label, is_for_test, path, *size))
    })
}

/// What is to be said of files that cannot be used.
fn said_of(left_out: &[Error], files: usize) -> Option<String> {
    let named: Vec<String> = left_out.iter().take(NAMED).map(Error::to_string).collect();
    let more = match left_out.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!("; and {} more", grouped(more)),
    };
    (!named.is_empty()).then(|| {
        let (left_out, files, named) = (grouped(left_out.len()), grouped(files), named.join("; "));
        format!("{left_out} of {files} files cannot be used and are left out: {named}{more}")
    })
}

/// Pictures of 16-bit samples are all of as many bits as the largest sample needs: each by its own would tell classes apart.
fn to_one_range(all: &mut [Read<'_>], input: &InputSchema) -> Result<Option<String>, Error> {
    let Some(bits) = all.iter().filter_map(|read| read.loaded.bits).max() else { return Ok(None) };
    let is_fewer = |read: &Read<'_>, by: u32| read.loaded.bits.is_some_and(|used| used + by <= bits);
    let (told, count) = (all.iter().filter(|read| is_fewer(read, FEWER)).count(), all.len());
    all.par_iter_mut().filter(|read| is_fewer(read, 1)).try_for_each(|read| -> Result<(), Error> {
        read.loaded = picture::load_of_bits(read.path, input, Some(bits))?;
        Ok(())
    })?;
    Ok((told > 0).then(|| {
        format!(
            "images of 16 bits are read by the largest sample of all, as {bits} bits: {told} of {count} use {FEWER} bits fewer \
             or less, and are dark"
        )
    }))
}

/// What is to be said of training images.
fn lost_and_guessed(all: &[&Read<'_>], names: &[String], input: &InputSchema) -> Vec<String> {
    let mut notes = Vec::new();
    let guessed: Vec<&String> = all.iter().filter_map(|read| read.loaded.picture.note.as_ref()).collect();
    if let Some(first) = guessed.first() {
        notes.push(format!("{} of {} training images: {first}", guessed.len(), all.len()));
    }
    let coloured = all.iter().filter(|read| read.loaded.colour.is_some()).count();
    if coloured > 0 && input.channels == 1 {
        let alike = alike_in_grey(&of_classes(all.iter().map(|read| (read.label, read.loaded.colour))));
        let whose = alike.map_or_else(
            || "what differs by colour alone cannot be told apart".into(),
            |(a, b)| format!("the colours of `{}` and `{}` are about the same grey", names[a], names[b]),
        );
        notes.push(format!(
            "{coloured} of {} training images are in colour and taken as grey: {whose}",
            all.len()
        ));
    }
    notes
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
