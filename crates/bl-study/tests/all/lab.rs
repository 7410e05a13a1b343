//! What holds of runs: each is carried out once, kept as soon as it is done, and the same however it came about.

use std::ops::ControlFlow;
use std::path::Path;

use bl_core::Spec;
use bl_study::{Data, Lab, Metrics, Need, Outcome, Run, StudyError, Watch};
use bl_tasks::DataDir;
use bl_train::{Method, Settings};

/// Counts words, and stops the work once as many runs are finished.
#[derive(Default)]
struct Listener {
    words: Vec<String>,
    stop_after: Option<usize>,
    /// Stops at this report of progress.
    stop_at: Option<usize>,
    shares: usize,
}

impl Watch for Listener {
    fn say(&mut self, words: &str) {
        self.words.push(words.to_owned());
    }

    fn share(&mut self, _done: f64, _doing: &str) -> ControlFlow<()> {
        self.shares += 1;
        if self.stop_at == Some(self.shares) {
            return ControlFlow::Break(());
        }
        match self.stop_after {
            Some(count) if self.words.len() >= count => ControlFlow::Break(()),
            _ => ControlFlow::Continue(()),
        }
    }
}

fn run(seed: u64, width: u32, method: Method) -> Run {
    let backbone = Spec::from_toml(&format!(
        r#"
        seed = 1
        input = {{ height = 28, width = 28 }}
        layers = [{{ units = {width}, weights = {{ distribution = "normal", std = 0.0357 }} }}]
        readout = {{ outputs = 10, weights = {{ distribution = "normal", std = 0.0357 }} }}
        "#
    ));
    let settings = Settings {
        backbone: Some("study".into()),
        method: Some(method),
        epochs: Some(2),
        lr: Some(0.02),
        seed: Some(seed),
        val_fraction: Some(0.0),
        ..Settings::default()
    };
    Run {
        data: Some(Data { tasks: vec!["mnist".into()], train: Some(1000) }),
        backbone: backbone.unwrap(),
        config: settings.resolve("mnist").unwrap(),
    }
}

fn six() -> Vec<Run> {
    vec![
        run(1, 96, Method::Bias),
        run(1, 64, Method::Bias), // another backbone between two that share one
        run(2, 96, Method::Bias),
        run(1, 96, Method::Mask),
        run(1, 96, Method::Full),
        run(2, 64, Method::Gain),
    ]
}

#[expect(clippy::result_large_err, reason = "as the library has it")]
fn outcomes(
    folder: &Path,
    runs: &[Run],
    need: Need,
    watch: &mut Listener,
) -> Result<Vec<Outcome>, StudyError> {
    let data = DataDir { root: folder.join("no data"), explicit: false }; // so the embedded sample is used
    Lab::new(folder, data, None, watch).outcomes(runs, need)
}

/// What must not depend on how a run came about.
fn metrics(outcome: &Outcome) -> (Option<Metrics>, u64, Vec<(usize, f64)>) {
    (outcome.metrics, outcome.train_loss.to_bits(), outcome.curve.clone())
}

#[test]
fn runs_that_share_a_cache_or_were_stopped_equal_runs_alone() {
    let together = tempfile::tempdir().unwrap();
    let all = outcomes(together.path(), &six(), Need::Metrics, &mut Listener::default()).unwrap();
    let shared: Vec<bool> = all.iter().map(|outcome| outcome.cache.unwrap().shared).collect();
    assert_eq!(shared, [false, false, true, true, false, true]);
    for (run, expected) in six().into_iter().zip(&all) {
        let alone = tempfile::tempdir().unwrap();
        let found = outcomes(alone.path(), &[run], Need::Metrics, &mut Listener::default()).unwrap();
        assert_eq!(metrics(&found[0]), metrics(expected));
    }

    let folder = tempfile::tempdir().unwrap();
    let mut stopping = Listener { stop_after: Some(3), ..Listener::default() };
    let error = outcomes(folder.path(), &six(), Need::Metrics, &mut stopping).unwrap_err();
    assert!(error.hint().unwrap().contains("run the same command again"), "{error}");
    let mut rest = Listener::default();
    let found = outcomes(folder.path(), &six(), Need::Metrics, &mut rest).unwrap();
    assert_eq!(rest.words[0], "3 of 6 runs are finished already");
    assert_eq!(rest.words.len(), 1 + 3, "{:?}", rest.words);
    assert_eq!(found.iter().map(metrics).collect::<Vec<_>>(), all.iter().map(metrics).collect::<Vec<_>>());
}

