//! Bars side by side, in groups with names.

use plotters::style::text_anchor::HPos;

use crate::canvas::{Area, Canvas, Stroke, TextAt};
use crate::check::{self, Along};
use crate::colour_map::is_light;
use crate::error::Error;
use crate::frame::{Frame, TICK_SIZE};
use crate::legend::{Entry, Sign};
use crate::lines::Reference;
use crate::palette::{INK, Role, WHITE};
use crate::scale::{Axis, Ruler, Scale};

/// Groups of bars: a group for each category, a bar in it for each series.
#[derive(Clone, Debug, PartialEq)]
pub struct Bars {
    /// What the categories are; may be empty.
    pub x_label: String,
    /// Names of the groups, from left to right.
    pub categories: Vec<String>,
    /// The vertical axis. It starts at 0 unless its range starts elsewhere.
    pub y: Axis,
    /// The series, in their order within a group.
    pub series: Vec<BarSeries>,
    /// Values to compare with.
    pub references: Vec<Reference>,
}

/// The bars of one colour.
#[derive(Clone, Debug, PartialEq)]
pub struct BarSeries {
    /// Its name in the legend.
    pub label: String,
    /// What it stands for.
    pub role: Role,
    /// A bar for each category; none where there is no value.
    pub bars: Vec<Option<Bar>>,
}

/// One bar, the mean of several runs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bar {
    /// Its height.
    pub value: f64,
    /// Half the length of its error bar; 0 for none.
    pub sd: f64,
}

/// Where there is no value.
const MISSING: &str = "no value";

/// Share of a group's width that its bars take.
const FILLED: f64 = 0.76;

impl Bars {
    pub(crate) fn entries(&self) -> Vec<Entry> {
        let entry = |series: &BarSeries| Entry {
            label: series.label.clone(),
            sign: Sign::Square(series.role.colour()),
        };
        self.series.iter().map(entry).chain(self.references.iter().map(Reference::entry)).collect()
    }

    pub(crate) fn check(&self) -> Result<(), Error> {
        check::axis(&self.y)?;
        if self.categories.is_empty() {
            return Err(Error::Empty { what: "categories of bars" });
        }
        for BarSeries { label: series, bars, .. } in &self.series {
            check::length(series, "bars", self.categories.len(), bars.len())?;
            let bars = || bars.iter().flatten();
            Along { series, what: "height", axis: &self.y }.check(bars().map(|bar| bar.value))?;
            check::deviations(series, bars().map(|bar| bar.sd))?;
        }
        self.references.iter().try_for_each(|reference| reference.check(&self.y))
    }

    pub(crate) fn draw(&self, canvas: &Canvas<'_>, area: Area) -> Result<(), Error> {
        let bars = self.series.iter().flat_map(|series| &series.bars).flatten();
        let ends = bars.flat_map(|bar| [bar.value - bar.sd, bar.value, bar.value + bar.sd]);
        let zero = (self.y.range.is_none() && self.y.scale == Scale::Linear).then_some(0.0);
        let values = ends.chain(self.references.iter().map(|reference| reference.value)).chain(zero);
        let y = self.y.domain(values);
        let named = (self.categories.as_slice(), self.x_label.as_str());
        let axis = Axis { label: self.label_from(y.low), ..self.y.clone() };
        let (y, spans) = Frame::draw_named(canvas, area, named, (&axis, y))?;
        for (index, series) in self.series.iter().enumerate() {
            for (&span, bar) in spans.iter().zip(&series.bars) {
                match bar {
                    Some(bar) => draw_bar(canvas, &y, self.place(span, index), bar, series.role)?,
                    None => mark_missing(canvas, &y, self.place(span, index))?,
                }
            }
        }
        for reference in &self.references {
            reference.draw(canvas, &y, (spans[0].0, area.right))?;
        }
        Ok(())
    }

    /// The label of the vertical axis. Bars that do not start at 0 look more different than they are: it says so.
    fn label_from(&self, low: f64) -> String {
        let starts_elsewhere = self.y.scale == Scale::Linear && low != 0.0;
        if starts_elsewhere { format!("{} (axis from {low})", self.y.label) } else { self.y.label.clone() }
    }

    /// Left and right end of the bar of a series in a group.
    fn place(&self, (from, to): (f64, f64), series: usize) -> (f64, f64) {
        let width = (to - from) * FILLED / self.series.len() as f64;
        let left = from + (to - from) * (1.0 - FILLED) / 2.0 + width * series as f64;
        let gap = (width * 0.06).min(1.5);
        (left + gap, left + width - gap)
    }
}

/// Says that a bar is not there, which an empty place would not.
fn mark_missing(canvas: &Canvas<'_>, y: &Ruler, (left, right): (f64, f64)) -> Result<(), Error> {
    let size = TICK_SIZE.min(right - left);
    let at = (f64::midpoint(left, right), y.from - 6.0);
    canvas.text(MISSING, TextAt { at, anchor: HPos::Left, size, colour: INK, upward: true })
}

fn draw_bar(
    canvas: &Canvas<'_>,
    y: &Ruler,
    (left, right): (f64, f64),
    bar: &Bar,
    role: Role,
) -> Result<(), Error> {
    let (base, end) = (y.at(0.0), y.at(bar.value));
    canvas.rectangle(Area { left, top: end.min(base), right, bottom: end.max(base) }, role.colour())?;
    if bar.sd == 0.0 {
        return Ok(());
    }
    let middle = f64::midpoint(left, right);
    let cap = ((right - left) * 0.22).min(4.0);
    let (low, high) = (y.at(bar.value - bar.sd), y.at(bar.value + bar.sd));
    // A dark bar would hide its own error bar.
    let halo = (!is_light(role.colour())).then_some((Stroke::solid(WHITE, 2.6), cap + 0.7));
    for (stroke, cap) in halo.into_iter().chain([(Stroke::solid(INK, 1.2), cap)]) {
        canvas.line(&[(middle, low), (middle, high)], stroke)?;
        for end in [low, high] {
            canvas.line(&[(middle - cap, end), (middle + cap, end)], stroke)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Chart, Figure, Panel};

    fn drawing(y: Axis) -> String {
        let bars = vec![Some(Bar { value: 0.9, sd: 0.0 }), None];
        let series = vec![BarSeries { label: "full".into(), role: Role::Full, bars }];
        let categories = vec!["a".into(), "b".into()];
        let bars = Bars { x_label: String::new(), categories, y, series, references: vec![] };
        Figure::single(Panel::new("", Chart::Bars(bars))).drawing().unwrap().replace('\u{a0}', " ")
    }

    #[test]
    fn an_axis_that_does_not_start_at_0_and_a_bar_that_is_not_there_say_so() {
        let (cut, whole) =
            (drawing(Axis::linear("Accuracy").over(0.5, 1.0)), drawing(Axis::linear("Accuracy")));
        assert!(cut.contains("Accuracy (axis from 0.5)") && !whole.contains("axis from"));
        assert_eq!(cut.matches(MISSING).count(), 1);
    }
}
