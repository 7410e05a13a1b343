//! Networks run over many steps, in pieces: a kernel keeps the states of all steps that it is given, and nobody wants them.

use bl_core::Net;
use bl_core::text::grouped;

use super::fault::Fault;

/// Bytes of states that are kept at a time: a few hundred steps of a thousand units, some hundredths of a second.
pub const KEPT_BYTES: usize = 1 << 20;
/// Bytes that a run may take for what goes in and comes out.
pub const BUDGET_BYTES: u64 = 4 << 30;
/// Products of weights and states in a run whose length a file states. A core does some 1e10 a second.
pub const BUDGET_PRODUCTS: f64 = 1e13;

/// What a run takes, known before it begins.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cost {
    /// Hidden units.
    pub units: usize,
    /// Steps of each trajectory.
    pub steps: usize,
    /// Trajectories side by side.
    pub trajectories: usize,
    /// Bytes for what goes in and comes out.
    pub bytes: u64,
    /// Products of weights and states.
    pub products: f64,
}

impl Cost {
    /// `beside` bytes of each step of a trajectory are kept beside what goes in and out of the network.
    pub fn of(net: &dyn Net, steps: usize, trajectories: usize, beside: usize) -> Self {
        let units = net.initial().len();
        let of_step = (net.inputs() + net.outputs()) * size_of::<f32>() + beside;
        let bytes = (steps as u64).saturating_mul(trajectories as u64).saturating_mul(of_step as u64);
        let products = steps as f64 * trajectories as f64 * (units as f64) * (units as f64);
        Self { units, steps, trajectories, bytes, products }
    }

    /// Whether memory of this size is enough.
    pub fn within_bytes(self, budget: u64) -> Result<Self, Fault> {
        if self.bytes <= budget {
            return Ok(self);
        }
        Err(Fault::Memory { cost: self, budget })
    }

    /// Whether as many products are enough.
    pub fn within_products(self, budget: f64) -> Result<Self, Fault> {
        if self.products <= budget {
            return Ok(self);
        }
        Err(Fault::Products { cost: self, budget })
    }
}

impl std::fmt::Display for Cost {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { units, steps, trajectories, .. } = self;
        let times =
            if *trajectories == 1 { String::new() } else { format!("{} times ", grouped(*trajectories)) };
        write!(f, "{times}{} steps of {} units", grouped(*steps), grouped(*units))
    }
}

/// As [`Net::run`], in pieces, and with an error at the first step that is not finite.
///
/// # Shapes
/// - `x`: `[steps, trajectories, inputs]`; returns y: `[steps, trajectories, outputs]`
pub(super) fn run(
    net: &dyn Net,
    x: &[f32],
    steps: usize,
    state: &mut Vec<f32>,
    first: usize,
) -> Result<Vec<f32>, Fault> {
    let per_step = per_step(net, state);
    let y = run_until_lost(net, x, steps, state)?;
    let done = y.len() / per_step;
    if done < steps { Err(Fault::Exploded { step: first + done }) } else { Ok(y) }
}

/// As [`run`], but ends before the first step that is not finite.
pub(super) fn run_until_lost(
    net: &dyn Net,
    x: &[f32],
    steps: usize,
    state: &mut Vec<f32>,
) -> Result<Vec<f32>, Fault> {
    let piece = piece(state.len());
    let per_step = per_step(net, state);
    let mut y = Vec::with_capacity(if steps > piece { steps * per_step } else { 0 });
    for begin in (0..steps).step_by(piece) {
        let count = piece.min(steps - begin);
        let of_step = x.len() / steps;
        let mut said = net.run(&x[begin * of_step..(begin + count) * of_step], count, state)?;
        let lost = said.iter().position(|y| !y.is_finite());
        if let Some(at) = lost {
            said.truncate(at / per_step * per_step);
        }
        if count == steps {
            return Ok(said);
        }
        y.extend(said);
        if lost.is_some() {
            break;
        }
    }
    Ok(y)
}

/// Steps that are taken at a time, of so many units of all trajectories.
pub(super) fn piece(units: usize) -> usize {
    (KEPT_BYTES / size_of::<f32>() / units.max(1)).max(1)
}

/// Outputs of all trajectories at a step.
fn per_step(net: &dyn Net, state: &[f32]) -> usize {
    net.outputs() * (state.len() / net.initial().len().max(1)).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// y is the sum of all x so far; there is one unit for each of many, so that pieces are short.
    struct Sum(Vec<f32>);

    impl Net for Sum {
        fn family(&self) -> &'static str {
            "recurrent"
        }

        fn inputs(&self) -> usize {
            1
        }

        fn outputs(&self) -> usize {
            1
        }

        fn initial(&self) -> &[f32] {
            &self.0
        }

        fn run(&self, x: &[f32], steps: usize, state: &mut Vec<f32>) -> Result<Vec<f32>, bl_core::Error> {
            assert!(steps * state.len() * size_of::<f32>() <= KEPT_BYTES, "a piece is no longer than that");
            let add = |x: &f32| {
                state[0] += x;
                state[0]
            };
            Ok(x.iter().map(add).collect())
        }
    }

    #[test]
    fn pieces_give_what_the_whole_would() {
        let net = Sum(vec![0.0; 1 << 15]); // 8 steps a piece
        let x: Vec<f32> = (0..30).map(|t| t as f32).collect();
        let mut state = net.initial().to_vec();
        let y = run(&net, &x, 30, &mut state, 0).unwrap();
        assert_eq!(y, (0..30).map(|t| (t * (t + 1) / 2) as f32).collect::<Vec<_>>());
        assert_eq!(state[0], 435.0);
        let wild: Vec<f32> = x.iter().map(|&x| if x == 20.0 { f32::NAN } else { x }).collect();
        let fault = run(&net, &wild, 30, &mut net.initial().to_vec(), 5).unwrap_err();
        assert!(matches!(fault, Fault::Exploded { step: 25 }), "{fault}");
    }

    #[test]
    fn a_cost_above_the_budget_is_refused_with_figures() {
        let net = Sum(vec![0.0; 4096]);
        let cost = Cost::of(&net, 1_000_000, 18, 64);
        assert_eq!(cost.bytes, 1_000_000 * 18 * 72);
        assert!(cost.within_bytes(BUDGET_BYTES).is_ok());
        let words = cost.within_bytes(1 << 30).unwrap_err().to_string();
        assert_eq!(
            words,
            "18 times 1,000,000 steps of 4,096 units take 1.2 GiB, at most 1.0 GiB are taken for a run"
        );
        let words = cost.within_products(BUDGET_PRODUCTS).unwrap_err().to_string();
        assert!(words.contains("are 3.0e14 products, at most 1e13"), "{words}");
        assert_eq!(Cost::of(&net, usize::MAX, 18, 64).bytes, u64::MAX, "no overflow");
    }
}