#[test]
fn a_run_stopped_in_an_epoch_goes_on_from_the_one_before_with_its_whole_curve() {
    let one = [run(1, 64, Method::Bias)];
    let whole = tempfile::tempdir().unwrap();
    let expected = outcomes(whole.path(), &one, Need::Metrics, &mut Listener::default()).unwrap();
    assert_eq!(expected[0].curve.len(), 2);

    let folder = tempfile::tempdir().unwrap();
    // One report while the cache is filled, then one for each of two steps an epoch.
    let mut stopping = Listener { stop_at: Some(4), ..Listener::default() };
    outcomes(folder.path(), &one, Need::Metrics, &mut stopping).unwrap_err();
    let checkpoint = || {
        let files = std::fs::read_dir(folder.path().join("runs")).unwrap();
        files.map(|file| file.unwrap().path()).find(|path| path.extension().unwrap() == "checkpoint")
    };
    let kept = checkpoint().expect("the first epoch is kept");
    let mut rest = Listener::default();
    let found = outcomes(folder.path(), &one, Need::Metrics, &mut rest).unwrap();
    assert_eq!(metrics(&found[0]), metrics(&expected[0]));
    assert_eq!(rest.shares, 1 + 2, "one epoch was left");
    assert!(checkpoint().is_none());

    // A checkpoint that cannot be used costs time and nothing else.
    std::fs::remove_dir_all(folder.path().join("runs")).unwrap();
    std::fs::create_dir(folder.path().join("runs")).unwrap();
    std::fs::write(kept, "half a checkpoint").unwrap();
    let found = outcomes(folder.path(), &one, Need::Metrics, &mut rest).unwrap();
    assert_eq!(metrics(&found[0]), metrics(&expected[0]));
    assert!(rest.words.iter().any(|words| words.contains("the run starts again")), "{:?}", rest.words);
}

#[test]
fn finished_runs_are_read_and_not_carried_out_again() {
    let folder = tempfile::tempdir().unwrap();
    let first = outcomes(folder.path(), &six(), Need::Metrics, &mut Listener::default()).unwrap();
    let mut watch = Listener::default();
    let again = outcomes(folder.path(), &six(), Need::Metrics, &mut watch).unwrap();
    assert_eq!(again, first, "durations too");
    assert_eq!(watch.words, ["6 of 6 runs are finished already"]);
    // A study that looks at the units needs the adapters as well.
    let with_adapters = outcomes(folder.path(), &six()[..1], Need::Parameters, &mut watch).unwrap();
    assert_eq!(metrics(&with_adapters[0]), metrics(&first[0]));
    let mut lab_watch = Listener::default();
    let data = DataDir { root: folder.path().join("no data"), explicit: false };
    let mut lab = Lab::new(folder.path(), data, None, &mut lab_watch);
    assert_eq!(lab.adapter(&six()[0]).unwrap().parameters.biases[0].len(), 96);
}

