//! Frozen networks that are ready to compute, one type for each family.

#[cfg(feature = "bert")]
mod bert;
mod front;
mod mlp;
mod prepared;
mod rnn;

use std::borrow::Cow;

use bl_kernels::Isa;

use crate::lattice::Lattice;

#[cfg(feature = "bert")]
pub use bert::{Bert, BertHalf};
pub use front::FrontEnd;
pub(crate) use front::frozen_half;
pub use mlp::Mlp;
pub use prepared::Prepared;
pub(crate) use prepared::off_bias;
pub use rnn::{Rnn, RnnHalf};

/// The computation of a backbone: the families have different mathematics, and different methods.
pub(crate) enum Network {
    Mlp(Box<Mlp>),
    Rnn(Box<Rnn>),
    #[cfg(feature = "bert")]
    Bert(Box<Bert>),
}

/// What holds of every network.
pub(crate) trait Frozen {
    /// The family's name, for messages.
    fn family(&self) -> &'static str;
    /// Numbers of inputs and outputs.
    fn widths(&self) -> (usize, usize);
    /// In the order of the fingerprint.
    fn matrices(&self) -> Vec<Cow<'_, Lattice>>;
    fn isa(&self) -> Isa;
    fn set_isa(&mut self, isa: Isa);
}

impl Network {
    pub(crate) fn frozen(&self) -> &dyn Frozen {
        match self {
            Self::Mlp(network) => &**network,
            Self::Rnn(network) => &**network,
            #[cfg(feature = "bert")]
            Self::Bert(network) => &**network,
        }
    }

    pub(crate) fn frozen_mut(&mut self) -> &mut dyn Frozen {
        match self {
            Self::Mlp(network) => &mut **network,
            Self::Rnn(network) => &mut **network,
            #[cfg(feature = "bert")]
            Self::Bert(network) => &mut **network,
        }
    }
}
