//! How a simulation can go wrong.

/// What is wrong with a simulation, as facts.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[expect(missing_docs, reason = "the message of each variant says what it is")]
pub enum Fault {
    #[error("expected a time step above 0, found {found}")]
    Step { found: f64 },
    #[error("expected at least 1 sample, and one every 1 step or more, found {samples} every {every}")]
    Sampling { every: usize, samples: usize },
    #[error("`{system}` has {expected} components, but its start has {found}")]
    Start { system: &'static str, expected: usize, found: usize },
    #[error("`{system}` left the finite numbers at step {step}, in its component `{component}`")]
    Diverged { system: &'static str, component: &'static str, step: usize },
    #[error("`{system}` has no component `{found}`, expected one of {}", names(expected))]
    Component { system: &'static str, found: String, expected: &'static [&'static str] },
    #[error("expected a time step that divides the delay of {delay}, found {dt}")]
    Delay { delay: f64, dt: f64 },
    #[error("expected a period above 0, found {found}")]
    Period { found: f64 },
}

impl Fault {
    /// What to do about it, if there is something to say.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Diverged { .. } => Some("take a smaller time step, or another start".into()),
            Self::Delay { delay, dt } => {
                let steps = (delay / dt).round().max(1.0);
                Some(format!("a step of {} makes the delay {steps} steps", delay / steps))
            }
            _ => None,
        }
    }
}

fn names(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
