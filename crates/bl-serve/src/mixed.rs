//! Batches whose rows belong to any adapters: `POST /v2/models/mixed/infer`.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use bl_core::Model;
use bl_core::io::InputSchema;
use bl_runtime::{Form, Input, Version};
use bl_tasks::about::does;

use crate::batcher::{Arrival, Questions};
use crate::cost;
use crate::endpoint::{Reserve, TensorMetadata};
use crate::failure::Failure;
use crate::kinds::images::{self, Given, Prepared};
use crate::kinds::texts;
use crate::names::{ADAPTER, IMAGE, MIXED, PICTURE, TEXT};
use crate::protocol::{Data, InferRequest, InferResponse, Tensor};
use crate::server::Server;

/// Shapes depend on the adapters that the rows name.
pub(crate) fn inputs() -> Vec<TensorMetadata> {
    vec![TensorMetadata::new(IMAGE, "UINT8", &[-1, -1, -1]), TensorMetadata::new(ADAPTER, "BYTES", &[-1])]
}

/// As [`inputs`].
pub(crate) fn outputs() -> Vec<TensorMetadata> {
    vec![
        TensorMetadata::new("scores", "FP32", &[-1, -1]),
        TensorMetadata::new("probabilities", "FP32", &[-1, -1]),
        TensorMetadata::new("label", "BYTES", &[-1]),
        TensorMetadata::new("generation", "BYTES", &[-1]),
    ]
}

/// One adapter per row; or one image, and every adapter's answer from one frozen half.
pub(crate) async fn infer(
    server: &Server,
    request: &InferRequest,
    arrival: Arrival,
    reserve: Reserve<'_>,
) -> Result<InferResponse, Failure> {
    request.check_names(&[IMAGE, PICTURE, TEXT, ADAPTER], &[])?;
    let names = request.input(ADAPTER)?.strings()?;
    let names: Vec<Cow<'_, str>> = names.iter().map(|name| String::from_utf8_lossy(name)).collect();
    let versions: Vec<Arc<Version>> =
        names.iter().map(|name| server.version(name, None)).collect::<Result<_, _>>()?;
    let models: Vec<&Model> = versions.iter().map(|version| version.model()).collect();
    server.batcher.check_rows(models.len())?;
    reserve(models.iter().map(|model| cost::row(model, &request.outputs)).fold(0, usize::saturating_add))?;
    let Rows { images, texts, image_of, notes, .. } = if request.optional(TEXT).is_some() {
        of_texts(server, request, &names, &versions, reserve).await?
    } else {
        let inputs = names.iter().zip(&models).map(|(name, model)| input(name, model));
        rows(server, request, &inputs.collect::<Result<Vec<InputSchema>, _>>()?).await?
    };
    let answered =
        models.iter().zip(&image_of).filter_map(|(model, image)| Some((*model, *image.as_ref().ok()?)));
    let seen = answered.filter_map(|(model, image)| Some((model, &**images.get(image)?)));
    let mut parameters = images::parameters(&notes, seen);
    if let Some(words) = unanswered(&names, &image_of) {
        parameters.insert("unanswered".into(), words.into());
    }
    let rows: Vec<_> = image_of
        .iter()
        .zip(&versions)
        .filter_map(|(image, version)| Some((*image.as_ref().ok()?, Arc::clone(version))))
        .collect();
    if rows.is_empty() {
        let first = image_of.into_iter().find_map(Result::err);
        return Err(first.unwrap_or_else(|| Failure::bad_input("there are no rows")));
    }
    let inputs = if images.is_empty() { texts } else { images.into_iter().map(Input::Row).collect() };
    let mut scores = server.batcher.ask(Questions { inputs, rows }, arrival).await?.into_iter();
    let scores: Vec<Option<Vec<f32>>> =
        image_of.iter().map(|image| image.as_ref().ok().and_then(|_| scores.next())).collect();
    let mut outputs = images::answers(&scores, &models)?;
    let ids = versions.iter().map(|version| version.id().short().into_bytes()).collect();
    outputs.push(Tensor { name: "generation".into(), shape: vec![versions.len()], data: Data::Bytes(ids) });
    Ok(InferResponse { model_name: MIXED.into(), model_version: None, parameters, outputs })
}

