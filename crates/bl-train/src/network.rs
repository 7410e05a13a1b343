//! A fully trained network, the baseline of every adapter.

pub(crate) mod mlp;
pub(crate) mod rnn;

use bl_core::{Io, MlpSpec, Net, RnnSpec, Spec};

use crate::error::Error;
use mlp::MlpNetwork;
use rnn::RnnNetwork;

/// A network whose weights are its own, of one of the families.
#[derive(Clone, Debug, PartialEq)]
pub enum FullNetwork {
    /// Feed-forward.
    Mlp(MlpNetwork),
    /// Recurrent.
    Rnn(RnnNetwork),
}

impl From<MlpNetwork> for FullNetwork {
    fn from(network: MlpNetwork) -> Self {
        Self::Mlp(network)
    }
}

impl From<RnnNetwork> for FullNetwork {
    fn from(network: RnnNetwork) -> Self {
        Self::Rnn(network)
    }
}

/// Names, shapes and values of parameters.
pub(crate) type Named<'a> = Vec<(String, Vec<usize>, &'a [f32])>;

/// What a family's network says of itself.
pub(crate) trait Whole: Net {
    /// The architecture.
    fn architecture(&self) -> Spec;
    /// In the order of [`FullNetwork::shapes`].
    fn named(&self) -> Named<'_>;
    /// Number of parameters, the first state not counted.
    fn count(&self) -> usize;
}

impl FullNetwork {
    /// Names and shapes of the parameters of an architecture, and of the state it starts from.
    pub(crate) fn shapes(spec: &Spec) -> Vec<(String, Vec<usize>)> {
        match spec {
            Spec::Mlp(spec) => MlpNetwork::shapes(spec),
            Spec::Rnn(spec) => RnnNetwork::shapes(spec),
            Spec::Bert(_) => Vec::new(),
        }
    }

    /// A network of parameters in the order of [`Self::shapes`].
    pub(crate) fn new(spec: &Spec, io: &Io, mut parameters: Vec<Vec<f32>>) -> Result<Self, Error> {
        Ok(match spec {
            Spec::Mlp(spec) => MlpNetwork::new(spec.clone(), io.rows()?.1, parameters).into(),
            Spec::Rnn(spec) => {
                let initial = parameters.pop().unwrap_or_default();
                RnnNetwork::new(spec.clone(), parameters, initial).into()
            }
            Spec::Bert(_) => return Err(Error::NoFullEncoder),
        })
    }

    fn whole(&self) -> &dyn Whole {
        match self {
            Self::Mlp(network) => network,
            Self::Rnn(network) => network,
        }
    }

    /// The architecture.
    pub fn spec(&self) -> Spec {
        self.whole().architecture()
    }

    /// The network to run.
    pub fn net(&self) -> &dyn Net {
        self.whole()
    }

    /// In the order of [`Self::shapes`].
    pub(crate) fn named(&self) -> Named<'_> {
        self.whole().named()
    }

    /// Number of parameters, the first state not counted.
    pub fn parameter_count(&self) -> usize {
        self.whole().count()
    }

    /// The feed-forward network; another family is an error.
    pub fn mlp(&self) -> Result<&MlpNetwork, Error> {
        let Self::Mlp(network) = self else {
            let (expected, found) = (MlpSpec::FAMILY, self.net().family());
            return Err(bl_core::Error::Family { expected, found }.into());
        };
        Ok(network)
    }

    /// The recurrent network; another family is an error.
    pub fn rnn(&self) -> Result<&RnnNetwork, Error> {
        let Self::Rnn(network) = self else {
            let (expected, found) = (RnnSpec::FAMILY, self.net().family());
            return Err(bl_core::Error::Family { expected, found }.into());
        };
        Ok(network)
    }
}
