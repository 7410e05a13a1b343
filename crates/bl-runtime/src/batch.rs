//! Batches whose rows belong to any tasks: one frozen half for each image and backbone, one adapter half for each query.
//! They stay on feed-forward networks: only there is a frozen half to share.

use std::collections::HashMap;

use bl_core::{Fingerprint, Mlp, Model, Preactivations, Prepared};
use rayon::prelude::*;

use crate::error::Error;

/// One question: which image, and which adapter answers.
#[derive(Clone, Copy)]
pub struct Query<'a> {
    /// Index of the image.
    pub image: usize,
    /// The adapter, of a feed-forward network.
    pub model: &'a Model,
}

/// Room that is kept from batch to batch, so that large ones do not ask the system for memory each time.
#[derive(Default)]
pub struct Scratch {
    pixels: Vec<u8>,
    halves: Vec<(Fingerprint, Preactivations)>,
}

impl Scratch {
    /// Backbones whose room is kept.
    const KEPT: usize = 4;
    /// Bytes of a room that is kept; a larger one is given back after its batch.
    const MOST_KEPT: usize = 64 << 20;

    /// Gives back what only an unusual batch needs.
    fn tidy(&mut self) {
        self.halves.retain(|(_, p)| Preactivations::bytes(p.rows(), p.units()) <= Self::MOST_KEPT);
        if self.pixels.capacity() > Self::MOST_KEPT {
            self.pixels = Vec::new();
        }
    }

    /// Room for `rows` pre-activations of a backbone.
    fn room(
        &mut self,
        of: Fingerprint,
        mlp: &Mlp,
        rows: usize,
    ) -> Result<(&mut Vec<u8>, &mut Preactivations), Error> {
        let fits = |(fingerprint, p): &(Fingerprint, Preactivations)| *fingerprint == of && p.rows() >= rows;
        if let Some(place) = self.halves.iter().position(fits) {
            self.halves.swap(0, place); // the one used last is forgotten last, nearly
        } else {
            self.halves.retain(|(fingerprint, _)| *fingerprint != of);
            self.halves.truncate(Self::KEPT - 1);
            let more = rows.next_power_of_two();
            let is_small = Preactivations::bytes(more, mlp.units()) <= Self::MOST_KEPT;
            let p = Preactivations::zeroed(if is_small { more } else { rows }, mlp.units())
                .map_err(bl_core::Error::from)?;
            self.halves.insert(0, (of, p));
        }
        Ok((&mut self.pixels, &mut self.halves[0].1))
    }
}

/// The class scores of every query, in their order: `[outputs]` each, the same bits as if it had been asked alone (of a
/// network with one hidden layer).
///
/// # Shapes
/// - `images`: 8-bit pixels, `[inputs]` each, as their adapters take them
pub fn predict_batch(
    images: &[&[u8]],
    queries: &[Query<'_>],
    scratch: &mut Scratch,
) -> Result<Vec<Vec<f32>>, Error> {
    let mut scores = vec![Vec::new(); queries.len()];
    for group in group(images, queries)? {
        let mlp = group.mlp;
        let (pixels, p) = scratch.room(group.fingerprint, mlp, group.images.len())?;
        pixels.clear();
        group.images.iter().for_each(|&image| pixels.extend_from_slice(images[image]));
        mlp.preactivations_into(pixels, p, 0)?;
        let p = &*p;
        let answers = group.members.par_iter().map(|member| {
            let scores = mlp.logits_of_rows(p, &member.rows, member.half)?;
            Ok(scores.chunks_exact(mlp.outputs()).map(<[f32]>::to_vec).collect())
        });
        let answers: Vec<Vec<Vec<f32>>> = answers.collect::<Result<_, Error>>()?;
        for (member, answers) in group.members.iter().zip(answers) {
            for (&query, answer) in member.queries.iter().zip(answers) {
                scores[query] = answer;
            }
        }
    }
    scratch.tidy();
    Ok(scores)
}

/// The network and the half that answer, if the image is one of theirs.
fn checked<'a>(images: &[&[u8]], query: &Query<'a>) -> Result<(&'a Mlp, &'a Prepared), Error> {
    let Query { image, model } = *query;
    let (mlp, half) = model.mlp()?;
    let Some(pixels) = images.get(image) else {
        return Err(Error::NoSuchImage { image, images: images.len() });
    };
    let (expected, found) = (mlp.inputs(), pixels.len());
    if expected != found {
        return Err(Error::ImageLength { image, task: model.header.task.name.clone(), expected, found });
    }
    Ok((mlp, half))
}

/// What shares a backbone.
struct Group<'a> {
    fingerprint: Fingerprint,
    mlp: &'a Mlp,
    /// The images that are asked about: row i of the frozen half is that of `images[i]`.
    images: Vec<usize>,
    members: Vec<Member<'a>>,
}

/// What shares an adapter.
struct Member<'a> {
    half: &'a Prepared,
    /// Rows of the frozen half.
    rows: Vec<u32>,
    /// The query that each row answers.
    queries: Vec<usize>,
}

/// Groups in the order of their first query, and so their members and images.
fn group<'a>(images: &[&[u8]], queries: &[Query<'a>]) -> Result<Vec<Group<'a>>, Error> {
    let mut groups: Vec<Group<'a>> = Vec::new();
    let mut group_of: HashMap<Fingerprint, usize> = HashMap::new();
    let mut member_of: HashMap<*const Prepared, usize> = HashMap::new();
    let mut row_of: HashMap<(usize, usize), u32> = HashMap::new(); // of an image in a group
    for (nth, query) in queries.iter().enumerate() {
        let (mlp, half) = checked(images, query)?;
        let fingerprint = query.model.backbone.fingerprint();
        let place = *group_of.entry(fingerprint).or_insert_with(|| {
            groups.push(Group { fingerprint, mlp, images: Vec::new(), members: Vec::new() });
            groups.len() - 1
        });
        let Group { images, members, .. } = &mut groups[place];
        let row = *row_of.entry((place, query.image)).or_insert_with(|| {
            images.push(query.image);
            images.len() as u32 - 1
        });
        let member = *member_of.entry(std::ptr::from_ref(half)).or_insert_with(|| {
            members.push(Member { half, rows: Vec::new(), queries: Vec::new() });
            members.len() - 1
        });
        members[member].rows.push(row);
        members[member].queries.push(nth);
    }
    Ok(groups)
}
