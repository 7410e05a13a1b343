//! A figure of every kind, with numbers of about the size that studies have.

use bl_study::plot::{
    Axis, Bar, BarSeries, Bars, Chart, Cloud, Figure, HeatMap, Histograms, Line, LineStyle, Lines, Panel,
    Point, Reference, Role, Scatter, Steps, Strip,
};

use crate::dynamics_samples as dynamics;

/// Pseudo-random numbers from 0 to 1, the same in every run.
pub(crate) struct Draw(u64);

impl Draw {
    pub(crate) fn seeded(seed: u64) -> Self {
        Self(seed)
    }

    /// From the standard normal distribution.
    pub(crate) fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.next()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.next()).cos()
    }

    pub(crate) fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// Every sample with its name.
pub(crate) fn all() -> Vec<(&'static str, Figure)> {
    let single = |title: &str, chart| Figure::single(Panel::new(title, chart));
    vec![
        ("lines", single("Fashion-MNIST", Chart::Lines(accuracy_by_size()))),
        ("log_log", single("", Chart::Lines(error_by_size()))),
        ("bars", single("One backbone, seven tasks", Chart::Bars(tasks()))),
        ("long_names", single("", Chart::Bars(long_names()))),
        ("histogram", single("Unit variances", Chart::Histograms(variances()))),
        ("scatter", single("Units that are on in both", Chart::Scatter(cloud(4000)))),
        ("heat_map", single("Task variance by cluster", Chart::HeatMap(clusters()))),
        ("much_text", much_text()),
        ("row", row()),
        ("grid", grid()),
    ]
    .into_iter()
    .chain(dynamics::all())
    .collect()
}

fn error_by_size() -> Lines {
    let mut chart = accuracy_by_size();
    chart.y = Axis::log10("Test error");
    for point in chart.series.iter_mut().flat_map(|line| &mut line.points) {
        point.y = 1.0 - point.y;
    }
    chart.references = vec![];
    chart
}

pub(crate) fn accuracy_by_size() -> Lines {
    let curve = |best: f64, slope: f64, sd: f64| -> Vec<Point> {
        (6..=15)
            .map(|power| f64::from(1 << power))
            .map(|x| Point { x, y: best - slope * (64.0 / x).sqrt(), sd: sd * (64.0 / x).sqrt() + 0.002 })
            .collect()
    };
    let line = |label, role, points| Line { points, ..Line::new(label, role) };
    Lines {
        x: Axis::log10("Trained parameters"),
        y: Axis::linear("Test accuracy"),
        series: vec![
            line("Full", Role::Full, curve(0.885, 0.32, 0.02)),
            line("Bias, uniform weights", Role::Bias, curve(0.872, 0.21, 0.015)),
            line("Bias, normal weights", Role::BiasVariant, curve(0.868, 0.24, 0.01)),
        ],
        references: vec![Reference { label: "paper: 0.870".into(), value: 0.87, role: Role::Null }],
    }
}

fn tasks() -> Bars {
    let categories = ["MNIST", "KMNIST", "Fashion", "Ethiopic", "Vai", "Osmanya", "Kannada"];
    let bars = |values: [f64; 7], sd| values.map(|value| Some(Bar { value, sd })).to_vec();
    Bars {
        x_label: String::new(),
        categories: categories.map(str::to_owned).to_vec(),
        y: Axis::linear("Test accuracy").over(0.6, 1.0),
        series: vec![
            BarSeries {
                label: "Bias".into(),
                role: Role::Bias,
                bars: bars([0.968, 0.824, 0.865, 0.973, 0.982, 0.991, 0.897], 0.006),
            },
            BarSeries {
                label: "Full".into(),
                role: Role::Full,
                bars: bars([0.983, 0.912, 0.889, 0.989, 0.992, 0.998, 0.931], 0.004),
            },
        ],
        references: vec![],
    }
}

fn long_names() -> Bars {
    let bars = |values: [f64; 4], sd| values.map(|value| Some(Bar { value, sd })).to_vec();
    let categories = [
        "On in bias given on in mask",
        "Off in bias given off in mask",
        "Match",
        "Centre-out (unseen targets)",
    ];
    let series =
        |label: &str, role, values| BarSeries { label: label.into(), role, bars: bars(values, 0.02) };
    Bars {
        x_label: "Comparison".into(),
        categories: categories.map(str::to_owned).to_vec(),
        y: Axis::linear("Probability"),
        series: vec![
            series("Null model", Role::Null, [0.62, 0.38, 0.49, 0.3]),
            series("Bias and mask", Role::Bias, [0.75, 0.51, 0.62, 0.4]),
            series("Mask and mask", Role::Mask, [0.93, 0.95, 0.94, 0.5]),
        ],
        references: vec![Reference { label: "chance".into(), value: 0.5, role: Role::Null }],
    }
}

fn variances() -> Histograms {
    let edges: Vec<f64> = (0..=40).map(|bin| 0.1 + 0.1 * f64::from(bin)).collect();
    let steps = |label: &str, role, scale: f64, total: f64| {
        let counts: Vec<f64> =
            edges.windows(2).map(|edge| (total * (-edge[0] / scale).exp()).floor()).collect();
        let sds = counts.iter().map(|count| 2.0 * count.sqrt()).collect();
        Steps { label: label.into(), role, edges: edges.clone(), counts, sds }
    };
    Histograms {
        x: Axis::linear("Variance of a unit"),
        y: Axis::log10("Units"),
        series: vec![steps("Mask", Role::Mask, 0.35, 2600.0), steps("Bias", Role::Bias, 0.8, 1500.0)],
    }
}

