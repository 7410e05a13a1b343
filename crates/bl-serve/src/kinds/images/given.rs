//! The images of a request in the forms that adapters take: pixels as they are, files prepared as training images were.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bl_core::io::InputSchema;
use bl_tasks::picture::{self, Declared, Doubts, how_to_bytes};

use crate::failure::Failure;
use crate::names::{IMAGE, PICTURE};
use crate::protocol::{Data, InferRequest, Tensor};
use crate::room::Room;
use crate::server::Server;
use crate::turns::Wanted;

/// Pixels of one file, as its header states them: it is scaled to a few hundred of them anyway.
const MOST_PIXELS: u64 = 4_000_000;
/// Pixels of all files of a request, each as often as it is prepared: their decoding takes a second or two of a core.
const MOST_PIXELS_IN_ALL: u64 = 64_000_000;
/// Rows that a note names.
const NOTED: usize = 5;

/// In which form images come.
pub(crate) enum Given<'a> {
    Pixels(&'a Tensor),
    Files(&'a [Vec<u8>]),
}

pub(crate) fn given(request: &InferRequest) -> Result<Given<'_>, Failure> {
    match (request.optional(IMAGE), request.optional(PICTURE)) {
        (Some(tensor), None) => Ok(Given::Pixels(tensor)),
        (None, Some(tensor)) => tensor.strings().map(Given::Files),
        (None, None) => {
            Err(Failure::bad_input(format!("there is no input `{IMAGE}` (pixels) or `{PICTURE}` (files)")))
        }
        (Some(_), Some(_)) => {
            Err(Failure::bad_input(format!("there are both `{IMAGE}` and `{PICTURE}`, expected one of them")))
        }
    }
}

/// Images as a network takes them, each or why it cannot be used, and what must be said of some rows.
pub(crate) struct Prepared {
    pub(crate) images: Vec<Result<Vec<u8>, Failure>>,
    pub(crate) notes: Vec<String>,
}

impl Prepared {
    /// All images; one that cannot be used is an error.
    pub(crate) fn all(self) -> Result<(Vec<Vec<u8>>, Vec<String>), Failure> {
        Ok((self.images.into_iter().collect::<Result<_, _>>()?, self.notes))
    }
}

/// Images of `[rows, height, width]`, or flat, cut into rows. Their numbers are read as those of a file, blank ones cannot be
/// used, and what else looks wrong is said.
pub(crate) fn pixels(tensor: &Tensor, input: &InputSchema) -> Result<Prepared, Failure> {
    let mut values = check_shape(tensor, input)?.to_vec();
    let of_all = picture::read_arrays(&mut values, input)
        .map_err(|why| bad_image(&format!("input `{IMAGE}`"), &why))?;
    let (mut images, mut faint, mut dark, mut first) = (Vec::new(), Vec::new(), Vec::new(), None);
    for (row, image) in values.chunks_exact(input.len()).enumerate() {
        let doubts = Doubts::of(image, input);
        if let Some((least, most)) = doubts.blank {
            let why = picture::Fault::BlankArray { least, most };
            images.push(Err(bad_image(&format!("input `{IMAGE}`, row {row}"), &why)));
            continue;
        }
        images.push(Ok(image.to_vec()));
        if let Some(words) = doubts.faint {
            faint.push(row);
            first.get_or_insert(words);
        }
        if doubts.is_dark_on_light {
            dark.push(row);
        }
    }
    let faint = first.map(|words| format!("{}: {words}", these(&faint)));
    let dark = (!dark.is_empty()).then(|| {
        format!(
            "{}: dark on light and used as it is; training images are light on dark, and only a `picture` is inverted",
            these(&dark)
        )
    });
    Ok(Prepared { notes: [of_all, faint, dark].into_iter().flatten().collect(), images })
}

/// `row 3`, `rows 1, 2 and 7 more`
fn these(rows: &[usize]) -> String {
    let named: Vec<String> = rows.iter().take(NOTED).map(usize::to_string).collect();
    match (rows.len(), rows.len().saturating_sub(NOTED)) {
        (1, _) => format!("row {}", named[0]),
        (_, 0) => format!("rows {}", named.join(", ")),
        (_, more) => format!("rows {} and {more} more", named.join(", ")),
    }
}

