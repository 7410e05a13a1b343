//! Batches whose rows belong to any tasks: one frozen half for each picture and backbone, one adapter half for each
//! question.

use std::collections::HashMap;

use bl_core::{Backbone, Fingerprint, Preactivations};
use rayon::prelude::*;

use crate::error::Error;
use crate::generation::PictureModel;

/// One question: which picture, and who answers.
#[derive(Clone, Copy)]
pub struct Ask<'a> {
    /// Its place among the pictures.
    pub image: usize,
    /// Who answers.
    pub model: &'a PictureModel,
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

    /// Room for `rows` pre-activations of a backbone.
    fn room(
        &mut self,
        backbone: &Backbone,
        rows: usize,
    ) -> Result<(&mut Vec<u8>, &mut Preactivations), Error> {
        let of = backbone.fingerprint();
        let fits = |(fingerprint, p): &(Fingerprint, Preactivations)| *fingerprint == of && p.rows() >= rows;
        if let Some(place) = self.halves.iter().position(fits) {
            self.halves.swap(0, place); // the one used last is forgotten last, nearly
        } else {
            self.halves.retain(|(fingerprint, _)| *fingerprint != of);
            self.halves.truncate(Self::KEPT - 1);
            let p = Preactivations::zeroed(rows.next_power_of_two(), backbone.units())
                .map_err(bl_core::Error::from)?;
            self.halves.insert(0, (of, p));
        }
        Ok((&mut self.pixels, &mut self.halves[0].1))
    }
}

/// The class scores of every question, in their order: `[outputs]` each, the same bits as if it had been asked alone
/// (of a network with one hidden layer).
///
/// # Shapes
/// - `images`: 8-bit pixels, `[inputs]` each, as their adapters take them
pub fn answer(images: &[&[u8]], asks: &[Ask<'_>], scratch: &mut Scratch) -> Result<Vec<Vec<f32>>, Error> {
    check(images, asks)?;
    let mut scores = vec![Vec::new(); asks.len()];
    for group in group(asks) {
        let backbone = group.backbone;
        let (pixels, p) = scratch.room(backbone, group.images.len())?;
        pixels.clear();
        group.images.iter().for_each(|&image| pixels.extend_from_slice(images[image]));
        backbone.preactivations_into(pixels, p, 0)?;
        let p = &*p;
        let answers = group.members.par_iter().map(|member| {
            let scores = backbone.logits_of_rows(p, &member.rows, &member.model.prepared)?;
            Ok(scores.chunks_exact(backbone.outputs()).map(<[f32]>::to_vec).collect())
        });
        let answers: Vec<Vec<Vec<f32>>> = answers.collect::<Result<_, Error>>()?;
        for (member, answers) in group.members.iter().zip(answers) {
            for (&ask, answer) in member.asks.iter().zip(answers) {
                scores[ask] = answer;
            }
        }
    }
    Ok(scores)
}

fn check(images: &[&[u8]], asks: &[Ask<'_>]) -> Result<(), Error> {
    for ask in asks {
        let Some(pixels) = images.get(ask.image) else {
            return Err(Error::NoSuchImage { image: ask.image, images: images.len() });
        };
        let (expected, found) = (ask.model.backbone.spec().input.values(), pixels.len());
        if expected != found {
            let task = ask.model.header.task.name.clone();
            return Err(Error::ImageLength { image: ask.image, task, expected, found });
        }
    }
    Ok(())
}

/// What shares a backbone.
struct Group<'a> {
    backbone: &'a Backbone,
    /// The pictures that are asked about: row i of the frozen half is that of `images[i]`.
    images: Vec<usize>,
    members: Vec<Member<'a>>,
}

/// What shares an adapter.
struct Member<'a> {
    model: &'a PictureModel,
    /// Rows of the frozen half.
    rows: Vec<u32>,
    /// The question that each row answers.
    asks: Vec<usize>,
}

/// Groups in the order of their first question, and so their members and pictures.
fn group<'a>(asks: &[Ask<'a>]) -> Vec<Group<'a>> {
    let mut groups: Vec<Group<'a>> = Vec::new();
    let mut group_of: HashMap<Fingerprint, usize> = HashMap::new();
    let mut member_of: HashMap<*const PictureModel, usize> = HashMap::new();
    let mut row_of: HashMap<(usize, usize), u32> = HashMap::new(); // of a picture in a group
    for (ask, &Ask { image, model }) in asks.iter().enumerate() {
        let place = *group_of.entry(model.backbone.fingerprint()).or_insert_with(|| {
            groups.push(Group { backbone: &model.backbone, images: Vec::new(), members: Vec::new() });
            groups.len() - 1
        });
        let Group { images, members, .. } = &mut groups[place];
        let row = *row_of.entry((place, image)).or_insert_with(|| {
            images.push(image);
            images.len() as u32 - 1
        });
        let member = *member_of.entry(std::ptr::from_ref(model)).or_insert_with(|| {
            members.push(Member { model, rows: Vec::new(), asks: Vec::new() });
            members.len() - 1
        });
        members[member].rows.push(row);
        members[member].asks.push(ask);
    }
    groups
}
