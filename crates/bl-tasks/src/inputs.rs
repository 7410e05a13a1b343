//! What a user wants predicted: pictures, folders of them, IDX, NPY or CSV files.
//!
//! What a file is, is decided by its first bytes, and by its extension where they do not tell. Arrays and tables have
//! images of the right size: what their numbers mean is decided for the whole file, and whether an image is dark on light
//! for each, as for a picture of that size.

use std::path::{Path, PathBuf};

use bl_core::io::InputSchema;
use rayon::prelude::*;

use crate::foreign::Start;
use crate::grey::Reading;
use crate::listing::Entry;
use crate::npy::{self, Npy};
use crate::{Error, idx, listing, picture};

pub mod csv;

/// One picture to predict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedPicture {
    /// The file, and where a file has several, which one: `digits.csv:3` (line), `x.npy[2]` (index).
    pub name: String,
    /// `[height, width, channels]`, row-major.
    pub pixels: Vec<u8>,
    /// What was done to it, in plain words.
    pub how: String,
    /// What was guessed of it and must not be overlooked.
    pub note: Option<String>,
    /// The class, if the file says it.
    pub label: Option<u8>,
}

/// A picture, or why it cannot be used.
pub type Each = Result<NamedPicture, Error>;

/// Reads every picture at `path`, each brought to the form of `input`. One that is damaged or blank does not keep the others
/// from being read; none at all is an error.
pub fn read(path: &Path, input: &InputSchema) -> Result<Vec<Each>, Error> {
    let all = read_each(path, input)?;
    if all.iter().any(Result::is_ok) {
        return Ok(all);
    }
    Err(Error::of_all(all.into_iter().filter_map(Result::err).collect()))
}

/// As [`read`], also if none of them can be used.
pub fn read_each(path: &Path, input: &InputSchema) -> Result<Vec<Each>, Error> {
    if !matches!(input.channels, 1 | 3) {
        return Err(Error::picture(path, picture::Fault::Channels { found: input.channels }));
    }
    if path.is_dir() {
        return Ok(listing::files(path)?.par_iter().map(|entry| one(entry, input)).collect());
    }
    match Kind::of(path)? {
        Kind::Picture => Ok(vec![picture(path, input)]),
        Kind::Idx => read_idx(path, input),
        Kind::Npy => read_npy(path, input),
        Kind::Csv => csv::read(path, input),
    }
}

enum Kind {
    Picture,
    Idx,
    Npy,
    Csv,
}

impl Kind {
    fn of(path: &Path) -> Result<Self, Error> {
        let start = Start::of(path)?;
        if picture::format(start.bytes()).is_some() {
            return Ok(Self::Picture);
        }
        let extension = path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
        match start.bytes() {
            [0x1f, 0x8b, ..] | [0, 0, 0x08..=0x0e, ..] => return Ok(Self::Idx),
            [0x93, b'N', b'U', b'M', b'P', b'Y', ..] => return Ok(Self::Npy),
            _ => {}
        }
        match extension.as_str() {
            "png" | "jpg" | "jpeg" | "webp" | "bmp" | "gif" | "tif" | "tiff" => Ok(Self::Picture),
            "npy" | "npz" => Ok(Self::Npy),
            // A table is text, and so is much that is none.
            "csv"
                if start.bytes().is_empty()
                    || start.known().is_none_or(|(name, _)| name == "UTF-16 text") =>
            {
                Ok(Self::Csv)
            }
            _ if extension.ends_with("ubyte") => Ok(Self::Idx),
            _ => Err(Error::UnknownInput { path: path.to_owned(), start }),
        }
    }
}

fn one(entry: &Entry, input: &InputSchema) -> Each {
    if entry.is_folder {
        return Err(Error::NestedFolder { path: entry.path.clone() });
    }
    picture(entry.plain()?, input)
}

fn picture(path: &Path, input: &InputSchema) -> Each {
    let picture::Picture { pixels, how, note } = picture::load(path, input)?;
    Ok(NamedPicture { name: file_name(path), pixels, how, note, label: None })
}

fn read_idx(path: &Path, input: &InputSchema) -> Result<Vec<Each>, Error> {
    let shape = idx::shape_of_images(path)?;
    check_size(path, input, &shape)?;
    let mut values = idx::images(path)?.values;
    let reading = Reading::of_bytes(&values);
    reading.apply(&mut values);
    many(path, input, &values, reading)
}

fn read_npy(path: &Path, input: &InputSchema) -> Result<Vec<Each>, Error> {
    let mut file = Npy::open(path)?;
    let [height, width, channels] = shape(input);
    match *file.header.shape.as_slice() {
        [h, w] if [h, w, 1] == [height, width, channels] => {}
        [_, values] if values == input.len() => {}
        [h, w, 3] if [h, w, 3] == [height, width, channels] => {}
        [_, _, _] | [_, _, _, 1 | 3] => check_size(path, input, &file.header.shape)?,
        _ => {
            let colour = if channels == 1 { String::new() } else { format!(", {channels}") };
            let expected = format!(
                "images of shape [n, {height}, {width}{colour}], [n, {}] or [{height}, {width}{colour}]",
                input.len()
            );
            return Err(Error::npy(path, npy::Fault::Shape { expected, found: file.header.shape }));
        }
    }
    let (values, reading) = file.grey()?;
    many(path, input, &values, reading)
}

/// Of `[n, height, width]` or `[n, height, width, channels]`.
fn check_size(path: &Path, input: &InputSchema, of_file: &[usize]) -> Result<(), Error> {
    let (expected, channels) = (shape(input), of_file.get(3).copied().unwrap_or(1));
    let found = [of_file[1], of_file[2], channels];
    if found == expected { Ok(()) } else { Err(Error::ImageSize { path: path.to_owned(), expected, found }) }
}

fn shape(input: &InputSchema) -> [usize; 3] {
    [input.height, input.width, input.channels].map(|size| size as usize)
}

fn many(path: &Path, input: &InputSchema, pixels: &[u8], reading: Reading) -> Result<Vec<Each>, Error> {
    picture::check_arrays(pixels, input).map_err(|fault| Error::picture(path, fault))?;
    let images = pixels.chunks_exact(input.len()).enumerate();
    Ok(images.map(|(i, pixels)| array(path, &format!("[{i}]"), pixels, input, reading)).collect())
}

/// One image of a file that has several; `place` says which.
fn array(path: &Path, place: &str, pixels: &[u8], input: &InputSchema, reading: Reading) -> Each {
    let picture = picture::of_pixels(pixels, input, reading.how()).map_err(|fault| {
        let mut which = path.as_os_str().to_owned();
        which.push(place);
        Error::picture(&PathBuf::from(which), fault)
    })?;
    let (picture::Picture { pixels, how, note }, name) = (picture, format!("{}{place}", file_name(path)));
    let notes: Vec<String> = [reading.note(), note].into_iter().flatten().collect();
    let note = (!notes.is_empty()).then(|| notes.join("; "));
    Ok(NamedPicture { name, pixels, how, note, label: None })
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}
