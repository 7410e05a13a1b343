//! Specs of each family.

use bl_core::{MlpSpec, RnnSpec, Spec};

/// Every distribution that any layer may have.
pub const ANYWHERE: [&str; 5] = [
    r#"{ distribution = "uniform", half_width = 0.5 }"#,
    r#"{ distribution = "normal", std = 0.25 }"#,
    r#"{ distribution = "mixture", mean = 0.5, std = 0.125 }"#,
    r#"{ distribution = "rademacher", value = 0.25 }"#,
    r#"{ distribution = "sparse", density = 0.25, std = 0.5 }"#,
];
pub const LOCAL_NORMAL: &str = r#"{ distribution = "local_normal", sigma = 1.5, norm = 1.0 }"#;
pub const ONE_HOT: &str = r#"{ distribution = "one_hot", value = 0.5 }"#;

pub fn first_layer() -> impl Iterator<Item = &'static str> {
    ANYWHERE.into_iter().chain([LOCAL_NORMAL])
}

pub fn readouts() -> impl Iterator<Item = &'static str> {
    ANYWHERE.into_iter().chain([ONE_HOT])
}

/// A feed-forward spec as TOML: images of 4 x 3 x 2, the given hidden layers, three outputs.
pub fn spec_text(seed: u64, layers: &[(u32, &str)], readout: &str) -> String {
    let layers: Vec<String> =
        layers.iter().map(|(units, weights)| format!("{{ units = {units}, weights = {weights} }}")).collect();
    format!(
        "seed = {seed}\n\
         input = {{ height = 4, width = 3, channels = 2 }}\n\
         layers = [{}]\n\
         readout = {{ outputs = 3, weights = {readout} }}\n",
        layers.join(", ")
    )
}

pub fn mlp_spec(text: &str) -> MlpSpec {
    Spec::from_toml(text).expect("a valid spec").mlp().expect("feed-forward").clone()
}

pub fn spec(seed: u64, layers: &[(u32, &str)], readout: &str) -> MlpSpec {
    mlp_spec(&spec_text(seed, layers, readout))
}

/// A recurrent spec as TOML, with a leak and a state of its own.
pub fn rnn_text(units: u32, inputs: u32, outputs: u32) -> String {
    format!(
        r#"
        kind = "rnn"
        seed = 1
        alpha = 0.25
        beta = 0.75
        units = {units}
        recurrent = {{ gain = 1.2, weights = {{ distribution = "normal", std = 1.0 }} }}
        input = {{ values = {inputs}, weights = {{ distribution = "uniform", half_width = 1.0 }} }}
        readout = {{ outputs = {outputs}, divided_by = "sqrt_units", weights = {normal} }}
        initial_state = {{ how = "uniform", half_width = 0.5 }}
        "#,
        normal = ANYWHERE[1],
    )
}

pub fn rnn_spec(text: &str) -> RnnSpec {
    Spec::from_toml(text).expect("a valid spec").rnn().expect("recurrent").clone()
}

pub fn rnn(units: u32, inputs: u32, outputs: u32) -> RnnSpec {
    rnn_spec(&rnn_text(units, inputs, outputs))
}

/// Without a leak and from a state of 0.
pub fn plain(units: u32) -> RnnSpec {
    rnn_spec(&format!(
        r#"
        kind = "rnn"
        seed = 1
        units = {units}
        recurrent = {{ gain = 1.0, weights = {{ distribution = "normal", std = 1.0 }} }}
        input = {{ values = 0, weights = {{ distribution = "uniform", half_width = 1.0 }} }}
        readout = {{ outputs = 1, divided_by = "units", weights = {{ distribution = "normal", std = 1.0 }} }}
        "#
    ))
}