fn cloud(points: usize) -> Scatter {
    let mut draw = Draw(1);
    let mut exponential = || -(1.0 - draw.next()).ln();
    let points = (0..points)
        .map(|_| {
            let shared = exponential();
            (0.3 * shared + 0.25 * exponential(), 0.5 * shared + 0.3 * exponential())
        })
        .collect();
    let (x, y) = (Axis::linear("Variance, bias learning"), Axis::linear("Variance, mask learning"));
    let series = vec![Cloud { label: "Unit on in both".into(), role: Role::Bias, points }];
    Scatter { diagonal: Some("Equal variance".into()), ..Scatter::new(x, y, series) }
}

fn clusters() -> HeatMap {
    let rows = ["MNIST", "KMNIST", "Fashion", "Ethiopic", "Vai", "Osmanya", "Kannada"];
    let mut draw = Draw(3);
    let value = |row: usize, column: usize, noise: f64| {
        let own = column * rows.len() / 20 == row;
        (if own { 0.9 } else { 0.15 } + 0.4 * noise * noise - 0.1).clamp(0.0, 1.0)
    };
    HeatMap {
        values: (0..rows.len())
            .map(|row| (0..20).map(|column| value(row, column, draw.next())).collect())
            .collect(),
        rows: rows.map(str::to_owned).to_vec(),
        columns: (1..=20).map(|cluster| cluster.to_string()).collect(),
        x_label: "Cluster".into(),
        colour_label: "Normalised task variance".into(),
        strip: Some(Strip {
            label: "Spearman ρ".into(),
            values: (0..20).map(|c| (c != 4).then(|| f64::from(c) / 14.0 - 0.4)).collect(),
        }),
    }
}

fn overlap() -> Lines {
    let curve = |start: f64, fall: f64| -> Vec<Point> {
        (0..=20)
            .map(|step| f64::from(step) * 0.05)
            .map(|x| Point { x, y: start * (-fall * x).exp(), sd: 0.01 })
            .collect()
    };
    let line = |label, role, style, points| Line { points, style, markers: false, ..Line::new(label, role) };
    Lines {
        x: Axis::linear("Threshold of task variance"),
        y: Axis::linear("P(on in both)").over(0.0, 0.5),
        series: vec![
            line("Bias and mask", Role::Bias, LineStyle::Solid, curve(0.45, 2.0)),
            line("Mask and mask", Role::Mask, LineStyle::Dashed, curve(0.44, 0.0)),
            line("Independent", Role::Null, LineStyle::Solid, curve(0.45, 2.6)),
        ],
        references: vec![],
    }
}

fn learning() -> Lines {
    let curve = |end: f64| -> Vec<Point> {
        (1..=30).map(f64::from).map(|x| Point { x, y: end - 0.3 / x, sd: 0.01 / x + 0.002 }).collect()
    };
    let line = |label, role, points| Line { points, markers: false, ..Line::new(label, role) };
    Lines {
        x: Axis::linear("Epoch"),
        y: Axis::linear("Test accuracy"),
        series: vec![line("Bias", Role::Bias, curve(0.934)), line("Mask", Role::Mask, curve(0.919))],
        references: vec![
            Reference { label: "paper, bias: 0.934".into(), value: 0.934, role: Role::BiasVariant },
            Reference { label: "paper, mask: 0.919".into(), value: 0.919, role: Role::Null },
        ],
    }
}

fn row() -> Figure {
    Figure::row(
        "",
        vec![
            Panel::new("Learning curves", Chart::Lines(learning())),
            Panel::new("Units in common", Chart::Lines(overlap())),
            Panel::new("Unit variances", Chart::Histograms(variances())),
        ],
    )
}

fn grid() -> Figure {
    let mut linear = variances();
    linear.y = Axis::linear("Units");
    let mut log = cloud(500);
    (log.x.scale, log.y.scale) = (bl_study::plot::Scale::Log10, bl_study::plot::Scale::Log10);
    Figure {
        title: "Every kind, γ < 10⁻³ & “odd” characters".into(),
        columns: 2,
        panels: vec![
            Panel::new("", Chart::Histograms(linear)),
            Panel::new("Two axes of logarithms", Chart::Scatter(log)),
            Panel::new("Clusters", Chart::HeatMap(clusters())),
            Panel::new("Tasks", Chart::Bars(tasks())),
            Panel::new("Error", Chart::Lines(error_by_size())),
        ],
    }
}

/// Text far longer than its places.
fn much_text() -> Figure {
    let long = |start: &str| {
        format!("{start} that goes on for far longer than any panel of a figure is wide or high")
    };
    let mut curves = accuracy_by_size();
    (curves.x.label, curves.y.label) = (long("A horizontal axis"), long("A vertical axis"));
    curves.series[0].label = long("A series");
    let mut bars = tasks();
    for name in &mut bars.categories {
        *name = format!("incomprehensible_name_of_{name}");
    }
    let mut map = clusters();
    map.x_label = long("Clusters");
    map.colour_label = long("A quantity");
    Figure::row(
        long("A figure") + &long(", and a title,"),
        vec![
            Panel { title: long("Curves"), chart: Chart::Lines(curves) },
            Panel { title: String::new(), chart: Chart::Bars(bars) },
            Panel { title: long("A map"), chart: Chart::HeatMap(map) },
        ],
    )
}
