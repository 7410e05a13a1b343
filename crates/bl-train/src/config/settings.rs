//! The settings, each in one place: what it says, its type, its default and its bounds.

use std::convert::identity;
use std::ops::RangeInclusive;

use bl_core::io::Read;
use bl_core::spec::MAX_EXACT;
use bl_tasks::series::Fill;
use bl_tasks::texts::Span;
use bl_tasks::{Fitting, Size};
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::method::Method;
use crate::schedule::Schedule;

/// Makes [`Settings`] and [`TrainConfig`] of rows: `name!: Type` must be stated, `name: Type = default` has a default, and
/// `name?: Type` may stay open; `=> bounds` of a number come last. An alias is the name that messages have.
macro_rules! settings {
    ($(
        $(#[doc = $doc:literal])+
        $(#[serde(alias = $alias:literal)])?
        $name:ident
            $(!: $needed:ident)? $(?: $optional:ident)? $(: $type:ident = $default:expr)? $(=> $bounds:expr)?,
    )+) => {
        /// Settings of a run as somebody states them: a file or the command line, each value optional. Counts of samples are
        /// those of a series.
        #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct Settings {
            $(
                $(#[doc = $doc])+
                $(#[serde(alias = $alias)])?
                pub $name: Option<$($needed)? $($type)? $($optional)?>,
            )+
        }

        /// A run's settings with nothing left open; stored in the adapter. What a network or a task does not take is `None`.
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        pub struct TrainConfig {
            /// The task, as it was typed.
            pub task: String,
            $(
                $(#[doc = $doc])+
                $( pub $name: $needed, )?
                $( pub $name: $type, )?
                $( #[serde(skip_serializing_if = "Option::is_none", default)] pub $name: Option<$optional>, )?
            )+
        }

        impl TrainConfig {
            /// The defaults of all that has one, and what has none.
            pub fn new(task: &str, $( $( $name: $needed, )? )+) -> Self {
                Self {
                    task: task.to_owned(),
                    $(
                        $( $name: identity::<$needed>($name), )?
                        $( $name: $default, )?
                        $( $name: None::<$optional>, )?
                    )+
                }
            }
        }

        impl Settings {
            /// These settings where they are stated, those of `below` where they are not.
            #[must_use]
            pub fn over(self, below: Self) -> Self {
                Self { $( $name: self.$name.or(below.$name), )+ }
            }

            /// The configuration, unless something is missing or out of bounds.
            #[expect(clippy::cast_lossless, reason = "numbers of three types")]
            pub(super) fn complete(self, task: &str) -> Result<TrainConfig, Error> {
                $(
                    let bounded: &[Bounded] = &[$( (self.$name.map(|n| n as f64), $bounds) )?];
                    check([$($alias,)? stringify!($name)][0], bounded)?;
                )+
                Ok(TrainConfig {
                    task: task.to_owned(),
                    $(
                        $( $name: needed::<$needed>(stringify!($name), self.$name)?, )?
                        $( $name: self.$name.unwrap_or($default), )?
                        $( $name: identity::<Option<$optional>>(self.$name), )?
                    )+
                })
            }
        }
    };
}

fn needed<T>(key: &'static str, found: Option<T>) -> Result<T, Error> {
    found.ok_or(Error::MissingSetting { key })
}

/// A number that may be stated, and where it must lie then.
type Bounded = (Option<f64>, RangeInclusive<f64>);

fn check(key: &'static str, bounded: &[Bounded]) -> Result<(), Error> {
    for (found, bounds) in bounded {
        if let Some(found) = found.filter(|found| !bounds.contains(found)) {
            return Err(Error::BadSetting { key, found, min: *bounds.start(), max: *bounds.end() });
        }
    }
    Ok(())
}

settings! {
    /// Name of a spec in `configs/backbones`, or the path of a spec or of a backbone file.
    backbone!: String,
    /// What is learned.
    method: Method = Method::Bias,
    /// Units of every hidden layer, in place of the spec's.
    width?: u32 => 1.0..=f64::from(1 << 24),
    /// Of the method `full`, in place of a width: about this many learned parameters, for a fair match with a bias adapter
    /// that has as many.
    match_parameters?: u64 => 1.0..=1e10,
    /// g of the recurrent weights, in place of the spec's.
    #[serde(alias = "recurrent_gain")]
    gain?: f64 => 1e-6..=1e6,
    /// Number of epochs.
    epochs!: u32 => 1.0..=1e6,
    /// Batch size.
    batch_size: u32 = 512 => 1.0..=1e6,
    /// Learning rate.
    lr!: f64 => 1e-38..=1e38,
    /// How the rate changes during the run.
    schedule: Schedule = Schedule::Constant,
    /// L2 penalty on the parameters, added to the gradient.
    weight_decay: f64 = 0.0 => 0.0..=1e6,
    /// Biases start uniform in [`bias_mean` − `bias_init`, `bias_mean` + `bias_init`), and so does the g of a mask around
    /// 0. Biases that are not learned stay there.
    bias_init: f64 = 0.01 => 0.0..=1e30,
    /// The middle of that interval.
    bias_mean?: f64 => -1e30..=1e30,
    /// Whether the state before the first step is learned too.
    learn_state?: bool,
    /// Temperature τ of a soft mask in the last epoch; it starts at 1 and falls geometrically.
    final_temperature?: f64 => 1e-6..=1.0,
    /// Seed of the initial values and of the data order (the backbone has its own).
    seed: u64 = 1 => 0.0..=MAX_EXACT,
    /// Part of the training set held out, to choose settings without the test set.
    val_fraction?: f64 => 0.0..=0.9,
    /// Of a text file, which column.
    column?: String,
    /// Of a table of numbers, the columns that go in, with commas between them.
    inputs?: String,
    /// Of a table of numbers, the columns that are to be said.
    targets?: String,
    /// Of a table of numbers with several series, the column that tells them apart.
    group?: String,
    /// Of trials with a class each, which steps say what class that is.
    read?: Read,
    /// Of a text file with times: whether its lines are sorted by them.
    sort?: bool,
    /// Of a text file: what is put where a value is missing.
    fill?: Fill,
    /// How many samples ahead is forecast.
    horizon?: u32 => 0.0..=1e9,
    /// At the beginning of every window, samples that are not scored.
    washout?: u32 => 0.0..=1e9,
    /// Length of a training window, washout included.
    window?: u32 => 1.0..=1e9,
    /// From the beginning of a window to that of the next.
    stride?: u32 => 1.0..=1e9,
    /// After how many steps back the gradient of the state is dropped (truncated BPTT).
    truncate?: u32 => 1.0..=1e9,
    /// The greatest L2 norm of a gradient; longer ones are shortened to it.
    clip?: f64 => 1e-38..=1e38,
    /// The loss of an epoch that is good enough to stop.
    stop_at_loss?: f64 => 0.0..=1e38,
    /// How images become one size.
    fit?: Fitting,
    /// Whether images with a bright border are inverted.
    invert?: bool,
    /// The size of images, as `28` or `28x40` (height, width).
    size?: Size,
    /// 1 for grey images, 3 for colour.
    channels?: u32,
    /// Training images are shifted by up to so many pixels, otherwise in every epoch.
    shift?: f64 => 0.0..=1000.0,
    /// Training images are turned by up to so many degrees, otherwise in every epoch.
    rotate?: f64 => 0.0..=180.0,
    /// Training images are mirrored, left and right exchanged, every other one and others in every epoch.
    flip?: bool,
    /// Stop after so many epochs that are no better on the held-out part, and keep the best.
    patience?: u32 => 1.0..=1e9,
    /// Of a table of texts, the column of the texts, or two with a comma between them.
    text?: String,
    /// Of a table of texts, the column of the labels.
    label?: String,
    /// Hashed places at which n-grams of texts are counted.
    values?: u32,
    /// The longest run of words that is counted.
    words?: u32,
    /// Lengths of the runs of characters that are counted, as `3-5`.
    characters?: Span,
    /// Of a pretrained encoder, how many tokens of a text it reads.
    longest?: u32,
}
