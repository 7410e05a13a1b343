//! What an adapter does, from its header alone: for lists, cards, and whoever looks into a file. The one `match` on what
//! goes in and out.

use bl_core::io::{
    Channel, Forecast, InputSchema, Io, Output, Preprocessing, Reach, Read, SeriesScale, Signal, TextSchema,
    Trials, ValueSchema,
};
use bl_core::text::{decimal, grouped};

use crate::form::chosen;
use crate::series::span;
use crate::texts::words;

/// What an adapter does.
#[derive(Clone, Debug)]
pub struct About {
    /// In three words: `classifies images`.
    pub does: &'static str,
    /// In a sentence; names of a stranger's making are as they are.
    pub sentence: String,
    /// A line for each side, with a heading of 15 characters; names as they are.
    pub lines: Vec<String>,
    /// What its training record counts.
    pub unit: &'static str,
    /// What is observed, if it is a series.
    pub variable: Option<String>,
    /// As the Hugging Face Hub sorts models.
    pub pipeline: &'static str,
    /// The metric of the held-out part that says most, as headers name it.
    pub metric: &'static str,
    /// A value of it in words.
    pub worth: fn(f64) -> String,
    /// What it is not good for.
    pub limits: &'static str,
    /// Arguments of `bl-run` after the adapter, as an example.
    pub example: &'static str,
}

/// What an adapter does, in three words.
pub fn does(io: &Io) -> &'static str {
    match io {
        Io::Images { .. } => "classifies images",
        Io::Text { .. } => "classifies texts",
        Io::Values { input, .. } if input.target.is_some() => "estimates numbers",
        Io::Values { .. } => "classifies rows",
        Io::Signal { signal: Signal::Generate { .. }, .. } => "generates a trajectory",
        Io::Signal { signal: Signal::Forecast(_), .. } => "forecasts a series",
        Io::Signal { signal: Signal::Reach(_), .. } => "moves an arm to targets",
        Io::Signal { signal: Signal::Trials(trials), .. } if trials.read().is_some() => "classifies trials",
        Io::Signal { signal: Signal::Trials(_), .. } => "answers trials",
    }
}

/// What an adapter with these inputs, outputs and classes does.
pub fn about(io: &Io, labels: &[String]) -> About {
    let does = does(io);
    match io {
        Io::Images { input, preprocessing } => images(does, input, *preprocessing, labels),
        Io::Text { input, .. } => texts(does, input, labels),
        Io::Values { input, .. } => values(does, input, labels),
        Io::Signal { signal: Signal::Generate { variable, steps, spacing, scale }, .. } => About {
            does,
            sentence: format!(
                "It generates {variable} over time, without input; {} training steps.",
                grouped(*steps)
            ),
            lines: vec![
                format!("output         {variable}, {steps} training samples, {}", apart(*spacing)),
                scaled(*scale),
            ],
            unit: "samples",
            variable: Some(variable.clone()),
            pipeline: "time-series-forecasting",
            metric: "free_run_r2",
            worth: |r2| format!("R² {}, free run", decimal(r2)),
            limits: "It runs by itself from its initial state; small differences between machines add up over many steps.",
            example: " --free-run 1000",
        },
        Io::Signal { signal: Signal::Forecast(forecast), .. } => forecasts(does, forecast),
        Io::Signal { signal: Signal::Trials(form), .. } => trials(does, form, labels),
        Io::Signal { signal: Signal::Reach(Reach { steps, dt, mass, lag, distance, unit }), .. } => About {
            does,
            sentence: "It moves a point mass to a target, by the forces that come out.".into(),
            lines: vec![
                format!(
                    "input          the place of the target, in units of {unit} m; training targets are {distance} m away"
                ),
                format!(
                    "output         the controls of a mass of {mass} kg with a lag of {lag} s: {steps} steps of {dt} s"
                ),
            ],
            unit: "targets",
            variable: None,
            pipeline: "robotics",
            metric: "end_error_m",
            worth: |metres| format!("{:.1} mm off at new targets", 1e3 * metres),
            limits: "It was trained on targets at one distance, and not on nearer or farther ones.",
            example: " --target 0.05,0.03",
        },
    }
}

fn images(does: &'static str, input: &InputSchema, preprocessing: Preprocessing, labels: &[String]) -> About {
    let InputSchema { height, width, channels, .. } = input;
    About {
        does,
        sentence: format!(
            "It classifies images of {height} × {width} pixels{} into {} classes: {}. Image files of any size are brought to that \
             form: {}.",
            if *channels == 3 { " in colour" } else { "" },
            labels.len(),
            labels.join(", "),
            chosen(input, true)
        ),
        lines: vec![
            format!("classes        {}", labels.join(" ")),
            format!("input          {height} × {width} × {channels} 8-bit"),
            format!("image files    {}", chosen(input, true)),
            format!(
                "pixels         mean {:.4}, SD {:.4} of 1 in training",
                preprocessing.mean, preprocessing.std
            ),
        ],
        unit: "images",
        variable: None,
        pipeline: "image-classification",
        metric: "accuracy",
        worth: |share| format!("accuracy {:.2} %", 100.0 * share),
        limits: "It names one of its classes for every image, also for one of something else. Images should look like those \
                 it was trained on: `bl-run` inverts, cuts out and scales photographs, which helps only so far.",
        example: " --input image.png",
    }
}

