//! Completions and man pages, from what the program declares.

use crate::support::Sandbox;

#[test]
fn completions_for_every_shell() {
    let sandbox = Sandbox::new();
    for shell in ["bash", "zsh", "fish"] {
        let ran = sandbox.run(&format!("completions {shell}"));
        assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{shell}");
        for word in ["bl-run", "free-run", "max-batch", "min-metric", "version"] {
            assert!(ran.stdout.contains(word), "{shell}: no `{word}`");
        }
        for old in ["min-accuracy", "min-r2"] {
            assert!(!ran.stdout.contains(old), "{shell}: `{old}` is an old name");
        }
    }
    assert_eq!(sandbox.run("completions tcsh").code, 2);
}

#[test]
fn man_pages_for_every_subcommand() {
    let sandbox = Sandbox::new();
    let ran = sandbox.run("man pages/man1");
    assert_eq!((ran.code, ran.stdout.trim_end()), (0, "pages/man1"), "{}", ran.stderr);
    for page in ["bl-run.1", "bl-run-bench.1", "bl-run-serve.1"] {
        let text = std::fs::read_to_string(sandbox.path("pages/man1").join(page)).unwrap();
        assert!(text.contains(".SH NAME"), "{page}");
    }
}
