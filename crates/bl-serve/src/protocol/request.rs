//! What an inference request says.

use std::collections::{BTreeMap, BTreeSet};

use axum::http::HeaderMap;
use serde::Deserialize;
use serde_json::Value;

use super::bounded::{few, scalars};

use super::tensor::{Data, Datatype, Tensor, Values};
use super::{HEADER_LENGTH, tensor};
use crate::failure::Failure;

/// A request, with its tensors read and their shapes checked.
#[derive(Debug)]
pub(crate) struct InferRequest {
    pub(crate) id: Option<String>,
    pub(crate) parameters: BTreeMap<String, Value>,
    pub(crate) inputs: Vec<Tensor>,
    /// Empty: the usual ones.
    pub(crate) outputs: Vec<OutputRequest>,
    /// Whether outputs that do not say otherwise are binary.
    pub(crate) binary: bool,
}

#[derive(Debug)]
pub(crate) struct OutputRequest {
    pub(crate) name: String,
    pub(crate) binary: bool,
    /// In place of scores the best of so many classes, as text.
    pub(crate) classes: Option<usize>,
}

#[derive(Deserialize)]
struct Head {
    id: Option<String>,
    #[serde(default, deserialize_with = "scalars")]
    parameters: BTreeMap<String, Value>,
    #[serde(default, deserialize_with = "few")]
    inputs: Vec<InputHead>,
    #[serde(default, deserialize_with = "few")]
    outputs: Vec<OutputHead>,
}

#[derive(Deserialize)]
struct InputHead {
    name: String,
    #[serde(deserialize_with = "few")]
    shape: Vec<usize>,
    datatype: String,
    #[serde(default, deserialize_with = "scalars")]
    parameters: BTreeMap<String, Value>,
    data: Option<Values>,
}

#[derive(Deserialize)]
struct OutputHead {
    name: String,
    #[serde(default, deserialize_with = "scalars")]
    parameters: BTreeMap<String, Value>,
}

impl InferRequest {
    /// Reads a body: JSON, then binary tensors in the order of the inputs.
    pub(crate) fn read(headers: &HeaderMap, body: &[u8]) -> Result<Self, Failure> {
        let (json, mut binary) = parts(headers, body)?;
        let head: Head = serde_json::from_slice(json).map_err(|error| Failure::malformed(&error))?;
        let inputs =
            head.inputs.into_iter().map(|input| tensor(input, &mut binary)).collect::<Result<_, _>>()?;
        if !binary.is_empty() {
            let left = binary.len();
            return Err(Failure::bad_input(format!("{left} bytes after the last binary tensor")));
        }
        check_once(&head.outputs)?;
        let by_default = flag(&head.parameters, "binary_data_output")?.unwrap_or(false);
        let output = |output: OutputHead| {
            let OutputHead { name, parameters } = output;
            let whose = || format!("output `{name}`");
            check_known(whose, &parameters, &["binary_data", "classification"])?;
            let binary = flag(&parameters, "binary_data")?.unwrap_or(by_default);
            let classes = count(&parameters, "classification", MOST_CLASSES)?;
            Ok(OutputRequest { name, binary, classes })
        };
        Ok(Self {
            id: head.id,
            parameters: head.parameters,
            inputs,
            outputs: head.outputs.into_iter().map(output).collect::<Result<_, Failure>>()?,
            binary: by_default,
        })
    }

    /// An input that must be there.
    pub(crate) fn input(&self, name: &str) -> Result<&Tensor, Failure> {
        self.optional(name).ok_or_else(|| {
            let found: Vec<&str> = self.inputs.iter().map(|input| input.name.as_str()).collect();
            Failure::bad_input(format!("there is no input `{name}`, found {found:?}"))
        })
    }

    /// An input that may be there.
    pub(crate) fn optional(&self, name: &str) -> Option<&Tensor> {
        self.inputs.iter().find(|input| input.name == name)
    }

    /// Refuses inputs and parameters beyond those that a model knows: a slip of the pen would be overlooked.
    pub(crate) fn check_names(&self, inputs: &[&str], parameters: &[&str]) -> Result<(), Failure> {
        for (index, input) in self.inputs.iter().enumerate() {
            let name = &*input.name;
            if !inputs.contains(&name) {
                return Err(Failure::bad_input(format!("unknown input `{name}`, expected {inputs:?}")));
            }
            if self.inputs[..index].iter().any(|other| other.name == name) {
                return Err(Failure::bad_input(format!("input `{name}` is there twice")));
            }
        }
        let known =
            |key: &&String| parameters.contains(&key.as_str()) || key.as_str() == "binary_data_output";
        match self.parameters.keys().find(|key| !known(key)) {
            Some(key) => {
                Err(Failure::bad_input(format!("unknown parameter `{key}`, expected {parameters:?}")))
            }
            None => Ok(()),
        }
    }

    /// A parameter that counts something.
    pub(crate) fn count(&self, name: &str, max: usize) -> Result<Option<usize>, Failure> {
        count(&self.parameters, name, max)
    }

