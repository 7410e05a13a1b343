//! Figures for print and for a README: described by plain structs, drawn in one style.
//!
//! ```
//! use bl_plot::{Axis, Chart, Figure, Line, Lines, Panel, Point, Role};
//!
//! let points = [(64.0, 0.71), (1024.0, 0.83), (32768.0, 0.87)];
//! let figure = Figure::single(Panel {
//!     title: "Fashion".into(),
//!     chart: Chart::Lines(Lines {
//!         x: Axis::log10("Trained parameters"),
//!         y: Axis::linear("Test accuracy"),
//!         series: vec![Line {
//!             points: points.map(|(x, y)| Point { x, y, sd: 0.004 }).to_vec(),
//!             ..Line::new("Bias", Role::Bias)
//!         }],
//!         references: vec![],
//!     }),
//! });
//! assert!(figure.svg()?.starts_with("<svg"));
//! assert!(figure.png()?.starts_with(b"\x89PNG"));
//! # Ok::<(), bl_plot::Error>(())
//! ```
//!
//! A figure is laid out in pixels (a panel is 480 wide), drawn as SVG, its text turned into outlines of
//! the embedded font, and rasterised from that same SVG at twice the size: it looks alike on every
//! machine, whatever fonts are there. The same figure gives the same bytes.
//!
//! Legends stand above the axes and axes grow to hold all data: nothing covers or cuts off a point.

mod bars;
mod canvas;
mod check;
mod colour_map;
mod error;
mod figure;
mod font;
mod frame;
mod heat_map;
mod histogram;
mod labels;
mod legend;
mod lines;
mod outline;
mod palette;
mod paths;
mod pictures;
mod scale;
mod scatter;
mod ticks;

pub use bars::{Bar, BarSeries, Bars};
pub use error::Error;
pub use figure::{Chart, Figure, Panel};
pub use font::has_glyphs;
pub use heat_map::{HeatMap, Strip};
pub use histogram::{Histograms, Steps};
pub use lines::{Line, LineStyle, Lines, Point, Reference};
pub use palette::Role;
pub use paths::{Movements, Paths};
pub use pictures::{Pictures, Thumbnail};
pub use scale::{Axis, Scale};
pub use scatter::{Circle, Cloud, Scatter};
