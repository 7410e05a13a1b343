//! The tasks in time that are known by name.

use std::path::Path;

/// What is known of a task in time.
#[derive(Debug)]
pub struct TimeInfo {
    /// What the command line calls it.
    pub name: &'static str,
    /// For people.
    pub title: &'static str,
    /// What is learned, in a line.
    pub about: &'static str,
    /// The system, a line each.
    pub equation: &'static [&'static str],
    /// With their usual values.
    pub parameters: &'static str,
    /// How its samples are made.
    pub made: &'static str,
    /// Who described it.
    pub citation: &'static str,
}

/// All of them, in the order in which they are listed.
pub fn time_catalogue() -> &'static [TimeInfo] {
    &CATALOGUE
}

/// The task of that name.
pub(super) fn find(name: &str) -> Option<&'static TimeInfo> {
    CATALOGUE.iter().find(|info| info.name == name)
}

/// Whether this names a task in time: one of the catalogue, or a text file with a series.
pub fn is_time_task(name: &str) -> bool {
    find(name).is_some() || is_series_file(name)
}

/// Whether a path looks like a series rather than a folder of pictures.
pub(super) fn is_series_file(name: &str) -> bool {
    let path = Path::new(name);
    let extension = path.extension().and_then(|extension| extension.to_str()).map(str::to_lowercase);
    matches!(extension.as_deref(), Some("csv" | "tsv" | "txt"))
}

static CATALOGUE: [TimeInfo; 6] = [
    TimeInfo {
        name: "cosine",
        title: "Cosine of period 25",
        about: "generated without input, 125 steps (section C.3.1 of the paper)",
        equation: &["x(t) = cos(2π t / 25)"],
        parameters: "period 25",
        made: "in closed form, a sample a step",
        citation: "section C.3.1 of Williams et al., ICLR 2025",
    },
    TimeInfo {
        name: "vanderpol",
        title: "Van der Pol's oscillator, μ = 2",
        about: "its position from -1 to 1, generated without input (section C.3.2)",
        equation: &["dx/dt = v", "dv/dt = μ (1 − x²) v − x"],
        parameters: "μ 2",
        made: "Runge and Kutta, steps of 0.01, from (2, 0)",
        citation: "B. van der Pol, Philosophical Magazine 2 (1926); section C.3.2 of Williams et al., ICLR 2025",
    },
    TimeInfo {
        name: "lorenz",
        title: "Lorenz' system, x 27 samples ahead",
        about: "σ 10, ρ 28, β 8/3 by Euler's method with steps of 0.01 (section C.4.2)",
        equation: &["dx/dt = σ (y − x)", "dy/dt = x (ρ − z) − y", "dz/dt = x y − β z"],
        parameters: "σ 10, ρ 28, β 8/3",
        made: "Euler, steps of 0.01, from (0, 1, 0)",
        citation: "E. N. Lorenz, Journal of the Atmospheric Sciences 20 (1963); section C.4.2 of Williams et al., ICLR 2025",
    },
    TimeInfo {
        name: "rossler",
        title: "Rössler's system, x 10 samples ahead",
        about: "a 0.2, b 0.2, c 5.7, a sample every 0.1 (Runge and Kutta, steps of 0.01)",
        equation: &["dx/dt = −y − z", "dy/dt = x + a y", "dz/dt = b + z (x − c)"],
        parameters: "a 0.2, b 0.2, c 5.7",
        made: "Runge and Kutta, steps of 0.01",
        citation: "O. E. Rössler, Physics Letters A 57 (1976)",
    },
    TimeInfo {
        name: "mackeyglass",
        title: "Mackey and Glass' equation, x 6 samples ahead",
        about: "τ 17, a sample every unit of time (Runge and Kutta, steps of 0.1)",
        equation: &["dx/dt = β x(t − τ) / (1 + x(t − τ)ⁿ) − γ x(t)"],
        parameters: "τ 17, β 0.2, γ 0.1, n 10",
        made: "Runge and Kutta, steps of 0.1",
        citation: "M. C. Mackey and L. Glass, Science 197 (1977)",
    },
    TimeInfo {
        name: "reach",
        title: "Centre-out reaching",
        about: "a point mass is moved to targets 7 cm away in a second (section C.5)",
        equation: &["dx/dt = v", "dv/dt = f / m", "df/dt = (u − f) / τ"],
        parameters: "m 1 kg, τ 0.04 s, 100 steps of 0.01 s, targets 7 cm from the centre",
        made: "Euler; the network's output is u, the place of the target its input",
        citation: "section C.5 of Williams et al., ICLR 2025",
    },
];
