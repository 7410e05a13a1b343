//! The simulated systems that are known by name.

use super::{Data, Info, Simulated};

pub(super) static SYSTEMS: [Info; 6] = [
    Info {
        name: "cosine",
        title: "Cosine of period 25",
        about: "generated without input, 125 steps (section C.3.1 of the paper)",
        licence: "",
        home: "",
        citation: "section C.3.1 of Williams et al., ICLR 2025",
        settings: "cosine",
        data: Data::Simulated(Simulated {
            equation: &["x(t) = cos(2π t / 25)"],
            parameters: "period 25",
            made: "in closed form, one sample per step",
        }),
    },
    Info {
        name: "vanderpol",
        title: "Van der Pol's oscillator, μ = 2",
        about: "its position from -1 to 1, generated without input (section C.3.2)",
        licence: "",
        home: "",
        citation: "B. van der Pol, Philosophical Magazine 2 (1926); section C.3.2 of Williams et al., ICLR 2025",
        settings: "vanderpol",
        data: Data::Simulated(Simulated {
            equation: &["dx/dt = v", "dv/dt = μ (1 − x²) v − x"],
            parameters: "μ 2",
            made: "Runge and Kutta, steps of 0.01, from (2, 0)",
        }),
    },
    Info {
        name: "lorenz",
        title: "Lorenz' system, x 27 samples ahead",
        about: "σ 10, ρ 28, β 8/3 by Euler's method with steps of 0.01 (section C.4.2)",
        licence: "",
        home: "",
        citation: "E. N. Lorenz, Journal of the Atmospheric Sciences 20 (1963); section C.4.2 of Williams et al., ICLR 2025",
        settings: "series",
        data: Data::Simulated(Simulated {
            equation: &["dx/dt = σ (y − x)", "dy/dt = x (ρ − z) − y", "dz/dt = x y − β z"],
            parameters: "σ 10, ρ 28, β 8/3",
            made: "Euler, steps of 0.01, from (0, 1, 0)",
        }),
    },
    Info {
        name: "rossler",
        title: "Rössler's system, x 10 samples ahead",
        about: "a 0.2, b 0.2, c 5.7, one sample per 0.1 (Runge and Kutta, steps of 0.01)",
        licence: "",
        home: "",
        citation: "O. E. Rössler, Physics Letters A 57 (1976)",
        settings: "series",
        data: Data::Simulated(Simulated {
            equation: &["dx/dt = −y − z", "dy/dt = x + a y", "dz/dt = b + z (x − c)"],
            parameters: "a 0.2, b 0.2, c 5.7",
            made: "Runge and Kutta, steps of 0.01",
        }),
    },
    Info {
        name: "mackeyglass",
        title: "Mackey and Glass' equation, x 6 samples ahead",
        about: "τ 17, one sample per unit of time (Runge and Kutta, steps of 0.1)",
        licence: "",
        home: "",
        citation: "M. C. Mackey and L. Glass, Science 197 (1977)",
        settings: "series",
        data: Data::Simulated(Simulated {
            equation: &["dx/dt = β x(t − τ) / (1 + x(t − τ)ⁿ) − γ x(t)"],
            parameters: "τ 17, β 0.2, γ 0.1, n 10",
            made: "Runge and Kutta, steps of 0.1",
        }),
    },
    Info {
        name: "reach",
        title: "Centre-out reaching",
        about: "a point mass is moved to targets 7 cm away in a second (section C.5)",
        licence: "",
        home: "",
        citation: "section C.5 of Williams et al., ICLR 2025",
        settings: "reach",
        data: Data::Simulated(Simulated {
            equation: &["dx/dt = v", "dv/dt = f / m", "df/dt = (u − f) / τ"],
            parameters: "m 1 kg, τ 0.04 s, 100 steps of 0.01 s, targets 7 cm from the centre",
            made: "Euler; the network's output is u, the place of the target its input",
        }),
    },
];
