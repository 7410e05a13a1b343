//! FORMAT.md is enough: `format/reader.py`, written from it, gets the same weights, bits and scores.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{
    ANYWHERE, Draw, LOCAL_NORMAL, ONE_HOT, bits, every_adapter, first_layer, generate, mlp_spec, plain,
    readouts, rnn, rnn_spec, rnn_text, spec,
};
use bl_core::io::{Ngrams, TextSchema};
use bl_core::spec::DividedBy;
use bl_core::{Adapter, Backbone, Front, MlpSpec, Net, Spec};
use serde_json::{Value, json};

/// Runs a script of `format/`; none where there is no Python, which the CI has.
#[expect(clippy::print_stderr, reason = "a test that did not run says so")]
fn python(script: &str, arguments: &[&Path]) -> Option<Value> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/all/format").join(script);
    let result = Command::new("python3").arg(script).args(arguments).output();
    let output = match result {
        Ok(output) => output,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "python3 is not on the PATH");
            eprintln!("SKIPPED: python3 is not on the PATH");
            return None;
        }
        Err(error) => panic!("python3: {error}"),
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(serde_json::from_slice(&output.stdout).expect("one JSON value"))
}

/// Inputs of a few rows, or of a few steps: as the network takes them, and as a file of bytes.
enum Inputs {
    Pixels(Vec<u8>),
    Steps(Vec<f32>),
}

const ROWS: usize = 5;

impl Inputs {
    fn of(backbone: &Backbone) -> Self {
        let mut draw = Draw::new(2);
        match backbone.spec() {
            Spec::Mlp(spec) => {
                let mut pixels = draw.bytes(ROWS * spec.input.values());
                pixels[..spec.input.values()].fill(255);
                Self::Pixels(pixels)
            }
            Spec::Rnn(spec) => Self::Steps(draw.units(ROWS * spec.widths().0)),
            Spec::Bert(_) => panic!("encoders have tests of their own"),
        }
    }

    fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Pixels(pixels) => pixels.clone(),
            Self::Steps(x) => x.iter().flat_map(|x| x.to_le_bytes()).collect(),
        }
    }
}

/// Backbone file, adapter files and what they say of a few inputs, all as Python has them.
fn check<S: Clone + Into<Spec>>(spec: &S) {
    let backbone = generate(spec);
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = |name: &str| folder.path().join(name);
    backbone.save(file("backbone")).expect("saved");
    let fingerprint = Value::String(backbone.fingerprint().to_string());
    let Some(found) = python("reader.py", &[Path::new("backbone"), &file("backbone")]) else { return };
    assert_eq!(found["fingerprint"], fingerprint, "{:?}", backbone.spec());

    let inputs = Inputs::of(&backbone);
    std::fs::write(file("inputs"), inputs.bytes()).expect("saved");
    let adapters = every_adapter(&backbone);
    let paths: Vec<PathBuf> = (0..adapters.len()).map(|nth| file(&nth.to_string())).collect();
    adapters.iter().zip(&paths).for_each(|(adapter, path)| adapter.save(path).expect("saved"));
    let fixed = [PathBuf::from("adapters"), file("inputs")];
    let arguments: Vec<&Path> = fixed.iter().chain(&paths).map(|path| &**path).collect();
    let Some(all) = python("reader.py", &arguments) else { return };
    let all: Vec<Value> = serde_json::from_value(all).expect("a list");
    assert_eq!(all.len(), adapters.len());
    for (adapter, found) in adapters.iter().zip(all) {
        assert_eq!(found["fingerprint"], fingerprint, "{:?}", backbone.spec());
        check_values(adapter, &found["b"]);
        check_outputs(&backbone, adapter, &inputs, &found);
    }
}

/// Decoded values to the bit; none of units that are not in the file.
fn check_values(adapter: &Adapter, found: &Value) {
    let kept = |unit: usize| adapter.kept().is_none_or(|kept| kept[unit]);
    let value = |(unit, b): (usize, u32)| kept(unit).then_some(b);
    let values = |bias: &Vec<f32>| bits(bias).into_iter().enumerate().map(value).collect::<Vec<_>>();
    let biases: Vec<_> = adapter.parameters.biases.iter().map(values).collect();
    assert_eq!(*found, json!(biases), "{:?}", adapter.header);
}

