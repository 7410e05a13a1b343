//! Image classifiers: one image, a file, or one image for many models.

use std::path::Path;

use bl_core::io::InputSchema;
use bl_core::{Fingerprint, Net, Preactivations, argmax, softmax};
use bl_tasks::inputs::{NamedPicture, read};
use bl_tasks::picture::Doubts;

use crate::kinds::CLASSIFIES;
use crate::{Error, Model};

/// The most probable class of an image.
#[derive(Clone, Debug, PartialEq)]
pub struct Prediction {
    /// Its name.
    pub label: String,
    /// From 0 to 1: the softmax of the scores. It says how this class compares with the others, not that the image is of
    /// any of them.
    pub probability: f32,
    /// Its place in [`Model::labels`].
    pub class: usize,
}

impl Model {
    /// The most probable class of one image: 8-bit pixels in the form of the training images, row-major.
    ///
    /// ```no_run
    /// # let pixels = [0; 784];
    /// let model = bias_adapters::Model::load("mnist.safetensors")?;
    /// let top = model.classify(&pixels)?; // 28 × 28 bytes
    /// println!("{} ({:.1} %)", top.label, 100.0 * top.probability);
    /// # Ok::<(), bias_adapters::Error>(())
    /// ```
    ///
    /// # Shapes
    /// - `pixels`: `[height, width, channels]` of [`input`](Self::input), 255 stands for 1.0
    pub fn classify(&self, pixels: &[u8]) -> Result<Prediction, Error> {
        self.one_image(pixels)?;
        Ok(self.prediction(&self.core().scores(pixels)?))
    }

    /// The most probable class of an image in a file: a picture of any size, which is made grey, inverted if its ground is
    /// bright, cropped, scaled and centred like the training images, as `bl-run --input` does. An IDX, NPY or CSV file has
    /// one image of the training images' size, which is inverted likewise, and multiplied by 255 if its values are 0 to 1.
    ///
    /// ```no_run
    /// # let model = bias_adapters::Model::load("mnist.safetensors")?;
    /// let top = model.classify_file("digit.png")?;
    /// # Ok::<(), bias_adapters::Error>(())
    /// ```
    pub fn classify_file(&self, path: impl AsRef<Path>) -> Result<Prediction, Error> {
        let images = self.read_images(&path)?;
        match &*images {
            [image] => self.classify(&image.pixels),
            _ => Err(Error::SeveralImages { path: path.as_ref().to_owned(), found: images.len() }),
        }
    }

    /// The images of a file or of a folder, all of which can be used, each brought to the form of the training images, with what was done to it,
    /// and what was guessed of it ([`NamedPicture::note`]).
    pub fn read_images(&self, path: impl AsRef<Path>) -> Result<Vec<NamedPicture>, Error> {
        Ok(read(path.as_ref(), self.input()?)?.into_iter().collect::<Result<_, _>>()?)
    }

    /// Probabilities of the classes: the softmax of the [`scores`](Self::scores).
    ///
    /// # Shapes
    /// - `images`: `[count, height, width, channels]`
    /// - returns: `[count, classes]`, in the order of [`labels`](Self::labels)
    pub fn probabilities(&self, images: &[u8]) -> Result<Vec<f32>, Error> {
        let scores = self.scores(images)?;
        Ok(scores.chunks_exact(self.labels().len()).flat_map(softmax).collect())
    }

    /// Scores of the classes, as they come out of the network.
    ///
    /// # Shapes
    /// - `images`: `[count, height, width, channels]`
    /// - returns: `[count, classes]`, in the order of [`labels`](Self::labels)
    pub fn scores(&self, images: &[u8]) -> Result<Vec<f32>, Error> {
        let (input, expected, found) = (*self.input()?, self.input()?.len(), images.len());
        if images.is_empty() || !found.is_multiple_of(expected) {
            return Err(Error::ImagesBytes { adapter: self.name().to_owned(), input, expected, found });
        }
        self.not_black(images)?; // decided for all of them, as for a file
        self.scores_of_rows(images)
    }

    /// Scores of 8-bit rows, some at a time: pre-activations take far more room than rows.
    pub(crate) fn scores_of_rows(&self, rows: &[u8]) -> Result<Vec<f32>, Error> {
        const TOGETHER: usize = 1024;
        let net = self.core();
        let mut scores = Vec::with_capacity(rows.len() / net.inputs() * net.outputs());
        for rows in rows.chunks(TOGETHER * net.inputs()) {
            scores.extend(net.scores(rows)?);
        }
        Ok(scores)
    }

    /// The images that go in.
    pub fn input(&self) -> Result<&InputSchema, Error> {
        self.header().io.images().map(|(input, _)| input).map_err(|_| self.other_kind(CLASSIFIES))
    }

    fn one_image(&self, pixels: &[u8]) -> Result<(), Error> {
        let (input, expected, found) = (*self.input()?, self.input()?.len(), pixels.len());
        if found == expected {
            return self.not_black(pixels);
        }
        Err(Error::ImageBytes { adapter: self.name().to_owned(), input, expected, found })
    }

    /// That values of 0 to 1 are not taken for those of 0 to 255.
    fn not_black(&self, pixels: &[u8]) -> Result<(), Error> {
        if Doubts::of(pixels, self.input()?).is_zero_one {
            return Err(Error::ZeroOne { adapter: self.name().to_owned() });
        }
        Ok(())
    }

    pub(crate) fn prediction(&self, scores: &[f32]) -> Prediction {
        let class = argmax(scores);
        Prediction { label: self.labels()[class].clone(), probability: softmax(scores)[class], class }
    }
}

/// What each model says of one image. The frozen half `B x` is computed once for each backbone, and then one adapter half
/// for each model: ten tasks cost little more than one.
///
/// ```
/// use bias_adapters::{Model, classify_all};
///
/// let models = Model::load_all(["../../adapters/mnist.safetensors", "../../adapters/kmnist.safetensors"])?;
/// let pixels = [0; 28 * 28];
/// assert_eq!(classify_all(&models, &pixels)?[1], models[1].classify(&pixels)?);
/// # Ok::<(), bias_adapters::Error>(())
/// ```
///
/// # Shapes
/// - `pixels`: `[height, width, channels]`, the same for all models
/// - returns: `[models]`
pub fn classify_all<'a>(
    models: impl IntoIterator<Item = &'a Model>,
    pixels: &[u8],
) -> Result<Vec<Prediction>, Error> {
    let mut halves: Vec<(Fingerprint, Preactivations)> = Vec::new();
    let predict = |model: &Model| {
        model.one_image(pixels)?;
        let (mlp, adapter) = model.core().mlp()?;
        let backbone = model.backbone().fingerprint();
        let known = halves.iter().position(|(known, _)| *known == backbone);
        if known.is_none() {
            halves.push((backbone, mlp.preactivations(pixels)?));
        }
        let (_, p) = &halves[known.unwrap_or(halves.len() - 1)];
        Ok(model.prediction(&mlp.logits(p, 0..1, adapter)?))
    };
    models.into_iter().map(predict).collect()
}
