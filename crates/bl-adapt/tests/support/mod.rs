//! A user with an empty home and a current folder of their own.

#![allow(dead_code, unreachable_pub, missing_docs, reason = "shared by several test programs")]

use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

pub struct Home(tempfile::TempDir);

pub struct Run {
    pub code: i32,
    /// Standard output.
    pub result: String,
    /// Standard error.
    pub words: String,
}

impl Home {
    pub fn new() -> Self {
        Self(tempfile::tempdir().expect("a temporary folder"))
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn run(&self, args: &[&str]) -> Run {
        self.run_with(args, &[])
    }

    pub fn run_with(&self, args: &[&str], environment: &[(&str, &str)]) -> Run {
        let output = self.command(args).envs(environment.iter().copied()).output();
        let output = output.expect("the program was built");
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("the program prints UTF-8");
        let code = output.status.code().expect("it was not killed");
        Run { code, result: text(output.stdout), words: text(output.stderr) }
    }

    /// The program in this home, without any setting from outside.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_bl-adapt"));
        for (name, _) in std::env::vars_os() {
            if ["BL_", "HF_"].iter().any(|prefix| name.to_string_lossy().starts_with(prefix)) {
                command.env_remove(name);
            }
        }
        command
            .args(args)
            .current_dir(self.0.path())
            .env("XDG_CACHE_HOME", self.path("cache"))
            .env("HF_HUB_OFFLINE", "1") // no test opens a connection by mistake
            .env_remove("RUST_BACKTRACE");
        command
    }

    /// The four IDX files of a set: `count` pictures for training and as many for testing.
    pub fn idx(&self, folder: &str, count: u32, height: u32, width: u32) {
        let folder = self.path(folder);
        std::fs::create_dir_all(&folder).expect("a folder");
        for part in ["train", "t10k"] {
            let be = |numbers: &[u32]| numbers.iter().flat_map(|n| n.to_be_bytes()).collect::<Vec<u8>>();
            let pixels = (0..count * height * width).map(|i| (i * 37 % 251) as u8);
            let mut images = be(&[0x0803, count, height, width]);
            images.extend(pixels);
            let mut labels = be(&[0x0801, count]);
            labels.extend((0..count).map(|i| (i % 10) as u8));
            std::fs::write(folder.join(format!("{part}-images-idx3-ubyte")), images).expect("a small file");
            std::fs::write(folder.join(format!("{part}-labels-idx1-ubyte")), labels).expect("a small file");
        }
    }

    /// A folder of pictures: bars across and down, a class each.
    pub fn bars(&self, folder: &str, count: u32) {
        for class in ["across", "down"] {
            let folder = self.path(folder).join(class);
            std::fs::create_dir_all(&folder).expect("a folder");
            for i in 0..count {
                let picture = image::GrayImage::from_fn(20, 20, |x, y| {
                    let place = if class == "across" { y } else { x };
                    image::Luma([if place / 4 == i % 5 { 250 } else { 10 }])
                });
                picture.save(folder.join(format!("{i}.png"))).expect("a small file");
            }
        }
    }
}

pub fn json(run: &Run) -> Value {
    serde_json::from_str(&run.result).unwrap_or_else(|error| panic!("{error}: {}\n{}", run.result, run.words))
}