fn check_outputs(backbone: &Backbone, adapter: &Adapter, inputs: &Inputs, found: &Value) {
    let half = backbone.prepare(adapter).expect("its own backbone");
    let net = backbone.with(&half);
    let theirs: Vec<Vec<f64>> = serde_json::from_value(found["y"].clone()).expect("rows of numbers");
    let largest = theirs.iter().flatten().fold(0.0_f64, |max, y| max.max(y.abs()));
    let (ours, away) = match inputs {
        Inputs::Pixels(pixels) => {
            let p = backbone.mlp().and_then(|mlp| mlp.preactivations(pixels)).expect("whole images");
            let bits: Vec<_> = (0..p.rows()).map(|row| p.row(row)).collect();
            assert_eq!(found["p"], json!(bits), "{:?}", backbone.spec());
            // Sums of f32 against sums of f64; terms cancel, so the scale is that of the largest score.
            (net.scores(pixels), 1e-5 * largest.max(1.0))
        }
        Inputs::Steps(x) => {
            assert_eq!(found["r0"], json!(bits(net.initial())));
            // States may be rounded to 16 bits.
            (net.run(x, ROWS, &mut net.initial().to_vec()), 4e-3 * largest)
        }
    };
    let ours = ours.expect("shapes agree");
    assert_eq!(ours.len(), theirs.len() * net.outputs());
    for (ours, theirs) in ours.iter().zip(theirs.iter().flatten()) {
        assert!((f64::from(*ours) - theirs).abs() <= away, "{ours} {theirs} {:?}", backbone.spec());
    }
}

#[test]
fn python_regenerates_every_distribution_and_runs_adapters() {
    for weights in first_layer() {
        check(&spec(1, &[(7, weights)], ONE_HOT));
    }
    for readout in readouts() {
        check(&spec((1 << 53) - 1, &[(5, LOCAL_NORMAL)], readout));
    }
}

#[test]
fn python_runs_deep_and_residual_networks() {
    for residual in [false, true] {
        let layers: Vec<_> = [LOCAL_NORMAL].into_iter().chain(ANYWHERE).map(|weights| (6, weights)).collect();
        check(&MlpSpec { residual, ..spec(2, &layers, ANYWHERE[1]) });
    }
}

#[test]
fn python_computes_front_ends() {
    for (filters, size, grid) in [(1, 2, 1), (3, 3, 2), (17, 2, 3)] {
        let front = Some(Front::Conv { filters, size, grid });
        for weights in [ANYWHERE[1], LOCAL_NORMAL] {
            check(&MlpSpec { front: front.clone(), ..spec(3, &[(7, weights)], ONE_HOT) });
        }
        check(&MlpSpec { front, ..spec(4, &[(5, ANYWHERE[0]), (6, ANYWHERE[1])], ANYWHERE[1]) });
    }
}

#[test]
fn python_makes_the_rows_of_texts() {
    let folder = tempfile::tempdir().expect("a folder");
    let texts = [
        "Play some JAZZ, please!",
        "  e\u{301}te\u{301} à l'Été\u{a0}«déjà vu» ª µm 5º ½",
        "ありがとう。東京 タワー",
        "İzmir ΣΑΣ straße ǅ ﬁ",
        "a\u{0}b\u{200b}c\u{2028}d\u{85}e\u{ad}f",
        "हिन्दी में नमस्ते",
        "👩‍💻 a👍🏽b",
        "the the the the cat the",
        "",
        "… !?",
    ];
    for (values, words, characters, pairs) in [
        (4096, 2, [3, 5], 1),
        (37, 0, [1, 8], 1),
        (1, 3, [0, 0], 1),
        (65_536, 1, [2, 2], 2),
        (64, 8, [5, 6], 2),
    ] {
        let ngrams = Ngrams { values, words, characters, texts: pairs };
        let schema = TextSchema::Ngrams(ngrams);
        let rows: Vec<Vec<&str>> = (0..texts.len())
            .map(|i| [texts[i], texts[(i + 3) % texts.len()]][..pairs as usize].to_vec())
            .collect();
        let file = folder.path().join("texts.json");
        let given = json!({ "schema": schema, "texts": rows }).to_string();
        std::fs::write(&file, given).expect("a small file");
        let Some(found) = python("texts.py", &[&file]) else { return };
        let ours: Vec<Option<Vec<u8>>> = rows.iter().map(|texts| schema.row(texts).ok()).collect();
        assert_eq!(found, json!(ours), "{ngrams:?}");
    }
}

#[test]
fn python_regenerates_wide_local_fields() {
    let text = r#"
        seed = 5
        input = { height = 28, width = 28 }
        layers = [{ units = 40, weights = { distribution = "local_normal", sigma = 6.0, norm = 1.0 } }]
        readout = { outputs = 10, weights = { distribution = "one_hot", value = 0.1 } }
    "#;
    check(&mlp_spec(text));
}

#[test]
fn python_regenerates_and_runs_recurrent_networks() {
    for spec in [rnn(9, 1, 1), rnn(33, 2, 2), plain(7)] {
        check(&spec);
    }
    for (weights, divided_by) in ANYWHERE.into_iter().zip([DividedBy::One, DividedBy::Units].repeat(3)) {
        let mut spec = rnn_spec(&rnn_text(7, 1, 1).replace(ANYWHERE[1], weights));
        spec.recurrent.weights = spec.readout.weights.clone();
        spec.readout.divided_by = divided_by;
        check(&spec);
    }
}
