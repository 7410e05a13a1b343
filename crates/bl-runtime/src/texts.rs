//! Batches of inputs of any kind: rows go through random networks, tokens through pretrained encoders, each encoder once whatever the
//! tasks are (its matrices are the same for all texts, only the added biases differ).

use std::collections::HashMap;

use bl_core::io::TextSchema;
use bl_core::pretrained::Tokens;
use bl_core::{Bert, BertHalf, Fingerprint, Model};

use crate::batch::{Query, Scratch, predict_batch};
use crate::error::Error;

/// What an adapter is asked about, as its network takes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// 8-bit values.
    Row(Vec<u8>),
    /// A text, or a pair of texts, for a pretrained encoder.
    Tokens(Tokens),
}

/// What texts become: the same for all adapters of which this is equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Form {
    schema: TextSchema,
    /// Of an encoder.
    tokenizer: Option<Fingerprint>,
}

impl Form {
    /// What an adapter makes of texts; an error if it takes none.
    pub fn of(model: &Model) -> Result<Self, Error> {
        let schema = *model.header.io.text()?;
        Ok(Self { schema, tokenizer: model.backbone.spec().bert().ok().map(|spec| spec.tokenizer) })
    }

    /// Texts that go together: 1, or 2 for pairs.
    pub fn texts(&self) -> usize {
        self.schema.texts()
    }
}

impl Input {
    /// The 8-bit values, if it is a row.
    fn row(&self) -> &[u8] {
        if let Self::Row(row) = self { row } else { &[] }
    }

    /// A text, or a pair of texts, as an adapter takes it.
    ///
    /// # Errors
    /// If there are more or fewer texts, or nothing in them that the adapter knows of.
    pub fn of_texts(model: &Model, texts: &[String]) -> Result<Self, Error> {
        let schema = model.header.io.text()?;
        Ok(match schema {
            TextSchema::Ngrams(_) => Self::Row(schema.row(texts)?),
            TextSchema::Tokens(tokens) => {
                schema.check_count(texts.len())?;
                Self::Tokens(model.bert()?.0.tokens(texts, tokens.longest as usize)?)
            }
        })
    }
}

/// The class scores of every query, in their order: `[outputs]` each.
pub fn predict(
    inputs: &[&Input],
    queries: &[Query<'_>],
    scratch: &mut Scratch,
) -> Result<Vec<Vec<f32>>, Error> {
    let rows: Vec<&[u8]> = inputs.iter().map(|input| input.row()).collect();
    let mut scores = vec![Vec::new(); queries.len()];
    let mut groups: Vec<Group<'_>> = Vec::new();
    let mut group_of: HashMap<(Fingerprint, Fingerprint), usize> = HashMap::new();
    let (mut of_rows, mut places) = (Vec::new(), Vec::new());
    for (place, query) in queries.iter().enumerate() {
        let Some(Input::Tokens(tokens)) = inputs.get(query.image) else {
            of_rows.push(*query);
            places.push(place);
            continue;
        };
        let ((bert, half), spec) = (query.model.bert()?, query.model.backbone.spec().bert()?);
        let group = *group_of.entry((spec.encoder, spec.tokenizer)).or_insert_with(|| {
            groups.push(Group { bert, places: Vec::new(), texts: Vec::new() });
            groups.len() - 1
        });
        groups[group].places.push(place);
        groups[group].texts.push((tokens, half));
    }
    if !of_rows.is_empty() {
        for (place, answer) in places.into_iter().zip(predict_batch(&rows, &of_rows, scratch)?) {
            scores[place] = answer;
        }
    }
    for Group { bert, places, texts } in groups {
        for (place, answer) in places.into_iter().zip(bert.scores(&texts)?) {
            scores[place] = answer;
        }
    }
    Ok(scores)
}

/// What shares an encoder.
struct Group<'a> {
    bert: &'a Bert,
    /// Of the queries.
    places: Vec<usize>,
    texts: Vec<(&'a Tokens, &'a BertHalf)>,
}
