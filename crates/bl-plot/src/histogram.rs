//! Histograms as outlines, with bands over repeated runs.

use crate::canvas::{Area, At, Canvas, Stroke};
use crate::check::{self, Along};
use crate::error::Error;
use crate::frame::Frame;
use crate::legend::{Entry, Sign};
use crate::palette::Role;
use crate::scale::{Axis, Scale};

/// Outlines of histograms over one another.
#[derive(Clone, Debug, PartialEq)]
pub struct Histograms {
    /// What is counted.
    pub x: Axis,
    /// The counts.
    pub y: Axis,
    /// The histograms, later ones in front.
    pub series: Vec<Steps>,
}

/// One histogram, the mean of several runs.
#[derive(Clone, Debug, PartialEq)]
pub struct Steps {
    /// Its name in the legend.
    pub label: String,
    /// What it stands for.
    pub role: Role,
    /// Edges of the bins, ascending: one more than counts.
    pub edges: Vec<f64>,
    /// Height of each bin.
    pub counts: Vec<f64>,
    /// Half the height of the band around each; empty for none.
    pub sds: Vec<f64>,
}

impl Histograms {
    pub(crate) fn entries(&self) -> Vec<Entry> {
        let entry = |steps: &Steps| Entry {
            label: steps.label.clone(),
            sign: Sign::Line { stroke: stroke(steps), marker: false },
        };
        self.series.iter().map(entry).collect()
    }

    pub(crate) fn check(&self) -> Result<(), Error> {
        check::axis(&self.x)?;
        check::axis(&self.y)?;
        for steps in &self.series {
            let series = steps.label.as_str();
            check::length(series, "edges", steps.counts.len() + 1, steps.edges.len())?;
            Along { series, what: "edge", axis: &self.x }.check(steps.edges.iter().copied())?;
            if !steps.edges.is_sorted_by(|a, b| a < b) {
                return Err(Error::NotAscending { what: "edges of bins" });
            }
            for (index, &count) in steps.counts.iter().enumerate() {
                check::finite(series, "count", index, count)?; // zeros are fine on a logarithmic axis
            }
            if !steps.sds.is_empty() {
                check::length(series, "deviations", steps.counts.len(), steps.sds.len())?;
            }
            check::deviations(series, steps.sds.iter().copied())?;
        }
        Ok(())
    }

    pub(crate) fn draw(&self, canvas: &Canvas<'_>, area: Area) -> Result<(), Error> {
        let edges = self.series.iter().flat_map(|steps| steps.edges.iter().copied());
        let heights = self.series.iter().flat_map(|steps| {
            let tops = steps.counts.iter().zip(&steps.sds).map(|(count, sd)| count + sd);
            steps.counts.iter().copied().chain(tops)
        });
        let floor = (self.y.scale == Scale::Linear).then_some(0.0);
        let (x, y) = (self.x.domain(edges), self.y.domain(heights.chain(floor)));
        let frame = Frame::draw(canvas, area, (&self.x, x), (&self.y, y))?;
        for steps in self.series.iter().filter(|steps| !steps.sds.is_empty()) {
            let upper = outline(&frame, steps, 1.0);
            let lower = outline(&frame, steps, -1.0);
            let band: Vec<At> = upper.into_iter().chain(lower.into_iter().rev()).collect();
            canvas.polygon(&band, steps.role.colour(), 0.25)?;
        }
        for steps in &self.series {
            let tops = outline(&frame, steps, 0.0);
            // Empty bins part the outline, so that no line lies on the axis.
            let bins: Vec<usize> = (0..steps.counts.len()).collect();
            for filled in bins.chunk_by(|&a, &b| (steps.counts[a] > 0.0) == (steps.counts[b] > 0.0)) {
                let (first, last) = (filled[0], filled[filled.len() - 1]);
                if steps.counts[first] > 0.0 {
                    let tops = &tops[2 * first..2 * last + 2];
                    let floor = |x: f64| (x, frame.y.from);
                    let ends = (floor(tops[0].0), floor(tops[tops.len() - 1].0));
                    let points: Vec<At> = [&[ends.0], tops, &[ends.1]].concat();
                    canvas.line(&points, stroke(steps))?;
                }
            }
        }
        Ok(())
    }
}

/// The tops of the bins, `deviations` deviations higher.
fn outline(frame: &Frame, steps: &Steps, deviations: f64) -> Vec<At> {
    let sd = |bin: usize| steps.sds.get(bin).copied().unwrap_or(0.0);
    let top = |bin: usize| frame.y.at(steps.counts[bin] + deviations * sd(bin));
    (0..steps.counts.len())
        .flat_map(|bin| [steps.edges[bin], steps.edges[bin + 1]].map(|edge| (frame.x.at(edge), top(bin))))
        .collect()
}

fn stroke(steps: &Steps) -> Stroke {
    Stroke::solid(steps.role.colour(), 1.8)
}
