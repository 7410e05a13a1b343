use bias_adapters::task::{Request, Task};
use bias_adapters::{Error, Model, Settings, train};
use bl_core::softmax;

use crate::support::mnist;

fn snips() -> Model {
    let task = Task::open("snips", &Request::default()).unwrap();
    let settings = Settings { epochs: Some(10), ..Settings::default() };
    train(&task, settings).unwrap().into_model().unwrap()
}

#[test]
fn a_text_is_classified_and_what_is_none_is_an_error() {
    let model = snips();
    let top = model.classify_text("Play some jazz by Miles Davis").unwrap();
    assert_eq!((&*top.label, top.class), ("PlayMusic", 3));
    let texts = [["Play some jazz by Miles Davis"], ["Will it rain in Oslo?"]];
    let (scores, probabilities) =
        (model.text_scores(&texts).unwrap(), model.text_probabilities(&texts).unwrap());
    assert_eq!(probabilities[..7], softmax(&scores[..7]));
    assert_eq!(probabilities[top.class], top.probability);
    assert_eq!(model.classify_text(texts[1][0]).unwrap().label, "GetWeather");

    assert!(matches!(model.classify_text(" …"), Err(Error::Core(bl_core::Error::NoWords))));
    assert!(model.classify_pair("a", "b").unwrap_err().to_string().contains("takes one text"));
    let of_images = mnist();
    let error = of_images.classify_text("seven").unwrap_err();
    assert!(error.to_string().contains("classifies images") && error.hint().unwrap().contains("`classify`"));
    assert!(model.classify(&[0; 784]).unwrap_err().hint().unwrap().contains("`classify_text`"));
}
