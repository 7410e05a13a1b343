//! How a simulation can go wrong.

/// What is wrong with a simulation, as facts.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Fault {
    /// A step in time that is none.
    #[error("expected a time step above 0, found {found}")]
    Step {
        /// What was asked for.
        found: f64,
    },
    /// Nothing to keep.
    #[error("expected at least 1 sample, and one every 1 step or more, found {samples} every {every}")]
    Sampling {
        /// Steps from one sample to the next.
        every: usize,
        /// Samples.
        samples: usize,
    },
    /// A start of another dimension than the system.
    #[error("`{system}` has {expected} components, but its start has {found}")]
    Start {
        /// The system.
        system: &'static str,
        /// Its dimension.
        expected: usize,
        /// Numbers in the start.
        found: usize,
    },
    /// Not a finite number any more.
    #[error("`{system}` left the finite numbers at step {step}, in its component `{component}`")]
    Diverged {
        /// The system.
        system: &'static str,
        /// The first such component.
        component: &'static str,
        /// Counted from the start, which is step 0.
        step: usize,
    },
    /// A component that the system does not have.
    #[error("`{system}` has no component `{found}`, expected one of {}", names(expected))]
    Component {
        /// The system.
        system: &'static str,
        /// What was asked for.
        found: String,
        /// What there is.
        expected: &'static [&'static str],
    },
    /// A delay that is not a whole number of steps.
    #[error("expected a time step that divides the delay of {delay}, found {dt}")]
    Delay {
        /// The delay.
        delay: f64,
        /// The step.
        dt: f64,
    },
    /// A period that is none.
    #[error("expected a period above 0, found {found}")]
    Period {
        /// What was asked for.
        found: f64,
    },
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
