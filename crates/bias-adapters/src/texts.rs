//! Classifiers of texts.

use bl_core::io::TextSchema;
use bl_core::softmax;

use crate::kinds::READS;
use crate::{Error, Model, Prediction};

impl Model {
    /// The most probable class of a text.
    ///
    /// ```no_run
    /// let model = bias_adapters::Model::load("snips.safetensors")?;
    /// assert_eq!(model.classify_text("play some jazz")?.label, "PlayMusic");
    /// # Ok::<(), bias_adapters::Error>(())
    /// ```
    ///
    /// # Errors
    /// If there is no word in the text, or the adapter is for pairs of texts or no texts at all.
    pub fn classify_text(&self, text: &str) -> Result<Prediction, Error> {
        Ok(self.prediction(&self.text_scores(&[[text]])?))
    }

    /// The most probable class of a pair of texts.
    pub fn classify_pair(&self, first: &str, second: &str) -> Result<Prediction, Error> {
        Ok(self.prediction(&self.text_scores(&[[first, second]])?))
    }

    /// Probabilities of the classes: the softmax of the [`text_scores`](Self::text_scores).
    ///
    /// # Shapes
    /// - `texts`: `[count][1]`, or `[count][2]` for pairs
    /// - returns: `[count, classes]`, in the order of [`labels`](Self::labels)
    pub fn text_probabilities<'a>(&self, texts: &[impl AsRef<[&'a str]>]) -> Result<Vec<f32>, Error> {
        let scores = self.text_scores(texts)?;
        Ok(scores.chunks_exact(self.labels().len()).flat_map(softmax).collect())
    }

    /// Scores of the classes, as they come out of the network.
    ///
    /// # Shapes
    /// - `texts`: `[count][1]`, or `[count][2]` for pairs
    /// - returns: `[count, classes]`, in the order of [`labels`](Self::labels)
    pub fn text_scores<'a>(&self, texts: &[impl AsRef<[&'a str]>]) -> Result<Vec<f32>, Error> {
        let schema = self.text_input()?;
        if let TextSchema::Ngrams(_) = schema {
            let rows: Vec<Vec<u8>> =
                texts.iter().map(|texts| schema.row(texts.as_ref())).collect::<Result<_, _>>()?;
            return self.scores_of_rows(&rows.concat());
        }
        self.encoded_scores(schema, texts)
    }

    #[cfg(feature = "bert")]
    fn encoded_scores<'a>(
        &self,
        schema: &TextSchema,
        texts: &[impl AsRef<[&'a str]>],
    ) -> Result<Vec<f32>, Error> {
        let (bert, half) = self.core().bert()?;
        let mut tokens = Vec::new();
        for texts in texts {
            schema.check_count(texts.as_ref().len())?;
            tokens.push(bert.tokens(texts.as_ref(), half.longest())?);
        }
        let texts: Vec<_> = tokens.iter().map(|tokens| (tokens, half)).collect();
        Ok(bert.scores(&texts)?.concat())
    }

    #[cfg(not(feature = "bert"))]
    fn encoded_scores<'a>(&self, _: &TextSchema, _: &[impl AsRef<[&'a str]>]) -> Result<Vec<f32>, Error> {
        Err(bl_core::Error::NoEncoders.into())
    }

    /// How texts become the rows or the tokens that go in.
    pub fn text_input(&self) -> Result<&TextSchema, Error> {
        self.header().io.text().map_err(|_| self.other_kind(READS))
    }
}
