//! The picture of a model card: what an adapter makes of held-out data.

use bl_cli::Printer;
use bl_core::{Adapter, Net, argmax};
use bl_plot::{
    Axis, Chart, Cloud, Figure, Line, LineStyle, Lines, Movements, Panel, Paths, Pictures, Point, Role,
    Thumbnail,
};
use bl_tasks::about::about;
use bl_tasks::kinds::{ForecastJudgement, ReachJudgement, Reached};
use bl_tasks::{Asked, DataDir, Images, Source, Trained, What, find_task};

use crate::cli::DataArgs;

/// Images that are shown, in three rows.
const IMAGES: usize = 15;
/// Samples that are drawn.
const SAMPLES: usize = 300;

/// A PNG, or none, and why, where the data are not there: a card is good without.
pub(super) fn draw(adapter: &Adapter, data: &DataArgs, out: Printer) -> Option<Vec<u8>> {
    match figure(adapter, data).and_then(|figure| Ok(figure.png()?)) {
        Ok(png) => Some(png),
        Err(error) => {
            out.say(format!("figure     none: {error:#}"));
            None
        }
    }
}

fn figure(adapter: &Adapter, data: &DataArgs) -> anyhow::Result<Figure> {
    let header = &adapter.header;
    let own = Trained::from(header).open(Asked::default(), DataDir::resolve(data.data_dir.clone()))?;
    let (task, backbone) = (&own.task, adapter.generate_backbone()?);
    let half = backbone.prepare(adapter)?;
    let net = backbone.with(&half);
    let variable = about(&header.io, &header.task.labels).variable.unwrap_or_default();
    match &task.what {
        What::Images(images) => {
            let may_be_shown =
                find_task(&task.name).is_some_and(|set| !set.licence.starts_with("not stated"));
            anyhow::ensure!(may_be_shown, "`{}` states no licence that allows showing its images", task.name);
            thumbnails(images, task.source, &header.task.labels, &net)
        }
        What::Forecast(forecast) => Ok(forecasts(&forecast.evaluate(&net)?, &variable)),
        What::Generate(generate) => {
            let judged = generate.evaluate(&net)?;
            let title = format!("generated without input; {} training steps", judged.steps);
            Ok(Figure::single(course(&title, &variable, "generated", &judged.target, &judged.generated)))
        }
        What::Reach(reach) => Ok(Figure::single(movements(&reach.evaluate(&net)?))),
        What::Texts(_) => anyhow::bail!("texts have no figure"),
        What::Trials(_) | What::Cognitive(_) => anyhow::bail!("trials have no figure"),
        What::Own(_) => anyhow::bail!("a task of a program's own has no figure"),
    }
}

fn thumbnails(images: &Images, source: Source, labels: &[String], net: &dyn Net) -> anyhow::Result<Figure> {
    let shown: Vec<usize> = (0..IMAGES).map(|nth| nth * images.test.len() / IMAGES).collect();
    let shown = images.test.subset(&shown);
    let scores = net.scores(&shown.images)?;
    let thumbnails = scores.chunks_exact(net.outputs()).enumerate().map(|(i, scores)| {
        let (says, is) = (argmax(scores), usize::from(shown.labels[i]));
        let (said, truth) = (class(labels, says), class(labels, is));
        Thumbnail {
            pixels: shown.image(i).to_vec(),
            height: shown.height,
            width: shown.width,
            caption: if says == is { said } else { format!("{said}, is {truth}") },
            is_marked: says != is,
        }
    });
    let pictures = Pictures { columns: IMAGES / 3, pictures: thumbnails.collect() };
    let title = format!("Predictions on images of the test set ({source})");
    Ok(Figure::single(Panel { title, chart: Chart::Pictures(pictures) }))
}

/// A class's name, or its number where the font of figures has no such letters.
fn class(labels: &[String], index: usize) -> String {
    match labels.get(index) {
        Some(label) if label.is_ascii() => label.clone(),
        _ => format!("class {index}"),
    }
}

fn forecasts(judged: &ForecastJudgement, variable: &str) -> Figure {
    let forced = &judged.teacher_forced;
    let title = "teacher-forced: true values go in";
    let mut panels = vec![course(title, variable, "forecast", &forced.target, &forced.forecast)];
    let title = "free run: forecasts are fed back";
    let free = judged.free.first();
    panels.extend(free.map(|run| course(title, variable, "free run", &run.target, &run.forecast)));
    Figure::row("", panels)
}

fn course(title: &str, variable: &str, label: &str, target: &[f64], own: &[f64]) -> Panel {
    let shown = SAMPLES.min(target.len()).min(own.len());
    let (target, own) = (&target[..shown], &own[..shown]);
    // A free run may leave what is true by far: it is cut off there.
    let (low, high) = target.iter().fold((f64::MAX, f64::MIN), |(low, high), &x| (low.min(x), high.max(x)));
    let margin = 0.2 * (high - low);
    let line = |label: &str, role, style, values: &[f64]| Line {
        markers: false,
        style,
        points: (0..)
            .zip(values)
            .map(|(i, &y)| Point { x: f64::from(i), y: y.clamp(low - margin, high + margin), sd: 0.0 })
            .collect(),
        ..Line::new(label, role)
    };
    Panel {
        title: title.to_owned(),
        chart: Chart::Lines(Lines {
            x: Axis::linear("sample"),
            y: Axis::linear(variable),
            series: vec![
                line("true", Role::Full, LineStyle::Solid, target),
                line(label, Role::Bias, LineStyle::Dashed, own),
            ],
            references: vec![],
        }),
    }
}

fn movements(judged: &ReachJudgement) -> Panel {
    const MM: f64 = 1e3;
    let paths = |label: &str, role, all: &[Reached]| Movements {
        label: label.to_owned(),
        role,
        paths: all
            .iter()
            .map(|reached| {
                reached.movement.states.iter().map(|s| (MM * s.position[0], MM * s.position[1])).collect()
            })
            .collect(),
    };
    let all = judged.train.iter().chain(&judged.test);
    let points = all.map(|reached| (MM * reached.target[0], MM * reached.target[1])).collect();
    Panel {
        title: "movements from the centre to targets".into(),
        chart: Chart::Paths(Paths {
            x: Axis::linear("x (mm)"),
            y: Axis::linear("y (mm)"),
            series: vec![
                paths("between training targets", Role::Bias, &judged.test),
                paths("training targets", Role::Full, &judged.train),
            ],
            targets: vec![Cloud { label: "target".into(), role: Role::Null, points }],
        }),
    }
}
