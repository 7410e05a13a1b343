//! Trials from files: what is read, what is held out, and every way in which a file can be wrong.

mod archives;
mod tables;
mod ts;

use std::path::Path;

use bl_tasks::kinds::TrialsTask;
use bl_tasks::trials::{Goals, Trials};
use bl_tasks::{DataDir, Error, Request, Task, What};

/// No choice of the user's, and no data.
fn request() -> Request {
    Request::of(DataDir { root: "/nowhere".into(), explicit: false })
}

fn open(path: &Path, request: &Request) -> Result<(Task, TrialsTask), Error> {
    let task = Task::open(path.to_str().unwrap(), request)?;
    let trials = task.what.trials()?.clone();
    assert!(matches!(task.what, What::Trials(_)) && task.settings() == "trials");
    Ok((task, trials))
}

/// What opening says that it cannot, without the folder.
fn fault(path: &Path, request: &Request) -> String {
    let error = open(path, request).map(|(task, _)| task.title).unwrap_err();
    let folder = format!("{}/", path.parent().unwrap().display());
    error.to_string().replace(&folder, "")
}

/// The lengths, what goes in, and the names of the classes of trials.
type Content = (Vec<usize>, Vec<Vec<f64>>, Vec<String>);

fn content(trials: &Trials, labels: &[String]) -> Content {
    let all = 0..trials.len();
    let Goals::Classes(classes) = trials.goals() else { panic!("no classes") };
    (
        all.clone().map(|trial| trials.steps(trial)).collect(),
        all.map(|trial| trials.inputs(trial).to_vec()).collect(),
        classes.iter().map(|class| labels[usize::from(*class)].clone()).collect(),
    )
}