#[test]
fn files_that_are_damaged_older_or_foreign_are_errors_and_stay() {
    let folder = tempfile::tempdir().unwrap();
    let one = [run(1, 64, Method::Bias)];
    outcomes(folder.path(), &one, Need::Metrics, &mut Listener::default()).unwrap();
    let path = std::fs::read_dir(folder.path().join("runs")).unwrap().next().unwrap().unwrap().path();
    let good = std::fs::read_to_string(&path).unwrap();
    let check = |content: &str, expected: &str| {
        std::fs::write(&path, content).unwrap();
        let error = outcomes(folder.path(), &one, Need::Metrics, &mut Listener::default()).unwrap_err();
        assert!(error.to_string().contains(expected), "expected `{expected}`, found `{error}`");
        assert!(error.hint().is_some());
        assert_eq!(std::fs::read_to_string(&path).unwrap(), content, "nothing is lost");
    };
    check(&good[..good.len() / 2], "is damaged");
    check("", "is damaged");
    check("{}", "has the format ``, expected `bl-study-run`");
    check(
        &good.replace("\"version\": 1", "\"version\": 0"),
        "has format version 0, this program writes version 1",
    );
    check(&good.replacen("\"seed\": 1", "\"seed\": 5", 1), "holds another run than its name says");
    check(&good.replacen("\"epochs\"", "\"epoch\"", 1), "is damaged");
    std::fs::write(&path, &good).unwrap();
    outcomes(folder.path(), &one, Need::Metrics, &mut Listener::default()).unwrap();
}

/// Generators of 12 units and a classifier of images among them.
fn mixed() -> Vec<Run> {
    let change = |method| Settings { method, width: Some(12), epochs: Some(3), ..Settings::default() };
    let of = |seed, method| Run::of("cosine", seed, change(Some(method))).unwrap();
    vec![
        of(1, Method::Bias),
        run(1, 64, Method::Bias),
        of(2, Method::Mask),
        of(1, Method::Full),
        Run::of("cosine", 1, Settings { gain: Some(1e5), ..change(None) }).unwrap(), // its states explode
    ]
}

#[test]
fn runs_of_all_tasks_are_carried_out_together_and_one_that_explodes_is_a_result() {
    let folder = tempfile::tempdir().unwrap();
    let mut watch = Listener::default();
    let first = outcomes(folder.path(), &mixed(), Need::Parameters, &mut watch).unwrap();
    assert!(watch.words.iter().any(|words| words.starts_with("   5/5  ")), "{:?}", watch.words);
    let failed: Vec<bool> = first.iter().map(|outcome| outcome.failed.is_some()).collect();
    assert_eq!(failed, [false, false, false, false, true]);
    assert_eq!(first[0].r2().is_some(), first[0].curve.len() == 3);
    assert!(first[1].test_accuracy() > 0.0);
    // All but the exploded one left what they learned, and it is worth what was recorded.
    let mut watch = Listener::default();
    let again = outcomes(folder.path(), &mixed(), Need::Parameters, &mut watch).unwrap();
    assert_eq!(again, first);
    assert_eq!(watch.words, ["5 of 5 runs are finished already"]);
    let data = DataDir { root: folder.path().join("no data"), explicit: false };
    let mut lab = Lab::new(folder.path(), data, None, &mut watch);
    for (run, outcome) in mixed().iter().zip(&first).take(4) {
        let headline = lab.judge(run).unwrap().headline.unwrap().value;
        assert_eq!(headline, outcome.r2().unwrap_or_else(|| outcome.test_accuracy()));
    }
    assert!(lab.judge(&mixed()[4]).is_err());
    assert!(lab.network(&mixed()[3]).is_ok() && lab.network(&mixed()[0]).is_err());

    // One after the other, on one thread, they come to the same.
    let alone = tempfile::tempdir().unwrap();
    for (run, expected) in mixed().into_iter().zip(&first) {
        let found = outcomes(alone.path(), &[run], Need::Metrics, &mut Listener::default()).unwrap();
        assert_eq!(metrics(&found[0]), metrics(expected));
    }
}

#[test]
fn parameters_are_counted_as_the_trainer_counts_them() {
    let folder = tempfile::tempdir().unwrap();
    let methods = [Method::Bias, Method::Mask, Method::Gain, Method::BiasGain, Method::Full];
    let runs = methods.map(|method| run(1, 32, method));
    let found = outcomes(folder.path(), &runs, Need::Metrics, &mut Listener::default()).unwrap();
    let counts: Vec<usize> = found.iter().map(|outcome| outcome.parameters).collect();
    assert_eq!(counts, [32, 32, 32, 2 * 32, 32 * (784 + 1 + 10)]);
}