    /// Rows that are asked for: the longest input's.
    pub(crate) fn rows(&self) -> usize {
        self.inputs.iter().filter_map(|input| input.shape.first().copied()).max().unwrap_or(0)
    }
}

/// More classes than any adapter has.
const MOST_CLASSES: usize = 1 << 20;

/// The JSON of a body, and the bytes after it.
fn parts<'a>(headers: &HeaderMap, body: &'a [u8]) -> Result<(&'a [u8], &'a [u8]), Failure> {
    match json_length(headers)? {
        None => Ok((body, &[][..])),
        Some(len) => body.split_at_checked(len).ok_or_else(|| {
            let found = body.len();
            Failure::bad_input(format!("`{HEADER_LENGTH}` is {len}, but the body has {found} bytes"))
        }),
    }
}

/// The most memory that reading a body takes, from a look at its characters: a comma parts two values of at most 16 bytes,
/// grown by doubling, and quotes enclose a string of its own. The bytes after the JSON are copied.
pub(crate) fn cost(headers: &HeaderMap, body: &[u8]) -> Result<usize, Failure> {
    let (json, binary) = parts(headers, body)?;
    let of = |character: u8| match character {
        b',' => 16,
        b'"' => 48,
        _ => 1,
    };
    Ok(json.iter().map(|&character| of(character)).sum::<usize>() + 2 * binary.len())
}

/// Refuses parameters that are not supported: what they ask for would not be done.
fn check_known(
    whose: impl Fn() -> String,
    parameters: &BTreeMap<String, Value>,
    known: &[&str],
) -> Result<(), Failure> {
    match parameters.keys().find(|key| !known.contains(&key.as_str())) {
        Some(key) => Err(Failure::bad_input(format!(
            "{}: parameter `{key}` is not supported, expected {known:?}",
            whose()
        ))),
        None => Ok(()),
    }
}

fn count(parameters: &BTreeMap<String, Value>, name: &str, max: usize) -> Result<Option<usize>, Failure> {
    let Some(value) = parameters.get(name) else { return Ok(None) };
    let count = value.as_u64().map(|n| n as usize).filter(|n| (1..=max).contains(n));
    count.map(Some).ok_or_else(|| {
        Failure::bad_input(format!("parameter `{name}` is {value}, expected a whole number from 1 to {max}"))
    })
}

/// An output that is named again and again would make a small request's answer as large as one likes.
fn check_once(outputs: &[OutputHead]) -> Result<(), Failure> {
    let mut names = BTreeSet::new();
    match outputs.iter().find(|output| !names.insert(&*output.name)) {
        Some(OutputHead { name, .. }) => {
            Err(Failure::bad_input(format!("output `{name}` is requested twice")))
        }
        None => Ok(()),
    }
}

fn json_length(headers: &HeaderMap) -> Result<Option<usize>, Failure> {
    let Some(value) = headers.get(HEADER_LENGTH) else { return Ok(None) };
    let len = value.to_str().ok().and_then(|text| text.parse().ok());
    len.map(Some)
        .ok_or_else(|| Failure::bad_input(format!("`{HEADER_LENGTH}` is {value:?}, expected a length")))
}

fn flag(parameters: &BTreeMap<String, Value>, name: &str) -> Result<Option<bool>, Failure> {
    let Some(value) = parameters.get(name) else { return Ok(None) };
    let flag = value.as_bool().map(Some);
    flag.ok_or_else(|| Failure::bad_input(format!("parameter `{name}` is {value}, expected true or false")))
}

fn tensor(input: InputHead, binary: &mut &[u8]) -> Result<Tensor, Failure> {
    let InputHead { name, shape, datatype, parameters, data } = input;
    let datatype = Datatype::named(&datatype).ok_or_else(|| {
        let known = tensor::NAMES;
        Failure::bad_input(format!("input `{name}` has datatype `{datatype}`, expected one of {known:?}"))
    })?;
    check_known(|| format!("input `{name}`"), &parameters, &["binary_data_size"])?;
    let size = parameters.get("binary_data_size").map(|size| {
        let wrong =
            || Failure::bad_input(format!("input `{name}`: `binary_data_size` is {size}, expected a length"));
        size.as_u64().map(|n| n as usize).ok_or_else(wrong)
    });
    let data = match (size.transpose()?, data) {
        (None, Some(values)) => Data::from_json(&name, datatype, values)?,
        (Some(size), None) => {
            let (own, rest) = binary.split_at_checked(size).ok_or_else(|| {
                let found = binary.len();
                Failure::bad_input(format!(
                    "input `{name}`: `binary_data_size` is {size}, but {found} bytes are left"
                ))
            })?;
            *binary = rest;
            Data::from_binary(&name, datatype, own)?
        }
        _ => {
            return Err(Failure::bad_input(format!("input `{name}`: expected `data` or `binary_data_size`")));
        }
    };
    let values = shape.iter().try_fold(1_usize, |product, &n| product.checked_mul(n));
    if values != Some(data.len()) {
        let found = data.len();
        return Err(Failure::bad_input(format!("input `{name}` has shape {shape:?}, but {found} values")));
    }
    Ok(Tensor { name, shape, data })
}
