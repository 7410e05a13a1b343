//! Networks made by hand.

use bl_core::{Error, Net as Network};

/// Says at every step what went in some steps before; the state is what is on its way.
pub(crate) struct Delay(Vec<f32>);

impl Delay {
    pub(crate) fn by(steps: usize) -> Self {
        Self(vec![0.0; steps])
    }
}

impl Network for Delay {
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
    fn run(&self, x: &[f32], steps: usize, state: &mut Vec<f32>) -> Result<Vec<f32>, Error> {
        assert_eq!((x.len(), state.len()), (steps, self.0.len()), "one trajectory");
        state.extend(x);
        let rest = state.split_off(steps);
        Ok(std::mem::replace(state, rest))
    }
}

/// What a step does to the state and says: `act(state, x) -> y`, for each trajectory.
pub(crate) struct Net<F> {
    pub(crate) initial: Vec<f32>,
    pub(crate) widths: (usize, usize),
    pub(crate) act: F,
}

impl<F: Fn(&mut [f32], &[f32]) -> Vec<f32> + Send + Sync> Network for Net<F> {
    fn family(&self) -> &'static str {
        "recurrent"
    }

    fn inputs(&self) -> usize {
        self.widths.0
    }
    fn outputs(&self) -> usize {
        self.widths.1
    }
    fn initial(&self) -> &[f32] {
        &self.initial
    }
    fn run(&self, x: &[f32], steps: usize, state: &mut Vec<f32>) -> Result<Vec<f32>, Error> {
        let trajectories = state.len() / self.initial.len();
        assert_eq!(x.len(), steps * trajectories * self.inputs());
        let mut y = Vec::new();
        for step in 0..steps {
            for (row, state) in state.chunks_exact_mut(self.initial.len()).enumerate() {
                let at = (step * trajectories + row) * self.inputs();
                let said = (self.act)(state, &x[at..at + self.inputs()]);
                assert_eq!(said.len(), self.outputs());
                y.extend(said);
            }
        }
        Ok(y)
    }
}

type Act = fn(&mut [f32], &[f32]) -> Vec<f32>;

/// Says x + 1.
pub(crate) fn successor() -> Net<Act> {
    Net { initial: vec![0.0], widths: (1, 1), act: |_, x| vec![x[0] + 1.0] }
}

/// Says nothing but numbers until a step (from 0), and none from then on.
pub(crate) fn exploding(
    at: usize,
    widths: (usize, usize),
) -> Net<impl Fn(&mut [f32], &[f32]) -> Vec<f32> + Send + Sync> {
    let act = move |state: &mut [f32], _: &[f32]| {
        state[0] += 1.0;
        vec![if state[0] > at as f32 { f32::INFINITY } else { 0.5 }; widths.1]
    };
    Net { initial: vec![0.0], widths, act }
}