fn texts(does: &'static str, input: &TextSchema, labels: &[String]) -> About {
    let is_of_pairs = input.texts() == 2;
    About {
        does,
        sentence: format!(
            "It classifies {} into {} classes: {}.",
            if is_of_pairs { "pairs of texts" } else { "texts" },
            labels.len(),
            labels.join(", ")
        ),
        lines: vec![
            format!("classes        {}", labels.join(" ")),
            format!("input          {}", if is_of_pairs { "two texts" } else { "a text" }),
            format!("features       {}", words(input)),
        ],
        unit: "texts",
        variable: None,
        pipeline: "text-classification",
        metric: "accuracy",
        worth: |share| format!("accuracy {:.2} %", 100.0 * share),
        limits: "It names one of its classes for every text, also for one of something else. It knows runs of letters and words, not \
                 what they mean: words that no training text has say nothing to it.",
        example: if is_of_pairs { " --input pairs.tsv" } else { " --input \"a text\"" },
    }
}

fn values(does: &'static str, input: &ValueSchema, labels: &[String]) -> About {
    let (columns, names) = (input.columns(), labels.join(", "));
    let is_of_numbers = input.target.is_some();
    let output = match input.target {
        Some(SeriesScale { offset, unit }) => {
            format!("output         {names} = {offset} + {unit} · what comes out")
        }
        None => format!("classes        {}", labels.join(" ")),
    };
    About {
        does,
        sentence: if is_of_numbers {
            format!("It estimates {names} from rows of {columns} values.")
        } else {
            format!("It classifies rows of {columns} values into {} classes: {names}.", labels.len())
        },
        lines: vec![
            output,
            format!("input          {columns} values, each of 256 levels in its range of training"),
        ],
        unit: "rows",
        variable: is_of_numbers.then_some(names),
        pipeline: if is_of_numbers { "tabular-regression" } else { "tabular-classification" },
        metric: if is_of_numbers { "r2" } else { "accuracy" },
        worth: if is_of_numbers {
            |r2| format!("R² {}", decimal(r2))
        } else {
            |share| format!("accuracy {:.2} %", 100.0 * share)
        },
        limits: "Values beyond those of training are taken for the nearest of those.",
        example: " --input rows.csv",
    }
}

fn forecasts(does: &'static str, forecast: &Forecast) -> About {
    let Forecast { variable, horizon, washout, spacing, scale, lyapunov, learned } = forecast;
    let dated = learned.as_ref().is_some_and(|learned| learned.spacing_unit.is_some());
    let between =
        spacing.filter(|_| dated).map_or_else(|| apart(*spacing), |s| format!("{} apart", span(s, true)));
    let mut lines = vec![
        format!("input          {variable}, samples {between}"),
        format!("output         the same {horizon} samples later, after a washout of {washout}"),
        scaled(*scale),
    ];
    lines.extend(learned.as_ref().map(|seen| format!("training range {} to {}", seen.low, seen.high)));
    lines.extend(
        lyapunov
            .as_ref()
            .map(|known| format!("Lyapunov       exponent {} ({})", known.exponent, known.source)),
    );
    About {
        does,
        sentence: format!("It forecasts {variable}, {horizon} samples ahead."),
        lines,
        unit: "samples",
        variable: Some(variable.clone()),
        pipeline: "time-series-forecasting",
        metric: "teacher_forced_r2",
        worth: |r2| format!("R² {}, teacher-forced", decimal(r2)),
        limits: "Forecasts from true values (teacher-forced) and free runs, which feed forecasts back, are measured \
                 separately: a good metric of the first kind promises little for the second. A series of another scale or \
                 sampling is another task.",
        example: " --input series.csv",
    }
}

fn trials(does: &'static str, form: &Trials, labels: &[String]) -> About {
    let names = |channels: &[Channel]| match channels {
        [] => "nothing".to_owned(),
        all if all.len() > 12 => format!("{} values", all.len()),
        all => all.iter().map(|of| of.name.as_str()).collect::<Vec<_>>().join(", "),
    };
    let (inputs, (count, _)) = (names(&form.inputs), form.widths(0));
    let (sentence, output) = match &form.output {
        Output::Classes { read } => (
            format!(
                "It classifies trials of {count} values at each step into {} classes: {}.",
                labels.len(),
                labels.join(", ")
            ),
            format!(
                "classes        {} ({})",
                labels.join(" "),
                match read {
                    Read::Mean => "the mean score over all steps decides",
                    Read::End => "the scores of the last step decide",
                    Read::Each => "each step has one",
                }
            ),
        ),
        Output::Values { variables } => (
            format!(
                "It says {} at each step of a trial, from {count} values at each step.",
                names(variables)
            ),
            format!("output         {}", names(variables)),
        ),
    };
    let has_classes = form.read().is_some();
    About {
        does,
        sentence,
        lines: vec![
            format!("input          {inputs}"),
            output,
            format!("trials         of up to {} steps in training", form.longest),
        ],
        unit: "trials",
        variable: None,
        pipeline: "other",
        metric: if has_classes { "accuracy" } else { "r2" },
        worth: if has_classes {
            |share| format!("accuracy {:.2} %", 100.0 * share)
        } else {
            |r2| format!("R² {}", decimal(r2))
        },
        limits: "Channels must be those of training, in the same units and at the same rate.",
        example: " --input trials.npz",
    }
}

fn scaled(scale: SeriesScale) -> String {
    format!("scale          (value − {}) / {}", scale.offset, scale.unit)
}

fn apart(spacing: Option<f64>) -> String {
    spacing.map_or("an unknown time apart".to_owned(), |spacing| format!("{spacing} apart"))
}
