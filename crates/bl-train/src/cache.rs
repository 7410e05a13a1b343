//! The frozen half of the training set: computed once and kept, or again for each batch.

use std::ops::ControlFlow;

use bl_core::{Mlp, Preactivations};
use serde::Serialize;

use crate::augment::Augment;
use crate::error::Error;
use crate::memory;

/// Whether the pre-activations of the training set are cached or recomputed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CacheMode {
    /// All of them kept in memory.
    Cached,
    /// Computed again for each batch: slower, the same results to the bit.
    Recomputed,
    /// Not at all: a fully trained network has no frozen half.
    None,
}

/// The pre-activations of the training set.
pub(crate) enum Cache<'a> {
    Full(Preactivations),
    /// Of every image and, in the second half, of its mirror image.
    Mirrored {
        p: Preactivations,
        labels: Vec<u8>,
        augment: Augment,
    },
    Recompute {
        images: &'a [u8],
        pixels: Vec<u8>,
        batch: Preactivations,
        labels: Vec<u8>,
        augment: Option<Augment>,
    },
}

/// A batch as the kernels take it: rows of `p`, and a label for each row of `p`.
pub(crate) struct Batch<'a> {
    pub(crate) p: &'a Preactivations,
    pub(crate) rows: Vec<u32>,
    pub(crate) labels: &'a [u8],
}

/// What may be used for the cache when the user does not say: what is free, less a margin for the rest
/// of the run and for everyone else.
pub fn default_budget() -> u64 {
    const MARGIN: u64 = 1 << 30;
    const UNKNOWN: u64 = 3 << 30; // a guess that suits most machines of today
    let free = memory::available().unwrap_or(UNKNOWN);
    free.saturating_sub(MARGIN.max(free / 10))
}

impl<'a> Cache<'a> {
    /// Fills the cache if it fits into `budget` bytes and images are the same in every epoch, or the same but mirrored.
    /// `progress` gets the share done.
    pub(crate) fn new(
        mlp: &Mlp,
        images: &'a [u8],
        augment: Option<Augment>,
        batch_size: usize,
        budget: u64,
        progress: &mut dyn FnMut(f64) -> ControlFlow<()>,
    ) -> Result<ControlFlow<(), Self>, Error> {
        const TOGETHER: usize = 4096; // images between two reports of progress
        let inputs = mlp.inputs();
        let (rows, units) = (images.len() / inputs, mlp.units());
        let kept = if augment.is_some() { 2 * rows } else { rows };
        let full = Preactivations::bytes(kept, units) as u64;
        if full > budget || augment.is_some_and(|augment| augment.moves()) {
            let needed = Preactivations::bytes(batch_size.min(rows), units) as u64;
            if needed > budget {
                return Err(Error::NoMemoryForBatch { needed, budget });
            }
            let batch = Preactivations::zeroed(batch_size.min(rows), units).map_err(bl_core::Error::from)?;
            let (pixels, labels) = (Vec::new(), Vec::new());
            return Ok(ControlFlow::Continue(Self::Recompute { images, pixels, batch, labels, augment }));
        }
        let mut p = Preactivations::zeroed(kept, units).map_err(bl_core::Error::from)?;
        let mut mirrored = Vec::new();
        for (chunk, images) in images.chunks(TOGETHER * inputs).enumerate() {
            mlp.preactivations_into(images, &mut p, chunk * TOGETHER)?;
            if let Some(augment) = augment {
                mirrored.clear();
                mirrored.extend_from_slice(images);
                augment.flip(&mut mirrored);
                mlp.preactivations_into(&mirrored, &mut p, rows + chunk * TOGETHER)?;
            }
            let done = (chunk * TOGETHER + images.len() / inputs) as f64 / rows as f64;
            if progress(done).is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(match augment {
            Some(augment) => Self::Mirrored { p, labels: Vec::new(), augment },
            None => Self::Full(p),
        }))
    }

    /// The pre-activations alone, if they are all here and as they are.
    pub(crate) fn into_full(self) -> Option<Preactivations> {
        if let Self::Full(p) = self { Some(p) } else { None }
    }

    pub(crate) fn mode(&self) -> CacheMode {
        match self {
            Self::Full(_) | Self::Mirrored { .. } => CacheMode::Cached,
            Self::Recompute { .. } => CacheMode::Recomputed,
        }
    }

    /// Bytes of pre-activations held.
    pub(crate) fn bytes(&self) -> u64 {
        let (Self::Full(p) | Self::Mirrored { p, .. } | Self::Recompute { batch: p, .. }) = self;
        Preactivations::bytes(p.rows(), p.units()) as u64
    }

    /// The pre-activations of some rows of the training set, at most a batch; varied as in `epoch`, if one is stated.
    pub(crate) fn batch<'b>(
        &'b mut self,
        mlp: &Mlp,
        rows: &[u32],
        all_labels: &'b [u8],
        epoch: Option<u32>,
    ) -> Result<Batch<'b>, Error> {
        match self {
            Self::Full(p) => Ok(Batch { p, rows: rows.to_vec(), labels: all_labels }),
            Self::Mirrored { p, labels, augment } => {
                if labels.is_empty() {
                    labels.extend_from_slice(all_labels);
                    labels.extend_from_slice(all_labels);
                }
                let second = all_labels.len() as u32;
                let is_flipped = |row| epoch.is_some_and(|epoch| augment.is_flipped(row, epoch));
                let side = |&row: &u32| if is_flipped(row) { row + second } else { row };
                Ok(Batch { p, rows: rows.iter().map(side).collect(), labels })
            }
            Self::Recompute { images, pixels, batch, labels, augment } => {
                let inputs = mlp.inputs();
                pixels.clear();
                labels.clear();
                for &row in rows {
                    pixels.extend_from_slice(&images[row as usize * inputs..][..inputs]);
                    labels.push(all_labels[row as usize]);
                }
                if let Some((augment, epoch)) = augment.zip(epoch) {
                    augment.apply(pixels, rows, epoch);
                }
                mlp.preactivations_into(pixels, batch, 0)?;
                labels.resize(batch.rows(), 0); // rows past the batch are not asked for
                Ok(Batch { p: batch, rows: (0..rows.len() as u32).collect(), labels })
            }
        }
    }
}
