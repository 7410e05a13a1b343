//! The same of tasks in time: the held-out trajectory beside the network's own.

use bl_cli::time::{About, OwnTask};
use bl_core::recurrent::{RecurrentAdapter, Signal};
use bl_plot::{Axis, Chart, Cloud, Figure, Line, LineStyle, Lines, Movements, Panel, Paths, Point, Role};
use bl_tasks::time::{Judgement, ReachJudgement, Reached, judge};

/// Samples that are drawn.
const SHOWN: usize = 300;

pub(super) fn figure(adapter: &RecurrentAdapter) -> anyhow::Result<Figure> {
    let header = &adapter.header;
    let OwnTask { task, .. } = About::from(header).open(None, None)?;
    let backbone = adapter.generate_backbone()?;
    let variable = match &header.signal {
        Signal::Forecast(forecast) => forecast.variable.as_str(),
        Signal::Generate { variable, .. } => variable,
        Signal::Reach(_) => "",
    };
    Ok(match judge(&task, &adapter.on(&backbone)?)? {
        Judgement::Forecast(judged) => {
            let forced = &judged.teacher_forced;
            let mut panels = vec![course(
                "teacher-forced: true values go in",
                variable,
                "forecast",
                &forced.target,
                &forced.forecast,
            )];
            panels.extend(judged.free.first().map(|run| {
                course("free run: forecasts are fed back", variable, "free run", &run.target, &run.forecast)
            }));
            Figure::row("", panels)
        }
        Judgement::Generate(judged) => {
            let title = format!("generated without input; {} steps were learned", judged.steps);
            Figure::single(course(&title, variable, "generated", &judged.target, &judged.generated))
        }
        Judgement::Reach(judged) => Figure::single(movements(&judged)),
    })
}

fn course(title: &str, variable: &str, label: &str, target: &[f64], own: &[f64]) -> Panel {
    let shown = SHOWN.min(target.len()).min(own.len());
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
                paths("between the learned", Role::Full, &judged.test),
                paths("learned", Role::Bias, &judged.train),
            ],
            targets: vec![Cloud { label: "target".into(), role: Role::Null, points }],
        }),
    }
}
