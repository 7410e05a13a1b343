//! The numbers of an adapter.

/// What a run learns, and what an adapter holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameters {
    /// b: one vector for each hidden layer.
    pub biases: Vec<Vec<f32>>,
    /// m: what multiplies the units' activations.
    pub gains: UnitGains,
    /// r₀, `[units]`: the state before the first step, where it was learned.
    pub initial: Option<Vec<f32>>,
    /// The readout, where it was learned; else it is the backbone's.
    pub head: Option<Head>,
}

/// A readout that was learned: `y = A v + c`, where v is a text's vector.
#[derive(Clone, Debug, PartialEq)]
pub struct Head {
    /// A, `[outputs, size]`.
    pub weights: Vec<f32>,
    /// c, `[outputs]`.
    pub bias: Vec<f32>,
}

/// What multiplies the activations of the hidden units: `y = A (m ∘ φ(p + b))`.
#[derive(Clone, Debug, PartialEq)]
pub enum UnitGains {
    /// Nothing: m = 1.
    One,
    /// A mask: a unit is ON (1) or OFF (0).
    Mask(Vec<bool>),
    /// A learned factor for each unit.
    Learned(Vec<f32>),
}

impl Parameters {
    /// Biases alone.
    pub fn of_biases(biases: Vec<Vec<f32>>) -> Self {
        Self { biases, gains: UnitGains::One, initial: None, head: None }
    }

    /// Memory that they take.
    pub fn bytes(&self) -> usize {
        let head = self.head.iter().flat_map(|head| [&head.weights, &head.bias]);
        let vectors = self.biases.iter().chain(&self.initial).chain(head);
        vectors.map(|values| size_of_val(&**values)).sum::<usize>() + self.gains.bytes()
    }
}

impl UnitGains {
    /// m of each unit; empty for 1.
    pub fn factors(&self) -> Vec<f32> {
        match self {
            Self::One => Vec::new(),
            Self::Mask(on) => on.iter().map(|&on| f32::from(u8::from(on))).collect(),
            Self::Learned(gains) => gains.clone(),
        }
    }

    fn bytes(&self) -> usize {
        match self {
            Self::One => 0,
            Self::Mask(on) => on.len(),
            Self::Learned(gains) => size_of_val(&**gains),
        }
    }
}
