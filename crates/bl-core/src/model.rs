//! An adapter on its backbone: what runs.

use std::sync::Arc;

use crate::adapter::header::Header;
use crate::adapter::{Adapter, Parameters};
use crate::backbone::Backbone;
use crate::error::Error;
use crate::io::Io;
#[cfg(feature = "bert")]
use crate::network::{Bert, BertHalf};
use crate::network::{Mlp, Network, Prepared, Rnn, RnnHalf};
use crate::spec::{BertSpec, MlpSpec, RnnSpec};

/// A network that can be run: an adapter on its backbone, or one that was fully trained. The two ways of running are
/// different mathematics; each family has one of them, and the other is an error.
pub trait Net: Send + Sync {
    /// The family's name, for messages: `feed-forward`, `recurrent` or `pretrained encoder`.
    fn family(&self) -> &'static str;

    /// Values of one row, or of `x_t`.
    fn inputs(&self) -> usize;

    /// Class scores of one row, or values of `y_t`.
    fn outputs(&self) -> usize;

    /// Class scores of 8-bit rows.
    ///
    /// # Shapes
    /// - `rows`: `[count, inputs]`, 255 stands for 1.0
    /// - returns: `[count, outputs]`
    fn scores(&self, _rows: &[u8]) -> Result<Vec<f32>, Error> {
        Err(Error::Family { expected: MlpSpec::FAMILY, found: self.family() })
    }

    /// Class scores of texts, each one or a pair.
    ///
    /// # Shapes
    /// - returns: `[texts, outputs]`
    fn texts(&self, _texts: &[Vec<String>]) -> Result<Vec<f32>, Error> {
        Err(Error::Family { expected: BertSpec::FAMILY, found: self.family() })
    }

    /// Takes one or more trajectories through `steps` steps. Not finite if the states explode: that is for the caller to
    /// judge.
    ///
    /// # Shapes
    /// - `x`: `[steps, trajectories, inputs]`
    /// - `state`: `[trajectories, units]`, that before the first step, then that after the last
    /// - returns y: `[steps, trajectories, outputs]`
    fn run(&self, _x: &[f32], _steps: usize, _state: &mut Vec<f32>) -> Result<Vec<f32>, Error> {
        Err(Error::Family { expected: RnnSpec::FAMILY, found: self.family() })
    }

    /// r₀, `[units]`; empty where there is no state.
    fn initial(&self) -> &[f32] {
        &[]
    }
}

/// What a task adds to a backbone, made ready to run on it: always an argument, never state.
pub enum Half {
    /// Of a feed-forward network.
    Mlp(Prepared),
    /// Of a recurrent network.
    Rnn(RnnHalf),
    /// Of a pretrained encoder.
    #[cfg(feature = "bert")]
    Bert(BertHalf),
}

impl Half {
    /// Makes parameters of the backbone's widths ready.
    pub fn new(backbone: &Backbone, io: &Io, parameters: &Parameters) -> Result<Self, Error> {
        Ok(match backbone.network() {
            Network::Mlp(mlp) => {
                let (_, preprocessing) = io.rows()?;
                Self::Mlp(Prepared::with_gains(mlp, preprocessing, &parameters.biases, &parameters.gains)?)
            }
            Network::Rnn(rnn) => Self::Rnn(RnnHalf::new(rnn, parameters)?),
            #[cfg(feature = "bert")]
            Network::Bert(bert) => Self::Bert(BertHalf::new(bert, io, parameters)?),
        })
    }

    /// Memory that it holds, beside the backbone.
    pub fn bytes(&self) -> usize {
        match self {
            Self::Mlp(half) => half.bytes(),
            Self::Rnn(half) => half.bytes(),
            #[cfg(feature = "bert")]
            Self::Bert(half) => half.bytes(),
        }
    }
}

/// A backbone with an adapter half: borrowed, so it costs nothing to make.
#[derive(Clone, Copy)]
pub struct Adapted<'a> {
    network: &'a Network,
    half: &'a Half,
}

impl Backbone {
    /// Makes an adapter ready, once it is known to belong to this backbone.
    pub fn prepare(&self, adapter: &Adapter) -> Result<Half, Error> {
        adapter.header.check_owner(self)?;
        Half::new(self, &adapter.header.io, &adapter.parameters)
    }

    /// The network that an adapter half makes of this backbone.
    pub fn with<'a>(&'a self, half: &'a Half) -> Adapted<'a> {
        Adapted { network: self.network(), half }
    }
}

