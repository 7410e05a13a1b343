//! Pictures: the same again, whole, legible, and never of numbers that are none.

use std::fs;
use std::path::Path;

use bl_study::plot::{
    Axis, Bar, BarSeries, Bars, Chart, Cloud, Error, Figure, HeatMap, Histograms, Line, Lines, Panel, Point,
    Role, Scatter, Steps,
};
use resvg::tiny_skia::{PathSegment, Pixmap, Rect};
use resvg::usvg::{Group, Node, Options, Tree};

use proptest::prelude::*;

use crate::samples::{accuracy_by_size, all};

fn parse(svg: &str) -> Tree {
    Tree::from_str(svg, &Options::default()).unwrap()
}

/// Boxes of all paths that are outlines of text: only those have quadratic curves.
fn texts(group: &Group) -> Vec<Rect> {
    let text = |node: &Node| match node {
        Node::Group(group) => texts(group),
        Node::Path(path) if path.data().segments().any(|s| matches!(s, PathSegment::QuadTo(..))) => {
            vec![path.abs_bounding_box()]
        }
        _ => vec![],
    };
    group.children().iter().flat_map(text).collect()
}

#[test]
fn every_kind_is_drawn_the_same_again_at_twice_the_size() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("gallery");
    fs::create_dir_all(&folder).unwrap(); // to be looked at
    for (name, figure) in all() {
        let (svg, png) = (figure.svg().unwrap(), figure.png().unwrap());
        assert_eq!(svg, figure.svg().unwrap(), "{name}");
        assert_eq!(png, figure.png().unwrap(), "{name}");
        let (width, height) = figure.size();
        let (tree, pixels) = (parse(&svg), Pixmap::decode_png(&png).unwrap());
        assert_eq!((tree.size().width(), tree.size().height()), (width as f32, height as f32), "{name}");
        assert_eq!((pixels.width(), pixels.height()), (2 * width, 2 * height), "{name}");
        fs::write(folder.join(name).with_extension("svg"), svg).unwrap();
        fs::write(folder.join(name).with_extension("png"), png).unwrap();
    }
}

#[test]
fn no_picture_needs_a_font() {
    for (name, figure) in all() {
        let svg = figure.svg().unwrap();
        assert!(!svg.contains("<text") && !svg.contains("font-family"), "{name}");
    }
}

#[test]
fn nothing_is_cut_off() {
    for (name, figure) in all() {
        let tree = parse(&figure.svg().unwrap());
        let drawn = tree.root().abs_stroke_bounding_box();
        let page = (tree.size().width(), tree.size().height());
        let whole =
            drawn.left() >= 0.0 && drawn.top() >= 0.0 && drawn.right() <= page.0 && drawn.bottom() <= page.1;
        assert!(whole, "{name}: {drawn:?} on {page:?}");
        for text in texts(tree.root()) {
            let inside = text.left() > 2.0
                && text.top() > 2.0
                && text.right() < page.0 - 2.0
                && text.bottom() < page.1 - 2.0;
            assert!(inside, "{name}: {text:?}");
        }
    }
}

#[test]
fn no_text_touches_another() {
    for (name, figure) in all() {
        let tree = parse(&figure.svg().unwrap());
        let boxes = texts(tree.root());
        assert!(boxes.len() > 10, "{name}");
        for (index, a) in boxes.iter().enumerate() {
            for b in &boxes[index + 1..] {
                // A bold letter is set several times, a fraction of a pixel apart.
                let same = (a.left() - b.left()).abs() < 1.0 && a.top() == b.top();
                assert!(same || a.intersect(b).is_none(), "{name}: {a:?} and {b:?}");
            }
        }
    }
}

#[track_caller]
fn check(chart: Chart, expect: &str) {
    let figure = Figure::single(Panel::new("", chart));
    let found = figure.svg().err().map(|error| error.to_string());
    assert_eq!(found.as_deref(), Some(expect));
    assert!(figure.png().is_err());
}

fn lines(points: Vec<Point>, y: Axis) -> Chart {
    let line = Line { points, ..Line::new("bias", Role::Bias) };
    Chart::Lines(Lines { x: Axis::linear("x"), y, series: vec![line], references: vec![] })
}

fn point(y: f64, sd: f64) -> Point {
    Point { x: 1.0, y, sd }
}

