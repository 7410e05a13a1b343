//! `bl-run bench`

use crate::support::{Sandbox, adapter, backbone};

#[test]
fn a_benchmark_measures_every_backbone() {
    let sandbox = Sandbox::new();
    sandbox.save("a.safetensors", &adapter(&backbone(1), 1));
    sandbox.save("b.safetensors", &adapter(&backbone(1), 2));
    sandbox.save("c.safetensors", &adapter(&backbone(2), 1));
    let adapters = "--adapter a.safetensors b.safetensors c.safetensors";
    let json = sandbox.run(&format!("--json bench {adapters} --seconds 0.01 --threads 1")).json();
    assert_eq!(json["threads"], 1);
    let backbones = json["backbones"].as_array().unwrap();
    assert_eq!(backbones.len(), 2);
    for report in backbones {
        assert_eq!(report["units"], 64);
        assert_eq!(report["bytes_per_adapter"].as_u64().unwrap() % 256, 0);
        let column = |of: &str, name: &str| -> Vec<u64> {
            report[of].as_array().unwrap().iter().map(|row| row[name].as_u64().unwrap()).collect()
        };
        assert_eq!(column("swap", "loaded"), [1, 10, 100, 1000]);
        assert_eq!(column("mixed", "pictures"), [1, 8, 64, 512]);
        assert!(report["server"].is_null(), "nobody asked for it");
        let batches: Vec<_> = report["throughput"].as_array().unwrap().iter().map(|t| &t["batch"]).collect();
        assert_eq!(batches, [1, 8, 64, 512]);
        let one = &report["one_picture"];
        let us = |what: &str, quantile: &str| one[what][quantile].as_f64().unwrap();
        assert!(us("both", "p50_us") >= us("frozen", "p50_us"));
        assert!(us("both", "p99_us") >= us("both", "p50_us"));
    }
    let served = sandbox.run("--json bench --adapter a.safetensors --seconds 0.01 --server").json();
    let loads = served["backbones"][0]["server"]["loads"].as_array().unwrap();
    assert_eq!(loads.len(), 6);
    assert!(loads.iter().all(|load| load["requests_per_second"].as_f64().unwrap() > 0.0));
    assert!(
        loads.iter().all(|load| (load["swaps"].as_u64().unwrap() > 0) == load["swapping"].as_bool().unwrap())
    );
    let ran = sandbox.run(&format!("bench {adapters} --seconds 0.01"));
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    for words in [
        "2 adapters on 64 hidden units (feed-forward), ",
        "frozen half",
        "adapter half",
        "one image, all tasks",
        "of 1,000 loaded",
        "512",
        "memory of an adapter",
    ] {
        assert!(ran.stdout.contains(words), "{words}: {}", ran.stdout);
    }
}
