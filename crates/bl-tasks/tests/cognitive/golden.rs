//! Bits, not tolerances: another platform, or another order of draws, would show here.

use bl_core::text::hex;
use bl_tasks::cognitive::{Cognitive, Settings};
use sha2::{Digest, Sha256};

/// SHA-256 of what one trial of each task makes a network see and learn: its inputs with the rule, targets and weights, as
/// little-endian f32. The first half of it is enough to tell.
const GOLDEN: [(&str, &str); 20] = [
    ("go", "55d4393abdbf3b1a872c53ffcdecf7aa"),
    ("rt_go", "9c5d15fbd34f0713472a5f3d0cc5b238"),
    ("dly_go", "0ea70c8a5343c53fdd7c67135564afe9"),
    ("anti", "520cf07b7fd6ba54be09d66d0931eb2b"),
    ("rt_anti", "2754adaea675d3f6a7c678778d0e04b7"),
    ("dly_anti", "662d609cd9a68983e03e9d1d28e6dcd6"),
    ("dm1", "3c889e38c0f0b6ad4f47c5a90a0c0cc9"),
    ("dm2", "88b5221d1ccb27a7af63a51bae88d015"),
    ("ctx_dm1", "0aa69287d05d8c01fb9bedbc58a2bf5d"),
    ("ctx_dm2", "154327e2570e5d1f3b0a4df35ec1dd26"),
    ("mult_dm", "c2a18b89ed91c42f275554f69648db03"),
    ("dly_dm1", "63408eb5256bf83f9fd46a5ccd39fd81"),
    ("dly_dm2", "5b907e085778a62e10853ded021a3bf3"),
    ("ctx_dly_dm1", "d017713acea68404a0adce0b5da839c6"),
    ("ctx_dly_dm2", "9d2bfd3719c043976c1db14a7631f2a5"),
    ("mult_dly_dm", "2312ac51e134bf124c018eac7e48335d"),
    ("dms", "ead3fecc8ff713a329f80b408ad1a961"),
    ("dnms", "3892f4426966492958400aade129bf06"),
    ("dmc", "d34c7862b734ed5a78300795fdb18568"),
    ("dnmc", "1898fc62acd1a1be92d625dd7a034914"),
];

#[test]
fn a_trial_has_the_same_bits_everywhere() {
    let settings = Settings::default();
    let found: Vec<(&str, String)> = Cognitive::ALL
        .into_iter()
        .map(|task| {
            let trial = settings.trial(task, 2019, 297);
            let seen = settings.with_rule(&trial, task, 2019, 297);
            let mut hash = Sha256::new();
            for value in seen.iter().chain(&trial.targets).chain(&trial.weights) {
                hash.update(value.to_le_bytes());
            }
            (task.name(), hex(&hash.finalize()[..16]))
        })
        .collect();
    let expected: Vec<(&str, String)> = GOLDEN.iter().map(|&(name, digest)| (name, digest.into())).collect();
    assert_eq!(found, expected);
}
