//! A fully trained network, the baseline of every adapter.

pub(crate) mod mlp;
pub(crate) mod rnn;

use bl_core::{Io, Net, Spec};

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

impl FullNetwork {
    /// Names and shapes of the parameters of an architecture, and of the state it starts from.
    pub(crate) fn shapes(spec: &Spec) -> Vec<(String, Vec<usize>)> {
        match spec {
            Spec::Mlp(spec) => MlpNetwork::shapes(spec),
            Spec::Rnn(spec) => RnnNetwork::shapes(spec),
        }
    }

    /// A network of parameters in the order of [`Self::shapes`].
    pub(crate) fn new(spec: &Spec, io: &Io, mut parameters: Vec<Vec<f32>>) -> Result<Self, Error> {
        Ok(match spec {
            Spec::Mlp(spec) => MlpNetwork::new(spec.clone(), io.images()?.1, parameters).into(),
            Spec::Rnn(spec) => {
                let initial = parameters.pop().unwrap_or_default();
                RnnNetwork::new(spec.clone(), parameters, initial).into()
            }
        })
    }

    /// The architecture.
    pub fn spec(&self) -> Spec {
        match self {
            Self::Mlp(network) => network.spec().clone().into(),
            Self::Rnn(network) => network.spec().clone().into(),
        }
    }

    /// The network to run.
    pub fn net(&self) -> &dyn Net {
        match self {
            Self::Mlp(network) => network,
            Self::Rnn(network) => network,
        }
    }

    /// In the order of [`Self::shapes`].
    pub(crate) fn named(&self) -> Named<'_> {
        match self {
            Self::Mlp(network) => network.parameters().collect(),
            Self::Rnn(network) => {
                let initial = network.initial_state();
                let state = ("state.0".to_owned(), vec![initial.len()], initial);
                network.parameters().chain([state]).collect()
            }
        }
    }

    /// Number of parameters, the first state not counted.
    pub fn parameter_count(&self) -> usize {
        match self {
            Self::Mlp(network) => network.parameter_count(),
            Self::Rnn(network) => network.parameter_count(),
        }
    }

    /// The feed-forward network; another family is an error.
    pub fn mlp(&self) -> Result<&MlpNetwork, Error> {
        match self {
            Self::Mlp(network) => Ok(network),
            Self::Rnn(_) => {
                Err(bl_core::Error::Family { expected: "feed-forward", found: "recurrent" }.into())
            }
        }
    }

    /// The recurrent network; another family is an error.
    pub fn rnn(&self) -> Result<&RnnNetwork, Error> {
        match self {
            Self::Rnn(network) => Ok(network),
            Self::Mlp(_) => {
                Err(bl_core::Error::Family { expected: "recurrent", found: "feed-forward" }.into())
            }
        }
    }
}
