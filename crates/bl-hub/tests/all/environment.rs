//! The variables, and which goes over which.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use bl_hub::{Endpoint, Environment, Error};

fn environment(variables: &[(&str, &str)]) -> Result<Environment, Error> {
    let lookup = |name: &str| -> Option<OsString> {
        variables.iter().find(|(known, _)| *known == name).map(|(_, value)| value.into())
    };
    Environment::from_lookup(lookup, Some(Path::new("/home/ada")))
}

#[test]
fn the_cache_is_where_other_tools_have_it() {
    fn check(variables: &[(&str, &str)], expected: &str) {
        assert_eq!(environment(variables).unwrap().cache, PathBuf::from(expected), "{variables:?}");
    }
    check(&[], "/home/ada/.cache/huggingface/hub");
    check(&[("XDG_CACHE_HOME", "/x")], "/x/huggingface/hub");
    check(&[("XDG_CACHE_HOME", "relative")], "/home/ada/.cache/huggingface/hub");
    check(&[("XDG_CACHE_HOME", "/x"), ("HF_HOME", "/h")], "/h/hub");
    check(&[("HF_HOME", "~/h")], "/home/ada/h/hub");
    check(&[("HF_HOME", "/h"), ("HUGGINGFACE_HUB_CACHE", "/old")], "/old");
    check(&[("HF_HOME", "/h"), ("HUGGINGFACE_HUB_CACHE", "/old"), ("HF_HUB_CACHE", "/new")], "/new");
    check(&[("HF_HUB_CACHE", "")], "/home/ada/.cache/huggingface/hub");
    check(&[("HF_HUB_CACHE", " ")], " "); // a path may be anything but empty
    // Values that no shell has seen, as `os.path.expandvars` reads them.
    check(&[("HF_HOME", "$HOME/h"), ("HOME", "/home/ada")], "/home/ada/h/hub");
    check(&[("HF_HOME", "${HOME}/h")], "/home/ada/h/hub");
    check(&[("HF_HUB_CACHE", "/data/$USER/x-${A_1}$"), ("USER", "ada"), ("A_1", "y")], "/data/ada/x-y$");
    check(&[("HF_HUB_CACHE", "$NOT_SET/${NOR_THIS}/$-")], "$NOT_SET/${NOR_THIS}/$-");
    check(&[("HF_HUB_CACHE", "~/$X"), ("X", "$Y"), ("Y", "z")], "/home/ada/$Y"); // once
}

#[test]
fn tokens_come_from_variables_then_from_files() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, content: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        path.display().to_string()
    };
    let home = folder.path().display().to_string();
    let path = file("other", "from-path\n");
    file("token", " from-home \n");
    let is = |variables: &[(&str, &str)], expected: Option<&str>| {
        let all = [variables, &[("HF_HOME", home.as_str())]].concat();
        let found = environment(&all).unwrap().token;
        let same = environment(&[("HF_TOKEN", expected.unwrap_or("-"))]).unwrap().token;
        assert_eq!(found, if expected.is_some() { same } else { None }, "{variables:?}");
    };
    is(&[], Some("from-home"));
    is(&[("HF_TOKEN_PATH", &path)], Some("from-path"));
    is(&[("HF_TOKEN_PATH", "/nowhere")], None);
    is(&[("HUGGING_FACE_HUB_TOKEN", "old"), ("HF_TOKEN_PATH", &path)], Some("old"));
    is(&[("HF_TOKEN", " "), ("HUGGING_FACE_HUB_TOKEN", "\t\n")], Some("from-home"));
    is(&[("HF_TOKEN", "  "), ("HF_TOKEN_PATH", &path)], Some("from-path"));
    is(&[("HF_TOKEN_PATH", &file("blank", " \n"))], None);
    is(&[("HF_TOKEN", "new\n"), ("HUGGING_FACE_HUB_TOKEN", "old")], Some("new"));
    is(&[("HF_TOKEN", "new"), ("HF_HUB_DISABLE_IMPLICIT_TOKEN", "1")], None);
    is(&[("HF_HUB_DISABLE_IMPLICIT_TOKEN", "0")], Some("from-home"));
    let error = environment(&[("HF_TOKEN", "hf secret")]).unwrap_err().to_string();
    assert!(error.contains("HF_TOKEN") && !error.contains("secret"), "{error}");
    let words = format!("{:?}", environment(&[("HF_TOKEN", "hf_secret")]).unwrap());
    assert!(!words.contains("hf_secret"), "{words}");
}

