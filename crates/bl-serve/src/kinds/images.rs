//! Class scores of images, of one adapter.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::http::StatusCode;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bl_core::io::InputSchema;
use bl_core::{Model, Net, argmax, softmax};
use bl_runtime::Version;
use bl_tasks::brightness;
use bl_tasks::picture::{self, Declared, Doubts};
use serde_json::{Map, Value};

use crate::batcher::Questions;
use crate::cost;
use crate::endpoint::{Answer, Call, Endpoint, TensorMetadata};
use crate::failure::Failure;
use crate::names::{IMAGE, ON, PICTURE};
use crate::protocol::{Data, InferRequest, InferResponse, Tensor};
use crate::room::Room;
use crate::server::Server;
use crate::turns::Wanted;

/// Rows whose units are told.
const MOST_ON: usize = 64;
/// Pixels of one file, as its header states them: it is scaled to a few hundred of them anyway.
const MOST_PIXELS: u64 = 4_000_000;
/// Pixels of all files of a request, each as often as it is prepared: their decoding takes a second or two of a core.
const MOST_PIXELS_IN_ALL: u64 = 64_000_000;
/// Rows that a note names.
const NOTED: usize = 5;

/// An adapter that classifies images of this form.
pub(crate) struct Images {
    pub(crate) input: InputSchema,
}

impl Endpoint for Images {
    fn what(&self) -> &'static str {
        "pictures"
    }

    fn inputs(&self) -> Vec<TensorMetadata> {
        vec![self.image()]
    }

    fn outputs(&self, model: &Model) -> Vec<TensorMetadata> {
        let classes = model.outputs() as i64;
        let bytes = model.backbone.spec().layers().first().map_or(0, |units| units.div_ceil(8)) as i64;
        vec![
            TensorMetadata::new("scores", "FP32", &[-1, classes]),
            TensorMetadata::new("probabilities", "FP32", &[-1, classes]),
            TensorMetadata::new("label", "BYTES", &[-1]),
            TensorMetadata::new(ON, "UINT8", &[-1, bytes]),
            self.image(),
        ]
    }

    fn infer<'a>(&'a self, call: Call<'a>) -> Answer<'a> {
        Box::pin(self.answer(call))
    }
}

impl Images {
    fn image(&self) -> TensorMetadata {
        let InputSchema { height, width, channels, .. } = self.input;
        let [height, width, channels] = [height, width, channels].map(i64::from);
        let shape: &[i64] = if channels == 1 { &[-1, height, width] } else { &[-1, height, width, channels] };
        TensorMetadata::new(IMAGE, "UINT8", shape)
    }

    async fn answer(&self, call: Call<'_>) -> Result<InferResponse, Failure> {
        let Call { server, name, version, request, reserve, arrival } = call;
        let rows = request.rows().min(server.settings.max_rows()); // more are refused
        reserve(rows.saturating_mul(cost::row(version.model(), &request.outputs)))?;
        request.check_names(&[IMAGE, PICTURE], &[])?;
        let Prepared { images, notes } = match given(request)? {
            Given::Pixels(tensor) => pixels(tensor, &self.input)?,
            Given::Files(files) => {
                server.batcher.check_rows(files.len())?;
                let every = (0..files.len()).map(|file| (file, self.input));
                prepare(server, files, every.collect()).await?
            }
        };
        server.batcher.check_rows(images.len())?;
        let mut extra = self.extras(server, version, request, &images).await?;
        let parameters = parameters(&notes, images.iter().map(|image| (version.model(), &**image)));
        let rows = (0..images.len()).map(|image| (image, Arc::clone(version))).collect();
        let scores = server.batcher.ask(Questions { images, rows }, arrival).await?;
        let mut outputs = answers(&scores, &vec![version.model(); scores.len()])?;
        outputs.append(&mut extra);
        Ok(InferResponse {
            model_name: name.to_owned(),
            model_version: Some(version.id().short()),
            parameters,
            outputs,
        })
    }

    /// Outputs that are there only for those who ask: what the network sees, and which of its units are ON.
    async fn extras(
        &self,
        server: &Server,
        version: &Arc<Version>,
        request: &InferRequest,
        images: &[Vec<u8>],
    ) -> Result<Vec<Tensor>, Failure> {
        let wants = |name: &str| request.outputs.iter().any(|output| output.name == name);
        let rows = images.len();
        let mut outputs = Vec::new();
        if wants(IMAGE) {
            let InputSchema { height, width, channels, .. } = self.input;
            let shape = [rows, height as usize, width as usize].into_iter();
            let shape = shape.chain((channels > 1).then_some(channels as usize)).collect();
            outputs.push(Tensor { name: IMAGE.into(), shape, data: Data::U8(images.concat()) });
        }
        if wants(ON) {
            if rows > MOST_ON {
                return Err(Failure::bad_input(format!(
                    "output `{ON}` is for at most {MOST_ON} rows, found {rows}"
                )));
            }
            let (version, pixels) = (Arc::clone(version), images.concat());
            let bits = server.work(move || on(version.model(), &pixels)).await?;
            let shape = vec![rows, bits.len() / rows.max(1)];
            outputs.push(Tensor { name: ON.into(), shape, data: Data::U8(bits) });
        }
        Ok(outputs)
    }
}

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

/// Images as the network takes them, and what must be said of some rows.
pub(crate) struct Prepared {
    pub(crate) images: Vec<Vec<u8>>,
    pub(crate) notes: Vec<String>,
}

