//! A panel in the terminal: braille dots in colours, or plain characters where there are none.

use std::cmp::Ordering;

use bl_cli::wrapped;

use super::Drawing;
use super::raster::{Raster, braille};
use super::view::{Curve, View};
use bl_cli::{Ink, Screen};

/// Rows of a chart over time.
const ROWS: usize = 12;
/// Rows of a chart of the plane, and twice as many columns: a character is twice as high as wide.
const PLANE_ROWS: usize = 22;
/// Charts are never wider.
const WIDEST: usize = 120;
/// Columns of the numbers at the left.
const NUMBERS: usize = 9;

const TRUTH: &str = "36";
const NETWORK: &str = "33";
const BOTH: &str = "32";

/// All panels, one below the other; those that have no curves are not for a terminal.
pub(super) fn lines(drawing: &Drawing, screen: Screen) -> Vec<String> {
    let views = drawing.panels.iter().filter_map(View::of);
    views.flat_map(|view| panel_lines(&view, screen)).collect()
}

/// What the axes show.
#[derive(Clone, Copy)]
struct Window {
    x: (f64, f64),
    y: (f64, f64),
}

impl Window {
    fn of(view: &View<'_>) -> Self {
        let ends = |values: &mut dyn Iterator<Item = f64>| {
            let (low, high) = values
                .filter(|value| value.is_finite())
                .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)));
            match low.partial_cmp(&high) {
                Some(Ordering::Less) => (low, high),
                Some(Ordering::Equal) => (low - 0.5, low + 0.5),
                _ => (0.0, 1.0), // no point at all
            }
        };
        let x = ends(&mut view.points().map(|point| point.0));
        let y = view.y.range.unwrap_or_else(|| ends(&mut view.points().map(|point| point.1)));
        if !view.is_plane {
            return Self { x, y };
        }
        let half = 0.525 * (x.1 - x.0).max(y.1 - y.0);
        let around = |(low, high): (f64, f64)| {
            let middle = f64::midpoint(low, high);
            (middle - half, middle + half)
        };
        Self { x: around(x), y: around(y) }
    }

    /// The place of a point on a grid of dots; far outside it is only a little outside.
    fn place(&self, (x, y): (f64, f64), raster: &Raster) -> (f64, f64) {
        let share = |value: f64, (low, high): (f64, f64)| ((value - low) / (high - low)).clamp(-1.0, 2.0);
        let along = (raster.width - 1) as f64 * share(x, self.x);
        (along, (raster.height - 1) as f64 * (1.0 - share(y, self.y)))
    }
}

fn panel_lines(view: &View<'_>, screen: Screen) -> Vec<String> {
    let window = Window::of(view);
    let room = screen.width.saturating_sub(NUMBERS + 2).clamp(10, WIDEST);
    let (columns, rows) = if view.is_plane { (room.min(2 * PLANE_ROWS), PLANE_ROWS) } else { (room, ROWS) };
    let rows = if view.is_plane { columns.div_ceil(2) } else { rows };
    let cell = if screen.ink == Ink::Plain { (1, 1) } else { (2, 4) };
    let [truth, network] = [true, false].map(|is_truth| {
        let mut raster = Raster::new(columns * cell.0, rows * cell.1);
        for curve in view.curves.iter().filter(|curve| curve.is_truth == is_truth) {
            draw(&curve.points, &window, &mut raster);
        }
        raster
    });
    let mark = view.drawn.mark.as_ref().map(|(x, _)| {
        let raster = Raster::new(columns, 1);
        window.place((*x, 0.0), &raster).0.round() as usize
    });
    let ring = |target: &(f64, f64)| {
        let (x, y) = window.place(*target, &Raster::new(columns, rows));
        (x.round() as usize, y.round() as usize)
    };
    let rings: Vec<_> = view.targets.iter().map(ring).collect();

    let width = screen.is_terminal.then_some(screen.width);
    let title = wrapped(&view.drawn.panel.title, width);
    let mut lines: Vec<String> = title.lines().map(str::to_owned).collect();
    lines.push(legend(view, screen));
    for row in 0..rows {
        let number = match row {
            0 => tick(window.y.1, window.y),
            _ if row + 1 == rows => tick(window.y.0, window.y),
            _ if row == rows / 2 => tick(f64::midpoint(window.y.0, window.y.1), window.y),
            _ => String::new(),
        };
        let cells = (0..columns).map(|column| {
            if rings.contains(&(column, row)) {
                return Cell { character: 'O', style: Some("1") };
            }
            let bits = (truth.cell(column, row, cell), network.cell(column, row, cell));
            shown(bits, mark == Some(column), screen.ink)
        });
        let axis = if screen.ink == Ink::Plain { '|' } else { '│' };
        lines.push(format!("{number:>NUMBERS$} {axis}{}", painted(cells, screen)).trim_end().to_owned());
    }
    let (low, high) = (tick(window.x.0, window.x), tick(window.x.1, window.x));
    let between = columns.saturating_sub(low.chars().count() + high.chars().count());
    lines.push(format!("{:NUMBERS$}  {low}{:^between$}{high}", view.y.label, view.x.label));
    lines.push(String::new());
    lines
}

/// A path, interrupted where it is no number.
fn draw(path: &[(f64, f64)], window: &Window, raster: &mut Raster) {
    if let [point] = path {
        let (x, y) = window.place(*point, raster);
        raster.dot(x, y);
    }
    for pair in path.windows(2) {
        if pair.iter().all(|point| point.0.is_finite() && point.1.is_finite()) {
            let (from, to) = (window.place(pair[0], raster), window.place(pair[1], raster));
            raster.line(from, to);
        }
    }
}

