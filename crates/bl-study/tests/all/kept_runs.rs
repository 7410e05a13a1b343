//! Records of runs that version 0.1 kept are read by every later one: the paper's runs take days, and are not repeated
//! because the program was tidied up.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use bl_study::{Document, Lab, Need, Run, Setting, Watch};
use bl_tasks::DataDir;
use bl_train::{Method, Settings};
use serde_json::Value;

/// The words of a lab.
#[derive(Default)]
struct Words(Vec<String>);

impl Watch for Words {
    fn say(&mut self, words: &str) {
        self.0.push(words.to_owned());
    }

    fn share(&mut self, _done: f64, _doing: &str) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/runs")
}

fn no_data(folder: &Path) -> DataDir {
    DataDir { root: folder.join("no data"), explicit: false } // so the embedded sample is used
}

fn records() -> Vec<(PathBuf, Value)> {
    let entries = std::fs::read_dir(fixtures()).unwrap().map(|entry| entry.unwrap().path());
    let json = entries.filter(|path| path.extension().is_some_and(|extension| extension == "json"));
    let mut paths: Vec<PathBuf> = json.collect();
    paths.sort();
    let read = |path: PathBuf| {
        let record = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        (path, record)
    };
    paths.into_iter().map(read).collect()
}

/// The record alone, where a lab looks for it.
fn kept(path: &Path) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("runs")).unwrap();
    std::fs::copy(path, folder.path().join("runs").join(path.file_name().unwrap())).unwrap();
    folder
}

#[test]
fn records_of_version_0_1_are_read_and_their_runs_not_carried_out_again() {
    let (mut of_images, mut of_sequences, mut failed) = (0, 0, 0);
    for (path, record) in records() {
        let (folder, mut words) = (kept(&path), Words::default());
        let mut lab = Lab::new(folder.path(), no_data(folder.path()), None, &mut words);
        let (identity, expected) = (&record["identity"], &record["outcome"]);
        let of_sequence = identity.get("time_run");
        let run: Run = serde_json::from_value(of_sequence.unwrap_or(&identity["run"]).clone()).unwrap();
        let outcome = lab.outcomes(&[run], Need::Metrics).unwrap().remove(0);
        *if of_sequence.is_some() { &mut of_sequences } else { &mut of_images } += 1;
        failed += usize::from(outcome.failed.is_some());
        let found = serde_json::to_value(&outcome).unwrap();
        assert_eq!(&found, expected, "{}", path.display());
        assert_eq!(words.0, ["1 of 1 runs are finished already"], "{}", path.display());
    }
    assert_eq!((of_images, of_sequences, failed), (4, 5, 1), "records are added, never taken away");
}

#[test]
fn the_studies_that_are_kept_are_read_and_say_the_same() {
    let results = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../results");
    let folder = tempfile::tempdir().unwrap();
    for study in std::fs::read_dir(&results).unwrap().map(|entry| entry.unwrap().path()) {
        let to = folder.path().join(study.file_name().unwrap());
        for setting in ["quick.json", "full.json"].into_iter().filter(|name| study.join(name).exists()) {
            std::fs::create_dir_all(&to).unwrap();
            std::fs::copy(study.join(setting), to.join(setting)).unwrap();
            // Nothing is lost, and nothing is added. One verdict has another name than in version 0.1.
            let text = std::fs::read_to_string(study.join(setting)).unwrap();
            let text = text.replace(r#""verdict": "open""#, r#""verdict": "not_comparable""#);
            let [document, kept]: [Value; 2] = [
                serde_json::to_value(serde_json::from_str::<Document>(&text).unwrap()).unwrap(),
                serde_json::from_str(&text).unwrap(),
            ];
            assert!(document == kept, "{}", study.display());
        }
    }
    bl_study::study_md::write(folder.path()).unwrap();
    let [now, kept] =
        [folder.path(), &results].map(|at| std::fs::read_to_string(at.join("STUDY.md")).unwrap());
    assert!(now == kept, "STUDY.md of the same results differs");
}

/// Studies find their kept runs by what they ask for: one setting written in another way, and days are trained again.
#[test]
fn the_runs_that_studies_ask_for_are_those_that_version_0_1_kept() {
    let results = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../results");
    let bias = || Settings { method: Some(Method::Bias), ..Settings::default() };
    let full = |lr| Settings { method: Some(Method::Full), lr: Some(lr), ..Settings::default() };
    let (width, reached) = (Some(1024), Some(0.005));
    let wanted = [
        ("fig3ab", "cosine", Settings { width: Some(200), epochs: Some(20_000), ..bias() }),
        ("fig3cd", "vanderpol", Settings { gain: Some(0.5), epochs: Some(4000), ..bias() }),
        (
            "fig3cd",
            "vanderpol",
            Settings {
                gain: Some(0.5),
                width: Some(25),
                epochs: Some(10_000),
                clip: Some(1.0),
                ..full(0.001)
            },
        ),
        ("fig4", "lorenz", Settings { width: Some(16), epochs: Some(32), ..bias() }),
        (
            "fig4",
            "lorenz",
            Settings { match_parameters: Some(16), gain: Some(1.0), epochs: Some(32), ..full(0.003) },
        ),
        ("fig4c", "lorenz", Settings { width, gain: Some(1.0), epochs: Some(6), ..full(0.0005) }),
        ("fig5", "reach", Settings { width, epochs: Some(20_000), stop_at_loss: reached, ..bias() }),
        ("figE5", "reach", Settings { width, epochs: Some(3000), stop_at_loss: reached, ..full(3e-6) }),
    ];
    let json = |run: &Run| serde_json::to_string(run).unwrap();
    for (study, task, change) in wanted {
        let kept = Document::load(&results, study, Setting::Full).unwrap().unwrap().time_runs;
        let run = json(&Run::of(task, 1, change).unwrap());
        assert!(kept.iter().any(|record| json(&record.run) == run), "{study}: {run}");
    }
}
