//! The picture of a model card: what an adapter makes of held-out data.

use bl_cli::Printer;
use bl_core::{AnyAdapter, Backbone, BiasAdapter, argmax};
use bl_plot::{Chart, Figure, Panel, Pictures, Thumbnail};
use bl_tasks::catalogue::find_task;
use bl_tasks::{DataDir, ImageTask};

use super::picture_time;
use crate::cli::DataArgs;

/// Pictures that are shown, in three rows.
const SHOWN: usize = 15;

/// A PNG, or none, and why, where the data are not there: a card is good without.
pub(super) fn draw(adapter: &AnyAdapter, data: &DataArgs, out: Printer) -> Option<Vec<u8>> {
    let figure = match adapter {
        AnyAdapter::Pictures(adapter) => of_pictures(adapter, data),
        AnyAdapter::Time(adapter) => picture_time::figure(adapter),
    };
    match figure.and_then(|figure| Ok(figure.png()?)) {
        Ok(png) => Some(png),
        Err(error) => {
            out.say(format!("picture    none: {error:#}"));
            None
        }
    }
}

fn of_pictures(adapter: &BiasAdapter, data: &DataArgs) -> anyhow::Result<Figure> {
    let header = &adapter.header;
    let name = &header.task.name;
    let Some(info) = find_task(name) else {
        anyhow::bail!("`{name}` is a folder of pictures, which only its owner has")
    };
    anyhow::ensure!(
        !info.licence.starts_with("not stated"),
        "nothing says that the pictures of `{name}` may be shown"
    );
    let task = ImageTask::open(name, &DataDir::resolve(data.data_dir.clone()))?;
    let input = header.input;
    anyhow::ensure!(
        (task.input.height, task.input.width) == (input.height, input.width),
        "the pictures of `{name}` have another size than the adapter takes"
    );
    let shown: Vec<usize> = (0..SHOWN).map(|nth| nth * task.test.len() / SHOWN).collect();
    let shown = task.test.subset(&shown);
    let backbone = Backbone::generate(&header.backbone.spec)?;
    let p = backbone.preactivations(&shown.images)?;
    let scores = backbone.logits(&p, 0..shown.len(), &backbone.prepare(adapter)?)?;
    let thumbnails = scores.chunks_exact(backbone.outputs()).enumerate().map(|(i, scores)| {
        let (says, is) = (argmax(scores), usize::from(shown.labels[i]));
        let (said, truth) = (class(&header.task.labels, says), class(&header.task.labels, is));
        Thumbnail {
            pixels: shown.image(i).to_vec(),
            height: shown.height,
            width: shown.width,
            caption: if says == is { said } else { format!("{said}, is {truth}") },
            is_marked: says != is,
        }
    });
    let pictures = Pictures { columns: SHOWN / 3, pictures: thumbnails.collect() };
    let title = format!("What it says of pictures of the test set ({})", task.source);
    Ok(Figure::single(Panel { title, chart: Chart::Pictures(pictures) }))
}

/// A class's name, or its number where the font of figures has no such letters.
fn class(labels: &[String], index: usize) -> String {
    match labels.get(index) {
        Some(label) if label.is_ascii() => label.clone(),
        _ => format!("class {index}"),
    }
}
