//! Adapters and data of the repository.

use std::path::PathBuf;
use std::sync::OnceLock;

use bias_adapters::task::{Images, Request, Task, What};
use bias_adapters::{Error, Model};

/// The path of one of the repository's adapters.
pub(crate) fn path(name: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "../../adapters", &format!("{name}.safetensors")].iter().collect()
}

pub(crate) fn load(name: &str) -> Model {
    Model::load(path(name)).unwrap()
}

/// One model of 32,000 units for all tests: a backbone takes a while.
pub(crate) fn mnist() -> &'static Model {
    static MNIST: OnceLock<Model> = OnceLock::new();
    MNIST.get_or_init(|| load("mnist"))
}

pub(crate) fn digits() -> Images {
    let What::Images(images) = Task::open("mnist", &Request::default()).unwrap().what else { panic!() };
    images
}

/// The held-out part of Lorenz' system.
pub(crate) fn lorenz() -> Vec<f64> {
    let What::Forecast(task) = Task::open("lorenz", &Request::default()).unwrap().what else { panic!() };
    task.held_out().to_vec()
}

/// What an error says, and its hint.
#[track_caller]
pub(crate) fn check_error<T>(result: Result<T, Error>, message: &str, hint: &str) {
    let Err(error) = result else { panic!("expected the error `{message}`") };
    assert_eq!((error.to_string().as_str(), error.hint().unwrap_or_default().as_str()), (message, hint));
}
