//! Charts of a plane: equal scales on both axes, whatever the panel.

use bl_study::plot::{Axis, Chart, Circle, Cloud, Figure, Movements, Panel, Paths, Role, Scatter};
use proptest::prelude::*;
use resvg::tiny_skia::{PathSegment, Rect};
use resvg::usvg::{Group, Node, Options, Tree};

use crate::dynamics_samples::spectrum;

/// Boxes of all polygons with this many corners.
fn polygons(group: &Group, corners: usize) -> Vec<Rect> {
    let lines = |path: &resvg::usvg::Path| {
        path.data().segments().filter(|segment| matches!(segment, PathSegment::LineTo(..))).count()
    };
    let found = |node: &Node| match node {
        Node::Group(group) => polygons(group, corners),
        Node::Path(path) if lines(path) == corners => vec![path.abs_bounding_box()],
        _ => vec![],
    };
    group.children().iter().flat_map(found).collect()
}

fn drawn(panels: usize, chart: &Chart) -> Tree {
    let panel = Panel::new("", chart.clone());
    let figure = Figure::row("", vec![panel; panels]);
    Tree::from_str(&figure.svg().unwrap(), &Options::default()).unwrap()
}

#[test]
fn a_circle_is_round_in_every_panel() {
    for panels in [1, 3] {
        let circles = polygons(drawn(panels, &Chart::Scatter(spectrum(0.5))).root(), 180);
        assert_eq!(circles.len(), panels);
        for circle in circles {
            assert!((circle.width() - circle.height()).abs() < 0.3, "{circle:?}");
            assert!(circle.width() > 200.0, "{circle:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn a_square_stays_square(
        (x, y) in (-1e3..1e3_f64, -1e3..1e3_f64),
        size in 0.5..1e3_f64,
        (far_x, far_y) in (-1e3..1e3_f64, -1e3..1e3_f64),
    ) {
        let corners = |(x, y): (f64, f64), s: f64| vec![(x, y), (x + s, y), (x + s, y + s), (x, y + s), (x, y)];
        let path = corners((x, y), size);
        let paths = vec![path, vec![(far_x, far_y), (far_x, far_y)]];
        let series = vec![Movements { label: "square".into(), role: Role::Bias, paths }];
        let chart = Paths { x: Axis::linear("x"), y: Axis::linear("y"), series, targets: vec![] };
        let squares = polygons(drawn(1, &Chart::Paths(chart)).root(), 4);
        let near = |square: &&Rect| (square.width() - square.height()).abs() < 0.3;
        prop_assert!(squares.iter().any(|square| near(&square)), "{:?}", squares);
    }
}

#[track_caller]
fn check(chart: Chart, expect: &str) {
    let figure = Figure::single(Panel::new("", chart));
    assert_eq!(figure.svg().err().map(|error| error.to_string()).as_deref(), Some(expect));
}

#[test]
fn what_has_no_place_in_the_plane() {
    let cloud = || vec![Cloud { label: "units".into(), role: Role::Null, points: vec![(1.0, 1.0)] }];
    let log = Scatter { equal_scales: true, ..Scatter::new(Axis::linear("x"), Axis::log10("y"), cloud()) };
    check(Chart::Scatter(log), "axis `y`: expected a linear scale, for equal scales on both axes");
    let circle = Some(Circle { label: "edge".into(), radius: f64::NAN });
    let nan = Scatter { circle, ..Scatter::new(Axis::linear("x"), Axis::linear("y"), cloud()) };
    check(Chart::Scatter(nan), "series `edge`: expected a finite radius, found NaN at index 0");

    let paths = |points: Vec<(f64, f64)>, targets: Vec<Cloud>| {
        let series = vec![Movements { label: "hand".into(), role: Role::Bias, paths: vec![points] }];
        Chart::Paths(Paths { x: Axis::linear("x"), y: Axis::linear("y"), series, targets })
    };
    check(paths(vec![(0.0, f64::NAN)], vec![]), "series `hand`: expected a finite y, found NaN at index 0");
    check(paths(vec![], vec![]), "series `hand`: expected at least one point, found none");
    let targets =
        vec![Cloud { label: "targets".into(), role: Role::Null, points: vec![(f64::INFINITY, 0.0)] }];
    check(paths(vec![(0.0, 0.0)], targets), "series `targets`: expected a finite x, found inf at index 0");
}