/// Images of `[rows, height, width]`, or flat, cut into rows. Their numbers are read as those of a file, blank ones are
/// refused, and what else looks wrong is said.
pub(crate) fn pixels(tensor: &Tensor, input: &InputSchema) -> Result<Prepared, Failure> {
    let mut values = check_shape(tensor, input)?.to_vec();
    let of_all = picture::read_arrays(&mut values, input)
        .map_err(|why| bad_image(&format!("input `{IMAGE}`"), &why))?;
    let images: Vec<Vec<u8>> = values.chunks_exact(input.len()).map(<[u8]>::to_vec).collect();
    let (mut faint, mut dark, mut first) = (Vec::new(), Vec::new(), None);
    for (row, image) in images.iter().enumerate() {
        let doubts = Doubts::of(image, input);
        if let Some((least, most)) = doubts.blank {
            let why = picture::Fault::BlankArray { least, most };
            return Err(bad_image(&format!("input `{IMAGE}`, row {row}"), &why));
        }
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

/// Parameters of a response: those of the protocol are plain values, so all notes are one text, and so are the warnings that
/// the images of some models are not like those that were learned from.
pub(crate) fn parameters<'a>(
    notes: &[String],
    rows: impl Iterator<Item = (&'a Model, &'a [u8])>,
) -> Map<String, Value> {
    let mut of_models: BTreeMap<*const Model, (&Model, Vec<&[u8]>)> = BTreeMap::new();
    for (model, image) in rows {
        of_models.entry(model).or_insert((model, Vec::new())).1.push(image);
    }
    let unlike = |(model, images): &(&Model, Vec<&[u8]>)| {
        let (_, learned) = model.header.io.images().ok()?;
        let words = brightness::unlike(images.iter().copied(), learned)?;
        Some(format!("not like the images that `{}` was learned from: {words}", model.header.task.name))
    };
    let mut warnings: Vec<String> = of_models.values().filter_map(unlike).collect();
    warnings.sort_unstable(); // not in the order of places in memory
    if !warnings.is_empty() {
        warnings.push(brightness::HINT.into());
    }
    let text = |name: &str, texts: &[String]| {
        (!texts.is_empty()).then(|| (name.to_owned(), Value::from(texts.join("; "))))
    };
    [text("note", notes), text("warning", &warnings)].into_iter().flatten().collect()
}

/// The values of all rows, if they are images of that form.
pub(crate) fn check_shape<'a>(tensor: &'a Tensor, input: &InputSchema) -> Result<&'a [u8], Failure> {
    let [height, width, channels] = [input.height, input.width, input.channels].map(|n| n as usize);
    let Data::U8(values) = &tensor.data else {
        let found = tensor.data.datatype().name();
        return Err(Failure::bad_input(format!(
            "input `{IMAGE}` has datatype {found}, expected UINT8 (0 to 255)"
        ))
        .hint("fractions from 0 to 1 are multiplied by 255 and rounded"));
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
        let picture = picture::from_bytes(&files[*file], schema).map_err(|why| bad_file(*file, &why))?;
        let note = picture.note.map(|note| format!("row {file}: {note}"));
        let note = note.filter(|note| prepared.notes.len() < NOTED && !prepared.notes.contains(note));
        prepared.notes.extend(note);
        prepared.images.push(picture.pixels);
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

/// What every adapter that classifies images answers; `models` are those of the rows.
///
/// # Shapes
/// - `scores`: `[rows][classes]`
pub(crate) fn answers(scores: &[Vec<f32>], models: &[&Model]) -> Result<Vec<Tensor>, Failure> {
    if scores.iter().flatten().any(|score| !score.is_finite()) {
        let error = "scores are not finite: the adapter's values are too large";
        return Err(Failure::new(StatusCode::UNPROCESSABLE_ENTITY, "not_finite", error));
    }
    let label = |(scores, model): (&Vec<f32>, &&Model)| {
        model.header.task.labels.get(argmax(scores)).map_or(Vec::new(), |label| label.clone().into_bytes())
    };
    let labels = scores.iter().zip(models).map(label).collect();
    let mut outputs = Vec::new();
    let rows = scores.len();
    let classes = models.first().map_or(0, |model| model.outputs());
    if scores.iter().all(|row| row.len() == classes) {
        let probabilities = scores.iter().flat_map(|scores| softmax(scores)).collect();
        let shape = vec![rows, classes];
        outputs.push(Tensor {
            name: "scores".into(),
            shape: shape.clone(),
            data: Data::F32(scores.concat()),
        });
        outputs.push(Tensor { name: "probabilities".into(), shape, data: Data::F32(probabilities) });
    }
    outputs.push(Tensor { name: "label".into(), shape: vec![rows], data: Data::Bytes(labels) });
    Ok(outputs)
}

/// Eight units per byte, the first in the lowest bit.
fn on(model: &Model, pixels: &[u8]) -> Result<Vec<u8>, Failure> {
    let (mlp, half) = model.mlp()?;
    let p = mlp.preactivations(pixels)?;
    let byte = |units: &[bool]| (0..).zip(units).map(|(bit, &on)| u8::from(on) << bit).sum();
    let of_row = |row| {
        let on = mlp.on_units(&p, row, half);
        on.chunks(8).map(byte).collect::<Vec<u8>>()
    };
    Ok((0..p.rows()).flat_map(of_row).collect())
}