/// A character and its colour.
struct Cell {
    character: char,
    style: Option<&'static str>,
}

fn shown((truth, network): (u8, u8), marked: bool, ink: Ink) -> Cell {
    let plain = ink == Ink::Plain;
    let (character, style) = match (truth > 0, network > 0) {
        (false, false) if marked => (if plain { ':' } else { '┊' }, None),
        (false, false) => (' ', None),
        (true, false) => (if plain { '.' } else { braille(truth) }, Some(TRUTH)),
        (false, true) => (if plain { 'x' } else { braille(network) }, Some(NETWORK)),
        (true, true) => (if plain { '#' } else { braille(truth | network) }, Some(BOTH)),
    };
    Cell { character, style }
}

/// Neighbours of one colour share one escape sequence.
fn painted(cells: impl Iterator<Item = Cell>, screen: Screen) -> String {
    let cells: Vec<Cell> = cells.collect();
    let runs = cells.chunk_by(|a, b| a.style == b.style);
    runs.map(|run| {
        let text: String = run.iter().map(|cell| cell.character).collect();
        run[0].style.map_or(text.clone(), |style| screen.paint(&text, style))
    })
    .collect()
}

/// What the colours or characters stand for.
fn legend(view: &View<'_>, screen: Screen) -> String {
    let plain = screen.ink == Ink::Plain;
    let mut entries = Vec::new();
    for (is_truth, style, plainly) in [(true, TRUTH, "."), (false, NETWORK, "x")] {
        let named = |curve: &&Curve<'_>| curve.is_truth == is_truth && !curve.label.is_empty();
        for curve in view.curves.iter().filter(named) {
            let sign = if plain { plainly.to_owned() } else { screen.paint("⠤⠤", style) };
            entries.push(format!("{sign} {}", curve.label));
        }
    }
    let both = [true, false].iter().all(|who| view.curves.iter().any(|curve| curve.is_truth == *who));
    if both {
        entries.push(if plain { "# both".into() } else { format!("{} both", screen.paint("⠤⠤", BOTH)) });
    }
    if !view.targets.is_empty() {
        entries.push("O target".into());
    }
    if let Some((_, words)) = &view.drawn.mark {
        entries.push(format!("{} {words}", if plain { ':' } else { '┊' }));
    }
    format!("{:NUMBERS$}  {}", "", entries.join("   "))
}

/// A number with as many digits as the axis needs.
fn tick(value: f64, (low, high): (f64, f64)) -> String {
    let span = high - low;
    let decimals = (1.5 - span.log10()).clamp(0.0, 6.0) as usize;
    if span < 1e-4 || low.abs().max(high.abs()) >= 1e6 {
        return format!("{value:.1e}");
    }
    let text = format!("{value:.decimals$}");
    if text.trim_start_matches('-').bytes().all(|c| c == b'0' || c == b'.') {
        text.replace('-', "")
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drawing::Drawn;
    use bl_plot::{Axis, Chart, Line, Lines, Panel, Point, Role};

    fn drawn() -> Drawn {
        let line = |label, role, points: &[(f64, f64)]| Line {
            points: points.iter().map(|&(x, y)| Point { x, y, sd: 0.0 }).collect(),
            ..Line::new(label, role)
        };
        let chart = Chart::Lines(Lines {
            x: Axis::linear("step"),
            y: Axis::linear("value").over(0.0, 1.1),
            series: vec![
                line("true", Role::Full, &[(0.0, 0.0), (9.0, 1.1)]),
                line("forecast", Role::Bias, &[(0.0, 0.0), (4.0, 0.5), (9.0, 1e9)]),
            ],
            references: vec![],
        });
        Drawn { panel: Panel { title: "a title".into(), chart }, mark: Some((9.0, "lost".into())) }
    }

    fn lines_of(screen: Screen) -> Vec<String> {
        lines(&Drawing { title: String::new(), panels: vec![drawn()] }, screen)
    }

    #[test]
    fn without_colours_a_chart_is_ascii_of_the_width_of_the_screen() {
        let screen = Screen { ink: Ink::Plain, width: 21, is_terminal: false };
        let lines = lines_of(screen);
        assert!(lines.concat().is_ascii(), "{lines:#?}");
        assert_eq!(lines[1].trim(), ". true   x forecast   # both   : lost");
        assert_eq!(lines[2], "      1.1 |      x  .");
        assert_eq!(lines[13], "      0.0 |#        :");
        assert_eq!(lines[14], "value      0  step  9");
        assert!(lines[2..].iter().all(|line| line.len() <= 25));
    }

    #[test]
    fn with_colours_neighbours_share_an_escape_sequence() {
        let screen = Screen { ink: Ink::Colours256, width: 40, is_terminal: true };
        let lines = lines_of(screen);
        assert!(lines.iter().any(|line| line.contains("\u{1b}[36m") && line.contains("\u{1b}[0m")));
        assert!(lines.iter().all(|line| line.matches('\u{1b}').count() <= 12), "{lines:#?}");
    }

    #[test]
    fn numbers_have_the_digits_of_their_axis() {
        for (value, ends, expected) in [
            (-0.0, (-20.0, 20.0), "0"),
            (12.34, (0.0, 30.0), "12"),
            (0.0712, (0.0, 0.1), "0.07"),
            (1.0, (0.0, 1.1), "1.0"),
            (3e7, (0.0, 3e7), "3.0e7"),
        ] {
            assert_eq!(tick(value, ends), expected, "{value} of {ends:?}");
        }
    }
}