#[test]
fn a_switch_is_on_as_other_tools_read_it() {
    for (value, expected) in
        [("1", true), ("on", true), ("Yes", true), ("TRUE", true), ("0", false), ("", false), ("off", false)]
    {
        let found = environment(&[("HF_HUB_OFFLINE", value)]).unwrap().offline;
        assert_eq!(found, expected.then_some("HF_HUB_OFFLINE"), "{value}");
    }
    // The first that says anything decides.
    let offline = |hub, transformers| {
        environment(&[("HF_HUB_OFFLINE", hub), ("TRANSFORMERS_OFFLINE", transformers)]).unwrap().offline
    };
    assert_eq!(offline("0", "1"), None);
    assert_eq!(offline("", "1"), Some("TRANSFORMERS_OFFLINE"));
    assert_eq!(offline("1", "0"), Some("HF_HUB_OFFLINE"));
    let found = environment(&[("TRANSFORMERS_OFFLINE", "1")]).unwrap().offline;
    assert_eq!(found, Some("TRANSFORMERS_OFFLINE"), "errors name the variable that is set");
}

#[test]
fn an_endpoint_is_https_or_this_machine() {
    for (text, expected) in [
        ("https://huggingface.co", true),
        ("https://hub.example.org/base/", true),
        ("http://127.0.0.1:8080", true),
        ("http://localhost:1/", true),
        ("http://[::1]:1", true),
        ("http://huggingface.co", false),
        ("http://127.0.0.1.example.org", false),
        ("http://10.0.0.1", false),
        ("https://user:word@example.org", false),
        ("file:///x", false),
        ("huggingface.co", false),
    ] {
        assert_eq!(text.parse::<Endpoint>().is_ok(), expected, "{text}");
    }
    // What may hold a password is not repeated.
    for text in [
        "http://user:PASSWD@10.0.0.1",
        "https://user:PASSWD@example.org",
        "https://user:PAS SWD@[",
        "PASSWD@x",
    ] {
        let error = environment(&[("HF_ENDPOINT", text)]).unwrap_err();
        assert!(error.to_string().contains("(not shown)"), "{error}");
        let all = format!("{error} {error:?} {:?}", error.hint());
        assert!(!all.contains("PASSWD") && !all.contains("PAS"), "{all}");
    }
    let endpoint = environment(&[("HF_ENDPOINT", "https://hub.example.org/base/")]).unwrap().endpoint;
    assert_eq!(endpoint.as_str(), "https://hub.example.org/base");
    assert_eq!(environment(&[]).unwrap().endpoint.as_str(), "https://huggingface.co");
}

#[test]
fn times_are_seconds() {
    let times = environment(&[("HF_HUB_ETAG_TIMEOUT", "0.5"), ("HF_HUB_DOWNLOAD_TIMEOUT", "30")]).unwrap();
    assert_eq!((times.etag_timeout.as_millis(), times.download_timeout.as_secs()), (500, 30));
    for value in ["x", "0", "-1", "inf"] {
        let error = environment(&[("HF_HUB_ETAG_TIMEOUT", value)]).unwrap_err();
        assert!(error.to_string().contains("`HF_HUB_ETAG_TIMEOUT`"), "{error}");
    }
}

#[test]
fn a_token_file_that_cannot_be_read_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let path: &Path = folder.path();
    let error = environment(&[("HF_TOKEN_PATH", path.to_str().unwrap())]).unwrap_err();
    assert!(matches!(error, Error::TokenFile { .. }), "{error}");
}
