//! How the files in `fixtures` were made: by version 0.1 at commit 8e5d21f, once. They are what that version wrote, so they
//! are not to be made again by a later one: what is there is never written over, and a fixture of something new is added
//! beside the others.

use std::collections::BTreeMap;
use std::path::Path;

use bl_core::container::{self, Tensor};
use bl_core::{Adapter, Encoding, Header, Parameters, UnitGains};
use bl_train::{Checkpoints, Error, Method};
use serde_json::{Value, json};

use super::runs::{RUNS, STOPPED_IN, forecast, generate, in_time, mlp, of_images, reach, rnn, written};
use super::{fixtures, root};

type Files = BTreeMap<String, Vec<u8>>;

#[test]
#[ignore = "made by version 0.1 at commit 8e5d21f, not to be made again"]
fn make() {
    let mut files = Files::new();
    trained(&mut files);
    forms(&mut files);
    backbones(&mut files);
    checkpoints(&mut files);
    samples_of_the_format(&mut files);
    std::fs::create_dir_all(fixtures()).expect("a folder");
    for (name, bytes) in files {
        let path = fixtures().join(name);
        if !path.exists() {
            std::fs::write(path, bytes).expect("a small file");
        }
    }
}

fn at_once() -> Checkpoints {
    Checkpoints::default()
}

fn trained(files: &mut Files) {
    let mut add = |name: &str, bytes: Result<Vec<u8>, Error>| {
        files.insert(format!("{name}.safetensors"), bytes.expect(name));
    };
    for run in RUNS {
        add(run.end.trim_end_matches(".safetensors"), (run.train)(at_once(), None));
    }
    add("adapter-image-gain", of_images(1, Method::Gain, at_once(), None));
    add("adapter-image-bias_gain", of_images(1, Method::BiasGain, at_once(), None));
    add("adapter-image-bias-two-layers", of_images(2, Method::Bias, at_once(), None));
    add("adapter-forecast-gain", in_time(&forecast(), Method::Gain, false, at_once(), None));
    add("adapter-generate-mask", in_time(&generate(), Method::Mask, false, at_once(), None));
    add("adapter-generate-mask-state", in_time(&generate(), Method::Mask, true, at_once(), None));
    add("adapter-generate-bias", in_time(&generate(), Method::Bias, false, at_once(), None));
    add("adapter-reach-bias_gain-state", in_time(&reach(), Method::BiasGain, true, at_once(), None));
    add("network-reach", in_time(&reach(), Method::Full, false, at_once(), None));
}

/// The same in fewer bytes, and with header fields that nobody knows.
fn forms(files: &mut Files) {
    let of = |files: &Files, name: &str| files[&format!("{name}.safetensors")].clone();
    let image = |name: &str| Adapter::from_bytes(&of(files, name)).expect("an adapter");
    let in_time = |name: &str| Adapter::from_bytes(&of(files, name)).expect("an adapter");
    let keep: Vec<bool> = (0..24).map(|unit| unit % 3 != 0).collect();
    let image_forms: Vec<(&str, Adapter)> = vec![
        ("image-bias-f16", image("adapter-image-bias").encoded(Encoding::F16).expect("in range")),
        ("image-bias_gain-i8", image("adapter-image-bias_gain").encoded(Encoding::I8).expect("in range")),
        ("image-bias-pruned", image("adapter-image-bias").pruned(&keep).expect("one layer")),
        ("image-gain-pruned-f16", {
            let pruned = image("adapter-image-gain").pruned(&keep).expect("one layer");
            pruned.encoded(Encoding::F16).expect("in range")
        }),
        ("image-bias-of-mask", image("adapter-image-mask").to_bias(&mlp(1)).expect("a mask")),
    ];
    let state = in_time("adapter-forecast-bias-state");
    let time_forms = [
        ("forecast-bias-state-f16", state.encoded(Encoding::F16).expect("in range")),
        ("forecast-bias-state-i8", state.encoded(Encoding::I8).expect("in range")),
    ];
    let unknown =
        ["adapter-image-bias", "adapter-forecast-bias-state"].map(|name| with_unknown(&of(files, name)));
    for (name, adapter) in image_forms {
        files.insert(format!("adapter-{name}.safetensors"), adapter.to_bytes().expect("small"));
    }
    for (name, adapter) in time_forms {
        files.insert(format!("adapter-{name}.safetensors"), adapter.to_bytes().expect("small"));
    }
    for (name, bytes) in ["image-unknown-fields", "forecast-unknown-fields"].iter().zip(unknown) {
        files.insert(format!("adapter-{name}.safetensors"), bytes);
    }
}

