//! `bl-adapt study`: a figure of the paper, from its runs to its picture.

use std::ops::ControlFlow;

use bl_cli::{Bar, ExitStatus, Heeded, Interrupt, Printer, today};
use bl_core::keep_freed_memory;
use bl_study::studies::{self, Study};
use bl_study::{Document, Lab, Options, Setting, Watch, study_md};
use bl_tasks::DataDir;

use crate::cli::StudyArgs;

pub(crate) fn run(args: &StudyArgs, out: Printer) -> anyhow::Result<ExitStatus> {
    if args.name == "list" {
        return list(out);
    }
    let chosen: Vec<&Study> = match &*args.name {
        "all" => studies::all().iter().collect(),
        name => vec![studies::find(name)?],
    };
    args.machine.set_threads()?;
    keep_freed_memory();
    let setting = if args.full { Setting::Full } else { Setting::Quick };
    let options = Options {
        setting,
        seeds: args.seeds,
        date: today(),
        from_results: args.from_results,
        peer_python: args.peer_python.clone(),
    };
    let interrupt = Interrupt::install(out)?;
    let data = DataDir::resolve(args.data.data_dir.clone());
    for study in chosen {
        out.say(format!("study {}: {} ({})", study.name, study.title, setting.name()));
        let mut watch = StudyProgress { out, interrupt: interrupt.heed(), bar: Bar::new(out, study.name) };
        let mut lab = Lab::new(&args.out, data.clone(), args.machine.cache_memory, &mut watch);
        let document = study.run(&mut lab, &options)?;
        drop(lab);
        watch.bar.clear();
        study_md::write(&args.out)?;
        print(&document, args, out)?;
    }
    Ok(ExitStatus::Success)
}

fn list(out: Printer) -> anyhow::Result<ExitStatus> {
    if out.is_json() {
        let names: Vec<&str> = studies::all().iter().map(|study| study.name).collect();
        out.json(&names)?;
    } else {
        for study in studies::all() {
            out.result(format!("{:<8} {}", study.name, study.title))?;
        }
    }
    Ok(ExitStatus::Success)
}

fn print(document: &Document, args: &StudyArgs, out: Printer) -> anyhow::Result<()> {
    if out.is_json() {
        return out.json(document);
    }
    for finding in &document.findings {
        out.say(format!("{:<8} {}", finding.verdict.name(), finding.what));
        out.say(format!("         paper  {}", finding.paper));
        out.say(format!("         ours   {}", finding.ours));
        if !finding.criterion.is_empty() {
            out.say(format!("         agrees if: {}", finding.criterion));
        }
    }
    for cut in &document.cut {
        out.say(format!("unlike the paper: {cut}"));
    }
    let file = args.out.join(&document.study).join(document.setting.name());
    out.result(format!("{}.png", file.display()))
}

struct StudyProgress {
    out: Printer,
    interrupt: Heeded,
    bar: Bar,
}

impl Watch for StudyProgress {
    fn say(&mut self, words: &str) {
        if self.bar.is_visible() {
            self.bar.print(words);
        } else {
            self.out.say(words);
        }
    }

    fn share(&mut self, done: f64, doing: &str) -> ControlFlow<()> {
        self.bar.set(done);
        self.bar.message(doing);
        self.interrupt.check()
    }
}