impl<'a> Adapted<'a> {
    /// The feed-forward network and its half; another family is an error.
    pub fn mlp(self) -> Result<(&'a Mlp, &'a Prepared), Error> {
        let (Network::Mlp(mlp), Half::Mlp(half)) = (self.network, self.half) else {
            return Err(Error::Family { expected: MlpSpec::FAMILY, found: self.family() });
        };
        Ok((mlp, half))
    }

    /// The pretrained encoder and its half; another family is an error.
    #[cfg(feature = "bert")]
    pub fn bert(self) -> Result<(&'a Bert, &'a BertHalf), Error> {
        let (Network::Bert(bert), Half::Bert(half)) = (self.network, self.half) else {
            return Err(Error::Family { expected: BertSpec::FAMILY, found: self.family() });
        };
        Ok((bert, half))
    }

    /// The recurrent network and its half; another family is an error.
    pub fn rnn(self) -> Result<(&'a Rnn, &'a RnnHalf), Error> {
        let (Network::Rnn(rnn), Half::Rnn(half)) = (self.network, self.half) else {
            return Err(Error::Family { expected: RnnSpec::FAMILY, found: self.family() });
        };
        Ok((rnn, half))
    }
}

impl Net for Adapted<'_> {
    fn family(&self) -> &'static str {
        self.network.frozen().family()
    }

    fn inputs(&self) -> usize {
        self.network.frozen().widths().0
    }

    fn outputs(&self) -> usize {
        self.network.frozen().widths().1
    }

    fn scores(&self, rows: &[u8]) -> Result<Vec<f32>, Error> {
        let (mlp, half) = self.mlp()?;
        let p = mlp.preactivations(rows)?;
        mlp.logits(&p, 0..p.rows(), half)
    }

    #[cfg(feature = "bert")]
    fn texts(&self, texts: &[Vec<String>]) -> Result<Vec<f32>, Error> {
        let (bert, half) = self.bert()?;
        bert.scores_of(texts, half)
    }

    fn run(&self, x: &[f32], steps: usize, state: &mut Vec<f32>) -> Result<Vec<f32>, Error> {
        let (rnn, half) = self.rnn()?;
        rnn.run(x, steps, state, half)
    }

    fn initial(&self) -> &[f32] {
        self.rnn().map_or(&[], |(_, half)| half.initial())
    }
}

/// An adapter on its backbone.
pub struct Model {
    /// What the adapter says about itself.
    pub header: Header,
    /// The frozen weights, shared by any number of models.
    pub backbone: Arc<Backbone>,
    half: Half,
}

impl Model {
    /// An adapter on the backbone it was trained for; another one is an error.
    pub fn new(adapter: Adapter, backbone: Arc<Backbone>) -> Result<Self, Error> {
        let half = backbone.prepare(&adapter)?;
        Ok(Self { header: adapter.header, backbone, half })
    }

    /// Reads an adapter file and generates its backbone.
    #[cfg(feature = "fs")]
    pub fn load(path: impl AsRef<std::path::Path>) -> Result<Self, Error> {
        let adapter = Adapter::load(path)?;
        let backbone = adapter.generate_backbone()?;
        Self::new(adapter, Arc::new(backbone))
    }

    /// The network to run.
    pub fn net(&self) -> Adapted<'_> {
        self.backbone.with(&self.half)
    }

    /// The feed-forward network and the adapter's half; another family is an error.
    pub fn mlp(&self) -> Result<(&Mlp, &Prepared), Error> {
        self.net().mlp()
    }

    /// The pretrained encoder and the adapter's half; another family is an error.
    #[cfg(feature = "bert")]
    pub fn bert(&self) -> Result<(&Bert, &BertHalf), Error> {
        self.net().bert()
    }

    /// The recurrent network and the adapter's half; another family is an error.
    pub fn rnn(&self) -> Result<(&Rnn, &RnnHalf), Error> {
        self.net().rnn()
    }

    /// Memory of the adapter, beside the backbone.
    pub fn bytes(&self) -> usize {
        self.half.bytes()
    }
}

impl Net for Model {
    fn family(&self) -> &'static str {
        self.net().family()
    }

    fn inputs(&self) -> usize {
        self.net().inputs()
    }

    fn outputs(&self) -> usize {
        self.net().outputs()
    }

    fn scores(&self, rows: &[u8]) -> Result<Vec<f32>, Error> {
        self.net().scores(rows)
    }

    fn texts(&self, texts: &[Vec<String>]) -> Result<Vec<f32>, Error> {
        self.net().texts(texts)
    }

    fn run(&self, x: &[f32], steps: usize, state: &mut Vec<f32>) -> Result<Vec<f32>, Error> {
        self.net().run(x, steps, state)
    }

    fn initial(&self) -> &[f32] {
        self.rnn().map_or(&[], |(_, half)| half.initial())
    }
}