#[test]
fn curves_that_cannot_be_drawn() {
    let linear = || Axis::linear("accuracy");
    check(
        lines(vec![point(0.5, 0.0), point(f64::NAN, 0.0)], linear()),
        "series `bias`: expected a finite y, found NaN at index 1",
    );
    check(
        lines(vec![point(0.5, f64::INFINITY)], linear()),
        "series `bias`: expected a finite deviation, found inf at index 0",
    );
    check(
        lines(vec![point(0.5, -1.0)], linear()),
        "series `bias`: expected no negative deviation, found -1 at index 0",
    );
    check(lines(vec![], linear()), "series `bias`: expected at least one point, found none");
    check(
        lines(vec![point(0.0, 0.0)], Axis::log10("loss")),
        "series `bias`: expected y above 0 on a logarithmic axis, found 0 at index 0",
    );
    check(
        lines(vec![point(0.5, 0.0)], Axis::log10("loss").over(0.0, 1.0)),
        "axis `loss`: expected a range that ascends, above 0 if logarithmic, found 0 to 1",
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_numbers_are_drawn_or_refused(
        values in prop::collection::vec((any::<f64>(), any::<f64>()), 1..6),
        tiny in 0.0..1e-3_f64,
    ) {
        for (scale, near) in [(Axis::linear("y"), 0.0), (Axis::linear("y"), tiny), (Axis::log10("y"), tiny)] {
            let point = |&(x, y): &(f64, f64)| Point { x, y: if near > 0.0 { 1.0 + near * y.fract() } else { y }, sd: 0.0 };
            let chart = lines(values.iter().map(point).collect(), scale);
            let figure = Figure::single(Panel::new("", chart));
            if let Ok(svg) = figure.svg() {
                let drawn = parse(&svg).root().abs_stroke_bounding_box();
                prop_assert!(drawn.left() >= 0.0 && drawn.right() <= 600.0, "{:?}", drawn);
            }
        }
    }
}

#[test]
fn numbers_beyond_all_axes_are_refused() {
    check(
        lines(vec![point(1e300, 0.0)], Axis::linear("y")),
        &format!("series `bias`: expected a finite y, found {} at index 0", 1e300),
    );
}

#[test]
fn other_charts_that_cannot_be_drawn() {
    let (x, y) = (|| Axis::linear("x"), || Axis::linear("y"));
    let bars = |values: Vec<f64>| {
        let bars = values.into_iter().map(|value| Some(Bar { value, sd: 0.0 })).collect();
        Chart::Bars(Bars {
            x_label: String::new(),
            categories: vec!["MNIST".into(), "Vai".into()],
            y: y(),
            series: vec![BarSeries { label: "full".into(), role: Role::Full, bars }],
            references: vec![],
        })
    };
    check(bars(vec![1.0]), "series `full`: expected 2 bars, found 1");
    check(bars(vec![1.0, f64::NAN]), "series `full`: expected a finite height, found NaN at index 1");

    let steps = |edges: Vec<f64>, counts: Vec<f64>| {
        let steps = Steps { label: "mask".into(), role: Role::Mask, edges, counts, sds: vec![] };
        Chart::Histograms(Histograms { x: x(), y: y(), series: vec![steps] })
    };
    check(
        steps(vec![0.0, 1.0], vec![f64::NAN]),
        "series `mask`: expected a finite count, found NaN at index 0",
    );
    check(steps(vec![0.0, 1.0], vec![1.0, 2.0]), "series `mask`: expected 3 edges, found 2");

    let cloud = Cloud { label: "units".into(), role: Role::Null, points: vec![(0.0, f64::NAN)] };
    check(
        Chart::Scatter(Scatter::new(x(), y(), vec![cloud])),
        "series `units`: expected a finite y, found NaN at index 0",
    );

    let map = |value: f64| {
        Chart::HeatMap(HeatMap {
            rows: vec!["MNIST".into()],
            columns: vec!["1".into()],
            x_label: String::new(),
            colour_label: String::new(),
            values: vec![vec![value]],
            strip: None,
        })
    };
    check(map(f64::NAN), "series `MNIST`: expected a finite value, found NaN at index 0");
    check(map(1.5), "`MNIST`: expected numbers from 0 to 1, found 1.5 at index 0");
}

#[test]
fn text_that_the_font_lacks_is_refused() {
    let title = "数字".to_owned();
    let figure = Figure::single(Panel { title, chart: Chart::Lines(accuracy_by_size()) });
    let error = figure.svg().unwrap_err();
    assert!(matches!(error, Error::Glyph { character: '数', .. }), "{error}");
    assert!(error.hint().is_some());
}

#[test]
fn a_figure_without_panels_is_refused() {
    let figure = Figure::row("", vec![]);
    assert!(matches!(figure.svg(), Err(Error::Empty { what: "panels of a figure" })));
}
