//! The backbones of all that is loaded: adapters with the same fingerprint share one.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Weak};

use bl_core::header::BackboneRef;
use bl_core::{Backbone, Fingerprint, Spec, memory};
use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::error::Error;
use crate::registry::Limits;

/// A backbone lives as long as a version that runs on it.
pub(crate) struct Backbones {
    known: HashMap<Fingerprint, Weak<Backbone>>,
    /// Where they are generated: batches would wait in the queues of threads that they shared. None if the system gives no
    /// more threads.
    threads: Option<ThreadPool>,
}

impl Default for Backbones {
    fn default() -> Self {
        let threads = ThreadPoolBuilder::new().thread_name(|_| "backbone".into()).build().ok();
        Self { known: HashMap::new(), threads }
    }
}

impl Backbones {
    /// The backbone that a header names, generated if no other adapter has it and the limits allow one more.
    pub(crate) fn get(&mut self, stated: &BackboneRef, limits: &Limits) -> Result<Arc<Backbone>, Error> {
        if let Some(backbone) = self.known.get(&stated.fingerprint).and_then(Weak::upgrade) {
            return Ok(backbone);
        }
        self.make_room(&stated.spec, limits)?;
        let backbone = Arc::new(self.generate(&stated.spec)?);
        let (expected, found) = (stated.fingerprint, backbone.fingerprint());
        if expected != found {
            return Err(Error::Regenerated { expected, found }); // a spec from a file may state any fingerprint
        }
        self.insert(&backbone);
        Ok(backbone)
    }

    /// Makes a backbone known that was made elsewhere.
    pub(crate) fn insert(&mut self, backbone: &Arc<Backbone>) {
        self.known.insert(backbone.fingerprint(), Arc::downgrade(backbone));
    }

    fn generate(&self, spec: &Spec) -> Result<Backbone, bl_core::Error> {
        match &self.threads {
            Some(threads) => threads.install(|| Backbone::generate(spec)),
            None => Backbone::generate(spec),
        }
    }

    /// Forgets those that nobody has any more, and counts the others' weights and memory.
    fn make_room(&mut self, more: &Spec, limits: &Limits) -> Result<(), Error> {
        more.check_memory()?; // one that never fits is not told to wait for room
        self.known.retain(|_, backbone| backbone.strong_count() > 0);
        let others: Vec<Arc<Backbone>> = self.known.values().filter_map(Weak::upgrade).collect();
        let (weights, bytes) = together(others.iter().map(|backbone| backbone.spec()), more);
        if weights > limits.backbone_weights {
            return Err(Error::TooManyWeights { found: weights, max: limits.backbone_weights });
        }
        let max = memory::limit();
        if bytes > max { Err(Error::TooMuchMemory { found: bytes, max }) } else { Ok(()) }
    }
}

/// Weights and memory of some backbones, and of one more while it is made. All backbones of an encoder share one copy of it.
fn together<'a>(others: impl Iterator<Item = &'a Spec>, more: &'a Spec) -> (usize, u64) {
    let mut encoders = HashSet::new();
    let kept = others.map(|spec| (spec, spec.cost().kept));
    kept.chain([(more, more.cost().peak)]).fold((0_usize, 0_u64), |sum, (spec, bytes)| {
        let (weights, bytes) = match spec.bert() {
            Ok(bert) if !encoders.insert((bert.encoder, bert.tokenizer)) => (
                spec.frozen_weights().saturating_sub(bert.config.weights()),
                spec.cost().kept.saturating_sub(bert.config.bytes()),
            ),
            _ => (spec.frozen_weights(), bytes),
        };
        (sum.0.saturating_add(weights), sum.1.saturating_add(bytes))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of the tiny encoder, or of another with its sizes.
    fn encoder(which: char, outputs: usize) -> Spec {
        let digest = format!("sha256:{}", which.to_string().repeat(64));
        let config = bl_core::pretrained::tiny::config();
        let spec = serde_json::json!({
            "kind": "bert", "seed": 1, "encoder": digest, "tokenizer": digest, "config": config,
            "readout": { "outputs": outputs, "weights": { "distribution": "normal", "std": 0.3 } }
        });
        serde_json::from_value(spec).unwrap()
    }

    #[test]
    fn an_encoder_is_counted_once_whatever_the_number_of_its_backbones() {
        let one = encoder('1', 2);
        let (all, size) = (one.bert().unwrap().config.weights(), one.bert().unwrap().head().1);
        for (others, more, copies, outputs) in [
            (vec![], ('1', 2), 1, 2),
            (vec![('1', 2)], ('1', 3), 1, 5),
            (vec![('1', 2), ('1', 3), ('1', 5)], ('1', 7), 1, 17),
            (vec![('1', 2)], ('2', 2), 2, 4),
            (vec![('1', 2), ('2', 2), ('1', 9)], ('2', 3), 2, 16),
        ] {
            let specs: Vec<Spec> = others.iter().map(|&(which, outputs)| encoder(which, outputs)).collect();
            let more = encoder(more.0, more.1);
            let (weights, bytes) = together(specs.iter(), &more);
            assert_eq!(weights, copies * all + outputs * size, "{others:?}");
            let expected = copies as u64 * one.bert().unwrap().config.bytes();
            let is_new =
                specs.iter().all(|spec| spec.bert().unwrap().encoder != more.bert().unwrap().encoder);
            let made = if is_new { one.bert().unwrap().config.bytes() } else { 0 }; // its files are read
            assert!((expected + made..expected + made + 20_000).contains(&bytes), "{others:?}: {bytes}");
        }
    }
}