/// The values of all rows, if they are images of that form.
fn check_shape<'a>(tensor: &'a Tensor, input: &InputSchema) -> Result<&'a [u8], Failure> {
    let [height, width, channels] = [input.height, input.width, input.channels].map(|n| n as usize);
    let Data::U8(values) = &tensor.data else {
        let found = tensor.data.datatype().name();
        let failure = Failure::bad_input(format!(
            "input `{IMAGE}` has datatype {found}, expected UINT8: whole numbers from 0 to 255"
        ));
        return Err(match &tensor.data {
            Data::F32(values) => failure.hint(how_to_bytes(values.iter().map(|&value| value.into()))),
            Data::F64(values) => failure.hint(how_to_bytes(values.iter().copied())),
            Data::U8(_) | Data::Bytes(_) => failure,
        });
    };
    let fits = match *tensor.shape.as_slice() {
        [_, h, w] => channels == 1 && (h, w) == (height, width),
        [_, h, w, c] => (h, w, c) == (height, width, channels),
        [_, values] => values == height * width * channels,
        _ => false,
    };
    if !fits {
        let shape = &tensor.shape;
        let colour = if channels == 1 { String::new() } else { format!(", {channels}") };
        return Err(Failure::bad_input(format!(
            "input `{IMAGE}` has shape {shape:?}, expected [rows, {height}, {width}{colour}] or [rows, {}]",
            height * width * channels
        )));
    }
    Ok(values)
}

/// Files brought to the form of the training images: `wanted` says which file, and for which images. What all of them cost
/// is known from their headers before the first is decoded.
pub(crate) async fn prepare(
    server: &Server,
    files: &[Vec<u8>],
    wanted: Vec<(usize, InputSchema)>,
) -> Result<Prepared, Failure> {
    let files = files.to_vec();
    let (mut memory, max) = (Room::of(&server.memory), server.settings.max_memory);
    let reserve = move |bytes| memory.reserve(bytes, max); // held by the work, whether or not somebody still waits for it
    server.decode(move |waits| prepare_now(files, &wanted, waits, reserve)).await
}

fn prepare_now(
    files: Vec<Vec<u8>>,
    wanted: &[(usize, InputSchema)],
    waits: &Wanted,
    mut reserve: impl FnMut(usize) -> Result<(), Failure>,
) -> Result<Prepared, Failure> {
    let sent: usize = files.iter().map(Vec::len).sum();
    let files: Vec<Vec<u8>> = files.into_iter().map(content).collect();
    let declared = |(i, file): (usize, &Vec<u8>)| {
        waits.check()?;
        Declared::of(file, MOST_PIXELS).map_err(|why| bad_file(i, &why))
    };
    let declared: Vec<Declared> = files.iter().enumerate().map(declared).collect::<Result<_, _>>()?;
    let in_all: u64 = wanted.iter().map(|&(file, _)| declared[file].pixels).sum();
    if in_all > MOST_PIXELS_IN_ALL {
        let (most, found) = (MOST_PIXELS_IN_ALL / 1_000_000, in_all.div_ceil(1_000_000));
        let error = format!(
            "input `{PICTURE}`: expected at most {most} megapixels in a request, each file counted once for each form that \
             adapters take, found {found}"
        );
        return Err(Failure::bad_input(error).hint("scale the images down, or send fewer at a time"));
    }
    // One is decoded at a time; files are copied once.
    let largest = declared.iter().map(|picture| picture.memory).max().unwrap_or(0);
    reserve(sent.saturating_add(largest as usize))?;
    let mut prepared = Prepared { images: Vec::new(), notes: Vec::new() };
    for (file, schema) in wanted {
        waits.check()?;
        let picture = match picture::from_bytes(&files[*file], schema) {
            Ok(picture) => picture,
            Err(why) => {
                prepared.images.push(Err(bad_file(*file, &why)));
                continue;
            }
        };
        let note = picture.note.map(|note| format!("row {file}: {note}"));
        let note = note.filter(|note| prepared.notes.len() < NOTED && !prepared.notes.contains(note));
        prepared.notes.extend(note);
        prepared.images.push(Ok(picture.pixels));
    }
    Ok(prepared)
}

/// A file's bytes, or (in JSON, which has no bytes) their base64 text.
fn content(file: Vec<u8>) -> Vec<u8> {
    STANDARD.decode(&file).unwrap_or(file) // no format has characters of base64 alone
}

fn bad_file(row: usize, fault: &picture::Fault) -> Failure {
    bad_image(&format!("input `{PICTURE}`, row {row}"), fault)
}

fn bad_image(which: &str, fault: &picture::Fault) -> Failure {
    let failure = Failure::bad_input(format!("{which}: {fault}"));
    match fault.hint() {
        Some(hint) => failure.hint(hint),
        None => failure,
    }
}
