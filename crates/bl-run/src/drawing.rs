//! Pictures of what happens in time: described once, drawn in the terminal or into a file.

mod chart;
mod pictures;
mod plot;
mod raster;

pub(crate) use chart::lines;
pub(crate) use pictures::{SAMPLES, continued, forecasts, free_run, generated, movements};
pub(crate) use plot::{check_path, save};

/// Panels one below the other in a terminal, side by side in a file.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Picture {
    pub(crate) title: String,
    pub(crate) panels: Vec<Panel>,
}

/// Curves over two axes.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Panel {
    pub(crate) title: String,
    /// What the horizontal axis shows.
    pub(crate) x: String,
    /// What the vertical axis shows.
    pub(crate) y: String,
    /// Later ones in front.
    pub(crate) curves: Vec<Curve>,
    /// Where curves should end.
    pub(crate) targets: Vec<(f64, f64)>,
    /// Whether both axes have one unit, as in the plane.
    pub(crate) plane: bool,
    /// A place on the horizontal axis, and what is there.
    pub(crate) mark: Option<(f64, String)>,
    /// What the vertical axis shows: a curve that leaves it is cut off.
    pub(crate) range: Option<(f64, f64)>,
}

/// One or more paths of one kind.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Curve {
    pub(crate) label: String,
    pub(crate) who: Who,
    pub(crate) paths: Vec<Vec<(f64, f64)>>,
}

/// Whose curve it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Who {
    /// What is true, or what was learned from.
    Truth,
    /// What the network says.
    Network,
}

impl Panel {
    fn points(&self) -> impl Iterator<Item = &(f64, f64)> {
        self.curves.iter().flat_map(|curve| curve.paths.iter().flatten()).chain(&self.targets)
    }
}
