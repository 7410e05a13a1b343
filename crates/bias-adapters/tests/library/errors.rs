use bias_adapters::{Error, Model, classify_all};

use crate::support::{check_error, digits, load, lorenz, mnist, path};

/// What a method is for, and a call of it.
type Call<'a> = (&'static str, Box<dyn Fn(&Model) -> Result<(), Error> + 'a>);

#[test]
fn a_method_of_another_kind_names_both() {
    let (pixels, series) = (&[0; 784], &lorenz()[..100]);
    let calls: [Call; 13] = [
        ("classifies images", Box::new(|m| m.classify(pixels).map(drop))),
        ("classifies images", Box::new(|m| m.classify_file("none.png").map(drop))),
        ("classifies images", Box::new(|m| m.read_images("none.png").map(drop))),
        ("classifies images", Box::new(|m| m.probabilities(pixels).map(drop))),
        ("classifies images", Box::new(|m| m.scores(pixels).map(drop))),
        ("classifies images", Box::new(|m| m.input().map(drop))),
        ("classifies images", Box::new(|m| classify_all([m], pixels).map(drop))),
        ("forecasts a series", Box::new(|m| m.forecast(series).map(drop))),
        ("forecasts a series", Box::new(|m| m.forecast_file("none.csv").map(drop))),
        ("forecasts a series", Box::new(|m| m.forecast_column("none.csv", "x").map(drop))),
        ("forecasts a series", Box::new(|m| m.free_run(series, 10).map(drop))),
        ("generates a trajectory", Box::new(|m| m.generate(10).map(drop))),
        ("moves an arm to targets", Box::new(|m| m.reach([0.07, 0.0]).map(drop))),
    ];
    let own = [
        ("mnist", "classify"),
        ("mnist-mask", "classify"),
        ("lorenz", "forecast"),
        ("cosine", "generate"),
        ("vanderpol", "generate"),
        ("reach", "reach"),
    ];
    for (name, method) in own {
        let model = load(name);
        let mut refused = 0;
        for (expected, call) in calls.iter().filter(|(expected, _)| *expected != model.does()) {
            let Err(error) = call(&model) else { panic!("{name} {expected}") };
            let (adapter, found) = (model.name(), model.does());
            let message = format!("expected an adapter that {expected}, found `{adapter}`, which {found}");
            assert_eq!(error.to_string(), message);
            assert!(
                error.hint().unwrap().starts_with(&format!("for this one there is `{method}`")),
                "{error:?}"
            );
            refused += 1;
        }
        assert!((6..=12).contains(&refused), "{name}: {refused}");
    }
}

#[test]
fn wrong_sizes_name_the_right_ones() {
    let model = mnist();
    let takes = "adapter `mnist` takes images of 28 × 28 × 1 (height, width, channels): expected";
    let one = format!("{takes} 784 bytes, found 785");
    let hint = "`classify_file` brings an image file of any size to that form";
    check_error(model.classify(&[0; 785]), &one, hint);
    check_error(classify_all([model], &[0; 785]), &one, hint);
    let whole = "give whole images, one after the other";
    check_error(model.scores(&[0; 785]), &format!("{takes} a multiple of 784 bytes, found 785"), whole);
    check_error(model.probabilities(&[]), &format!("{takes} a multiple of 784 bytes, found 0"), whole);
}

#[test]
fn series_that_cannot_be_forecast_say_why() {
    let (model, series) = (load("lorenz"), lorenz());
    let settle = "give more samples: the state has to settle before a forecast means anything";
    let washout = "adapter `lorenz` has a washout of 50: expected at least";
    check_error(model.forecast(&series[..50]), &format!("{washout} 51 samples, found 50"), settle);
    assert_eq!(model.forecast(&series[..51]).unwrap().len(), 51);
    check_error(model.free_run(&series[..76], 5), &format!("{washout} 77 samples, found 76"), settle);
    let mut broken = series[..100].to_vec();
    broken[3] = f64::NAN;
    check_error(model.forecast(&broken), "expected finite numbers, found NaN at index 3", "");
    check_error(
        load("reach").reach([7.0, f64::NAN]),
        "adapter `reach` was trained on targets 0.07 m away: expected one at most ten times as far, found (7, NaN) m",
        "places are in metres from the centre",
    );
}

#[test]
fn files_that_are_missing_or_others_are_named() {
    let none = "none.safetensors";
    let Err(Error::Core(error)) = Model::load(none) else { panic!() };
    assert!(error.to_string().starts_with("cannot read `none.safetensors`: "), "{error}");
    let Err(error) = mnist().classify_file("none.png") else { panic!() };
    assert!(error.to_string().starts_with("cannot read `none.png`: "), "{error}");
    let Err(error) = load("lorenz").forecast_file("none.csv") else { panic!() };
    assert!(error.to_string().starts_with("cannot read `none.csv`: "), "{error}");

    let readme = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
    let Err(error) = Model::load(readme) else { panic!() };
    assert!(error.to_string().starts_with(&format!("`{readme}`: ")), "{error}");
    let Err(error) = mnist().classify_file(readme) else { panic!() };
    assert!(
        error
            .to_string()
            .starts_with("expected an image (PNG, JPEG, WebP, BMP, GIF, TIFF), IDX, NPY or CSV, found"),
        "{error}"
    );
}

#[test]
fn zeros_and_ones_are_refused_with_what_to_do() {
    let (model, mut pixels) = (mnist(), [0; 784]);
    pixels[300..340].fill(1);
    let message = "adapter `mnist` takes pixels from 0 to 255, found zeros and ones alone";
    let hint =
        "multiply them by 255, as `classify_file` and the programs do, which can say so; 1 of 255 is black";
    check_error(model.classify(&pixels), message, hint);
    check_error(classify_all([model], &pixels), message, hint);
    check_error(model.scores(&[pixels; 2].concat()), message, hint);
    // It is decided for all images that are given together, as for a file: one of them may be all but black.
    let bright = pixels.map(|pixel| 255 * pixel);
    assert!(model.classify(&bright).is_ok());
    assert!(model.scores(&[pixels, bright].concat()).is_ok());
}

#[test]
fn a_file_of_several_images_is_not_one() {
    let test = digits().test;
    let folder = tempfile::tempdir().unwrap();
    for i in 0..2 {
        let image = image::GrayImage::from_raw(28, 28, test.image(i).to_vec()).unwrap();
        image.save(folder.path().join(format!("{i}.png"))).unwrap();
    }
    check_error(
        mnist().classify_file(folder.path()),
        &format!("expected one image, found 2 in `{}`", folder.path().display()),
        "`read_images` gives all of them, to be classified one by one",
    );
}

#[test]
fn another_backbone_is_refused() {
    let lorenz = load("lorenz");
    let Err(error) = Model::load_on(path("cosine"), lorenz.backbone()) else { panic!() };
    assert!(
        error.to_string().starts_with("adapter `cosine` was trained on backbone sha256:90cd083ae8cb"),
        "{error}"
    );
    assert_eq!(error.hint().unwrap(), "`Model::load` generates the backbone that the adapter was trained on");
}

#[cfg(not(feature = "hub"))]
#[test]
fn a_name_on_the_hub_needs_the_feature() {
    check_error(
        Model::load("ada/mnist@v1"),
        "no file `ada/mnist@v1`, and this build cannot look for it on the Hub: it is without the feature `hub`",
        "build `bias-adapters` with the feature `hub`, or check the path",
    );
    for path in ["ada", "/ada/mnist", "ada/mnist.safetensors", "src/none"] {
        assert!(matches!(Model::load(path), Err(Error::Core(_))), "{path}");
    }
}