/// The rows that have no answer, each with its reason, in words.
fn unanswered(names: &[Cow<'_, str>], image_of: &[Result<usize, Failure>]) -> Option<String> {
    const NAMED: usize = 10;
    let faults = image_of.iter().zip(names).enumerate();
    let faults = faults.filter_map(|(row, (image, name))| Some((row, name, image.as_ref().err()?)));
    let count = faults.clone().count();
    let words = faults.map(|(row, name, why)| format!("row {row}, adapter `{name}`: {}", why.error));
    let mut words: Vec<String> = words.take(NAMED).collect();
    words.extend((count > NAMED).then(|| format!("and {} more rows", count - NAMED)));
    (count > 0).then(|| words.join("; "))
}

/// The images that an adapter takes, if it takes some.
fn input(name: &str, model: &Model) -> Result<InputSchema, Failure> {
    let io = &model.header.io;
    io.images().map(|(input, _)| *input).map_err(|_| {
        let does = does(io);
        Failure::bad_input(format!(
            "adapter `{name}` {does}, a mixed batch of images is for those that classify images"
        ))
    })
}

/// The rows of texts: those that are the same in the same form are one.
async fn of_texts(
    server: &Server,
    request: &InferRequest,
    names: &[Cow<'_, str>],
    versions: &[Arc<Version>],
    reserve: Reserve<'_>,
) -> Result<Rows, Failure> {
    if request.optional(IMAGE).is_some() || request.optional(PICTURE).is_some() {
        return Err(Failure::bad_input("there are both texts and images, expected one of them"));
    }
    let form = |(name, model): (&Cow<'_, str>, &&Model)| {
        Form::of(model).map_err(|_| {
            let does = does(&model.header.io);
            Failure::bad_input(format!(
                "adapter `{name}` {does}, a mixed batch of texts is for those that classify texts"
            ))
        })
    };
    let models: Vec<&Model> = versions.iter().map(|version| version.model()).collect();
    let forms: Vec<Form> = names.iter().zip(&models).map(form).collect::<Result<_, _>>()?;
    let together = forms.first().map_or(1, Form::texts);
    if forms.iter().any(|form| form.texts() != together) {
        return Err(Failure::bad_input(
            "some adapters take a text and some a pair of texts, expected one of them",
        ));
    }
    let texts = texts::texts(request, together)?;
    reserve(texts::memory(&texts))?;
    let text_of = image_of_rows(texts.len(), forms.len())?;
    let mut wanted: Vec<(usize, Arc<Version>)> = Vec::new();
    let mut place_of: HashMap<(usize, Form), usize> = HashMap::new();
    let image_of = text_of.into_iter().zip(forms).zip(versions).map(|(of, version)| {
        Ok(*place_of.entry(of).or_insert_with(|| {
            wanted.push((of.0, Arc::clone(version)));
            wanted.len() - 1
        }))
    });
    let image_of = image_of.collect();
    let texts = texts::inputs(server, texts, wanted).await?;
    Ok(Rows { texts, image_of, ..Rows::default() })
}

/// The rows of a request: distinct images, and which of them each row has, or why its adapter cannot use the one it was
/// given.
#[derive(Default)]
struct Rows {
    images: Vec<Vec<u8>>,
    /// Or distinct texts, as networks take them.
    texts: Vec<Input>,
    /// For each image of the request, its places among them: one for each form in which it is another.
    forms: Vec<Vec<usize>>,
    image_of: Vec<Result<usize, Failure>>,
    notes: Vec<String>,
}

async fn rows(server: &Server, request: &InferRequest, inputs: &[InputSchema]) -> Result<Rows, Failure> {
    let mut schemas: Vec<InputSchema> = Vec::new();
    for input in inputs {
        if !schemas.contains(input) {
            schemas.push(*input);
        }
    }
    let schema_of = |row: usize| schemas.iter().position(|schema| *schema == inputs[row]).unwrap_or(0);
    let mut rows = Rows::default();
    match images::given(request)? {
        Given::Files(files) => {
            let file_of = image_of_rows(files.len(), inputs.len())?;
            let mut wanted: Vec<(usize, InputSchema)> = Vec::new();
            for (file, input) in file_of.iter().zip(inputs) {
                if !wanted.contains(&(*file, *input)) {
                    wanted.push((*file, *input));
                }
            }
            let Prepared { images, notes } = images::prepare(server, files, wanted.clone()).await?;
            rows.notes = notes;
            for (file, input) in file_of.into_iter().zip(inputs) {
                let place = wanted.iter().position(|of| *of == (file, *input)).unwrap_or(0); // it is there
                rows.push(file, &images[place]);
            }
        }
        Given::Pixels(tensor) => {
            // Pixels are used as they are: the same for every adapter whose images have that shape.
            let by_schema: Vec<Result<Prepared, Failure>> =
                schemas.iter().map(|schema| images::pixels(tensor, schema)).collect();
            let Some(first) = by_schema.iter().flatten().next() else {
                let first = by_schema.into_iter().find_map(Result::err);
                return Err(first.unwrap_or_else(|| Failure::bad_input("there are no rows")));
            };
            for (row, image) in image_of_rows(first.images.len(), inputs.len())?.into_iter().enumerate() {
                match &by_schema[schema_of(row)] {
                    Ok(prepared) => rows.push(image, &prepared.images[image]),
                    Err(failure) => rows.image_of.push(Err(failure.clone())),
                }
            }
            for note in by_schema.into_iter().flatten().flat_map(|of| of.notes) {
                if !rows.notes.contains(&note) {
                    rows.notes.push(note);
                }
            }
        }
    }
    Ok(rows)
}

impl Rows {
    /// One more row, of an image of the request in one form; forms that are equal are one.
    fn push(&mut self, of_request: usize, image: &Result<Vec<u8>, Failure>) {
        self.forms.resize(self.forms.len().max(of_request + 1), Vec::new());
        let forms = &mut self.forms[of_request];
        let place = image.as_ref().map_err(Clone::clone).map(|pixels| {
            forms.iter().copied().find(|&known| self.images[known] == *pixels).unwrap_or_else(|| {
                self.images.push(pixels.clone());
                forms.push(self.images.len() - 1);
                self.images.len() - 1
            })
        });
        self.image_of.push(place);
    }
}

/// Which image each row has: its own, or the only one.
fn image_of_rows(images: usize, rows: usize) -> Result<Vec<usize>, Failure> {
    match images {
        1 => Ok(vec![0; rows]),
        _ if images == rows => Ok((0..rows).collect()),
        _ => Err(Failure::bad_input(format!(
            "{images} inputs for {rows} adapters, expected one per adapter, or one for all"
        ))),
    }
}