/// Fields of a later version, at the top, in a table and in a list.
fn with_unknown(bytes: &[u8]) -> Vec<u8> {
    let (mut header, tensors) = container::read("bl_adapter", bytes).expect("an adapter");
    header["later"] = json!({ "a": [1, null, "x"] });
    header["task"]["domain"] = json!("test");
    header["metrics"][1]["unit"] = json!("nat");
    header.as_object_mut().expect("an object").remove("digest");
    let names = ["hidden.0.bias", "state.0"].into_iter().filter(|name| tensors.tensor(name).is_ok());
    let read = |name: &str| {
        let values: Vec<f32> = tensors.tensor(name).expect(name).data().chunks_exact(4).map(f32_of).collect();
        (name.to_owned(), Tensor::vector(&values))
    };
    container::write_sealed("bl_adapter", header, &names.map(read).collect::<Vec<_>>()).expect("small")
}

fn f32_of(bytes: &[u8]) -> f32 {
    f32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])
}

fn backbones(files: &mut Files) {
    let mut add = |name: &str, save: &dyn Fn(&Path) -> Result<(), bl_core::Error>| {
        let bytes = written(|path| Ok(save(path)?)).expect(name);
        files.insert(format!("backbone-{name}.safetensors"), bytes);
    };
    add("image", &|path| mlp(1).save(path));
    add("image-two-layers", &|path| mlp(2).save(path));
    add("forecast", &|path| rnn(&forecast()).save(path));
    add("generate", &|path| rnn(&generate()).save(path));
}

fn checkpoints(files: &mut Files) {
    for run in RUNS {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("checkpoint");
        let stopped = (run.train)(Checkpoints { path: Some(path.clone()), resume: false }, Some(STOPPED_IN));
        assert!(matches!(stopped, Err(Error::Interrupted { .. })), "{}", run.name);
        files.insert(format!("{}.checkpoint", run.name), std::fs::read(path).expect("it was written"));
    }
}

/// Those of FORMAT.md, from its text.
fn samples_of_the_format(files: &mut Files) {
    let document = std::fs::read_to_string(root().join("FORMAT.md")).expect("FORMAT.md");
    let header = |name: &str| -> Value {
        let start = document.split_once(&format!("<!-- sample: {name} -->\n```json\n")).expect(name).1;
        let mut header: Value =
            serde_json::from_str(start.split_once("\n```").expect("a fence").0).expect("JSON");
        header.as_object_mut().expect("an object").remove("digest");
        header
    };
    let of_images: Header = serde_json::from_value(header("header")).expect("a header");
    let bars =
        Adapter::new(of_images, Parameters::of_biases(vec![vec![0.5, -0.25, 0.125]])).expect("they fit");
    let mut plain = bars.clone();
    plain.header.metrics.clear();
    let few = plain.pruned(&[true, false, true]).expect("one layer");
    let encoded = |adapter: &Adapter, to| adapter.encoded(to).expect("in range");
    for (name, adapter) in [
        ("bars", bars),
        ("bars-f16", encoded(&plain, Encoding::F16)),
        ("bars-i8", encoded(&plain, Encoding::I8)),
        ("bars-few", few.clone()),
        ("bars-few-i8", encoded(&few, Encoding::I8)),
    ] {
        files.insert(format!("format-{name}.safetensors"), adapter.to_bytes().expect("small"));
    }
    let header: Header = serde_json::from_value(header("recurrent header")).expect("a header");
    let biases = vec![header.base_bias.expect("drawn").draw(0, 3)];
    let (gains, initial) = (UnitGains::Learned(vec![0.5, 1.25, -0.75]), Some(vec![0.25, 0.0, -0.5]));
    let tides = Adapter::new(header, Parameters { biases, gains, initial, head: None }).expect("they fit");
    files.insert("format-tides.safetensors".into(), tides.to_bytes().expect("small"));
}
