//! Trajectories that a network generates without input, and how near it stays to the one that it learned.

use bl_core::io::Signal;
use bl_core::text::decimal;
use bl_core::{Io, Net};
use serde::Serialize;

use super::describe::describe;
use super::fault::{Fault, if_any};
use super::run::{BUDGET_BYTES, Cost, run_until_lost};
use super::squares::squares;
use crate::Error;
use crate::digest::sha256;
use crate::forecast::r_squared;
use crate::judgement::{Details, Headline, Judgement, fields, metric};
use crate::kind::{Description, Inputs, Kind, Lesson, LessonSettings, Loss, Misfit, OutputGradient, Parts};
use crate::series::{Scale, Series};

/// A trajectory to generate.
#[derive(Clone, Debug)]
pub struct GenerateTask {
    /// What is learned, and then how it goes on.
    pub series: Series,
    /// Samples that are learned.
    pub steps: usize,
    /// Between the series and the network's output.
    pub scale: Scale,
}

/// What a generator is worth. There is no input, so every run of it is a free run.
#[derive(Clone, Debug)]
pub struct GenerateJudgement {
    /// Over the steps that were learned; not a number if the network's state explodes on the way, or the true values do not
    /// vary.
    pub learned_r2: f64,
    /// Over as many steps as follow them in the true trajectory; likewise.
    pub continued_r2: f64,
    /// The true trajectory, in its own unit: `[steps + continuation]`.
    pub target: Vec<f64>,
    /// What was generated: less, if the network's state exploded.
    pub generated: Vec<f64>,
    /// Steps that were learned.
    pub steps: usize,
}

impl GenerateTask {
    /// Runs a network over the steps that were learned and on.
    pub fn evaluate(&self, net: &dyn Net) -> Result<GenerateJudgement, Fault> {
        let target = self.series.values().to_vec();
        let generated = generate_until_lost(net, &self.scale, target.len())?;
        let r2 = |steps: std::ops::Range<usize>| match generated.get(steps.clone()) {
            Some(generated) => if_any(r_squared(&target[steps], generated)),
            None => Ok(f64::NAN),
        };
        Ok(GenerateJudgement {
            learned_r2: r2(0..self.steps)?,
            continued_r2: r2(self.steps..target.len())?,
            target,
            generated,
            steps: self.steps,
        })
    }

    /// A judgement from what was generated.
    pub fn judged(&self, judged: GenerateJudgement) -> Judgement {
        let report = Report {
            free_run_r2: judged.learned_r2,
            free_run_continued_r2: judged.continued_r2,
            steps: judged.steps,
            continued_steps: judged.target.len() - judged.steps,
            sample_spacing: self.series.spacing(),
        };
        let words =
            |r2: f64| if r2.is_finite() { format!("R² {}", decimal(r2)) } else { "no R²".to_owned() };
        let (learned, continued) = (words(judged.learned_r2), words(judged.continued_r2));
        let mut lines = vec![
            format!("training        {learned} over the {} training steps (a free run)", report.steps),
            format!("continued       {continued} over the next {} steps", report.continued_steps),
        ];
        if judged.generated.len() < judged.target.len() {
            lines.push(format!("exploded        the network's state, at step {}", judged.generated.len()));
        }
        let headline = Headline { name: "R²", value: judged.learned_r2 };
        Judgement {
            metrics: vec![
                metric("free_run_r2", "train", judged.learned_r2),
                metric("free_run_r2", "test", judged.continued_r2),
            ],
            headline: headline.value.is_finite().then_some(headline),
            lines,
            more: Vec::new(),
            summary: fields(&report),
            fields: fields(&report),
            details: Details::Generate(judged),
        }
    }
}

/// What a network without input does by itself, from its first state on.
///
/// # Shapes
/// - returns: `[steps]`, in the unit of the variable
pub fn generate(net: &dyn Net, scale: &Scale, steps: usize) -> Result<Vec<f64>, Fault> {
    let generated = generate_until_lost(net, scale, steps)?;
    if generated.len() < steps {
        return Err(Fault::Exploded { step: generated.len() });
    }
    Ok(generated)
}

/// As [`generate`], but ends before the first output that is no number.
fn generate_until_lost(net: &dyn Net, scale: &Scale, steps: usize) -> Result<Vec<f64>, Fault> {
    let mut state = net.initial().to_vec();
    Cost::of(net, steps, 1, size_of::<f64>()).within_bytes(BUDGET_BYTES)?;
    let y = run_until_lost(net, &[], steps, &mut state)?;
    Ok(y.into_iter().map(|y| scale.invert(f64::from(y))).collect())
}

/// Field names are part of the command line's contract.
#[derive(Serialize)]
struct Report {
    /// Over the steps that were learned.
    free_run_r2: f64,
    /// Over the steps that follow.
    free_run_continued_r2: f64,
    steps: usize,
    continued_steps: usize,
    sample_spacing: Option<f64>,
}

impl Kind for GenerateTask {
    fn io(&self) -> Io {
        let signal = Signal::Generate {
            variable: self.series.name().to_owned(),
            steps: self.steps,
            spacing: self.series.spacing(),
            scale: (&self.scale).into(),
        };
        Io::Signal { signal, learned_state: false }
    }

    fn summary(&self) -> String {
        format!("{} steps to generate, {} more to continue", self.steps, self.series.len() - self.steps)
    }

    fn headline(&self) -> Option<&'static str> {
        Some("R²")
    }

    fn parts(&self) -> Parts {
        let (learned, rest) = self.series.values().split_at(self.steps);
        Parts {
            unit: "samples",
            train: learned.len(),
            test: rest.len(),
            train_sha256: sha256(learned),
            test_sha256: sha256(rest),
        }
    }

    fn describe(&self) -> Description {
        describe(&self.series, None)
    }

    fn lesson(&self, _: LessonSettings) -> Result<Lesson<'_>, Error> {
        let learned = self.scale.apply_all(&self.series.values()[..self.steps]);
        Ok(Lesson::Steps(Box::new(Target(learned.into_iter().map(|y| y as f32).collect()))))
    }

    fn judge(&self, net: &dyn Net) -> Result<Judgement, Error> {
        Ok(self.judged(self.evaluate(net)?))
    }

    fn adopt(&mut self, io: &Io, _: &[String]) -> Result<(), Misfit> {
        match io.signal() {
            Ok(Signal::Generate { steps, scale, .. }) if *steps == self.steps => {
                self.scale = (*scale).into();
                Ok(())
            }
            Ok(Signal::Generate { steps, .. }) => Err(Misfit {
                expected: format!("generates a trajectory of {steps} training steps"),
                found: format!("has {}", self.steps),
                hint: None,
            }),
            _ => Err(Misfit {
                expected: crate::about::does(io).into(),
                found: "generates a trajectory".into(),
                hint: None,
            }),
        }
    }
}

/// One trajectory, without input: `[steps]`, in the network's unit.
struct Target(Vec<f32>);

impl Loss for Target {
    fn rows(&self) -> usize {
        1
    }

    fn inputs(&self, _: &[u32]) -> Inputs {
        Inputs { x: Vec::new(), steps: self.0.len(), lengths: Vec::new() }
    }

    fn gradient(&self, _: &[u32], y: &[f32]) -> Result<OutputGradient, Error> {
        Ok(squares(y, 1, 0, |step, _| self.0[step]))
    }
}
