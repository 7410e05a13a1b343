//! A network's frozen weights, shared by every task.

mod file;

use std::borrow::Cow;

use bl_kernels::Isa;

use crate::error::Error;
use crate::fingerprint::{Fingerprint, Hasher};
use crate::lattice::Lattice;
use crate::network::{Mlp, Network, Rnn};
use crate::spec::{MlpSpec, RnnSpec, Spec};

/// Frozen random weights. Nothing changes them once they are made.
pub struct Backbone {
    spec: Spec,
    fingerprint: Fingerprint,
    network: Network,
}

impl Backbone {
    /// Draws every weight from the spec: the same bits on every platform. A spec that needs more memory than
    /// [`limit`](crate::memory::limit) is an error before any is taken.
    pub fn generate(spec: &Spec) -> Result<Self, Error> {
        spec.validate()?;
        spec.check_memory()?;
        let matrices = spec.family().matrices();
        Self::from_matrices(spec, matrices.iter().map(|plan| plan.draw(spec.seed())).collect(), None)
    }

    /// Puts a backbone together from its matrices, generated or read from a file.
    /// `expected` is what a file says of them: that is compared first, for what is wrong in them follows from it.
    fn from_matrices(
        spec: &Spec,
        matrices: Vec<Lattice>,
        expected: Option<Fingerprint>,
    ) -> Result<Self, Error> {
        let mut hasher = Hasher::new(spec)?;
        for matrix in &matrices {
            hasher.add(matrix);
        }
        let fingerprint = hasher.finish();
        if let Some(expected) = expected.filter(|expected| *expected != fingerprint) {
            return Err(Error::BackboneContent { expected, found: fingerprint });
        }
        Ok(Self { spec: spec.clone(), fingerprint, network: spec.family().build(matrices)? })
    }

    /// The same backbone computing with another instruction set, for tests and benchmarks.
    #[must_use]
    pub fn with_isa(mut self, isa: Isa) -> Self {
        self.network.frozen_mut().set_isa(isa);
        self
    }

    /// What the weights were generated from.
    pub fn spec(&self) -> &Spec {
        &self.spec
    }

    /// What identifies the weights.
    pub fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    /// The instruction set it computes with.
    pub fn isa(&self) -> Isa {
        self.network.frozen().isa()
    }

    /// Weight matrices by name, in the order of the fingerprint.
    pub fn matrices(&self) -> Vec<(String, Cow<'_, Lattice>)> {
        let names = self.spec.family().matrices().into_iter().map(|plan| plan.name);
        names.zip(self.network.frozen().matrices()).collect()
    }

    /// The feed-forward network; another family is an error.
    pub fn mlp(&self) -> Result<&Mlp, Error> {
        let Network::Mlp(mlp) = &self.network else {
            return Err(Error::Family { expected: MlpSpec::FAMILY, found: self.spec.family_name() });
        };
        Ok(mlp)
    }

    /// The pretrained encoder and its readout; another family is an error.
    #[cfg(feature = "bert")]
    pub fn bert(&self) -> Result<&crate::network::Bert, Error> {
        let Network::Bert(bert) = &self.network else {
            return Err(Error::Family {
                expected: crate::spec::BertSpec::FAMILY,
                found: self.spec.family_name(),
            });
        };
        Ok(bert)
    }

    /// The recurrent network; another family is an error.
    pub fn rnn(&self) -> Result<&Rnn, Error> {
        let Network::Rnn(rnn) = &self.network else {
            return Err(Error::Family { expected: RnnSpec::FAMILY, found: self.spec.family_name() });
        };
        Ok(rnn)
    }

    pub(crate) fn network(&self) -> &Network {
        &self.network
    }
}
