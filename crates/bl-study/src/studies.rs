//! The studies by name: each trains its runs, computes what the paper's figure shows and says how the two compare.

mod cognitive;
mod fig1a;
mod fig1b;
mod fig1c;
mod fig2;
mod fig2_pairs;
mod fig2b;
mod fig2c;
mod fig3ab;
mod fig3cd;
mod fig4;
mod fig4c;
mod fig5;
mod fig_e2c;
mod fig_e2e;
mod fig_e3;
mod fig_e4;
mod summaries;
mod theory;
mod time;

use crate::lab::Lab;
use crate::report::{self, About, Document, Report};
use crate::settings::Options;
use crate::study_error::StudyError;

/// A study.
pub struct Study {
    /// As it is asked for.
    pub name: &'static str,
    /// What it shows.
    pub title: &'static str,
    run: fn(&mut Lab<'_>, &Options) -> Result<Report, StudyError>,
}

const ALL: [Study; 22] = [
    Study { name: "fig1a", title: "Accuracy against trained parameters", run: fig1a::parameters },
    Study { name: "fig1b", title: "Seven tasks on one backbone", run: fig1b::study },
    Study { name: "fig1c", title: "Which units serve which tasks", run: fig1c::study },
    Study { name: "fig2", title: "Biases against masks on the same weights", run: fig2::study },
    Study { name: "fig2b", title: "The same units ON in both", run: fig2b::study },
    Study { name: "fig2c", title: "Variances of the units in use", run: fig2c::study },
    Study { name: "fig3ab", title: "A cosine by biases alone, and the Jacobian", run: fig3ab::study },
    Study { name: "fig3cd", title: "Van der Pol's oscillator against the gain", run: fig3cd::study },
    Study {
        name: "fig4",
        title: "Forecasts of Lorenz' system against trained parameters",
        run: fig4::parameters,
    },
    Study { name: "fig4c", title: "Free runs of the same forecasters", run: fig4c::study },
    Study { name: "fig5", title: "Centre-out reaching by biases alone", run: fig5::biases },
    Study {
        name: "figE2a",
        title: "Error against trained parameters, both logarithmic",
        run: fig1a::log_log,
    },
    Study { name: "figE2b", title: "Accuracy against width", run: fig1a::widths },
    Study { name: "figE2c", title: "Distribution of the frozen weights", run: fig_e2c::study },
    Study { name: "figE2d", title: "Forecasts of Lorenz' system against width", run: fig4::widths },
    Study { name: "figE2e", title: "Depth", run: fig_e2e::study },
    Study { name: "figE3", title: "One fully trained network for all sets", run: fig_e3::study },
    Study { name: "figE4", title: "Quiet units, shared units, their variances", run: fig_e4::study },
    Study { name: "figE5", title: "Centre-out reaching, everything trained", run: fig5::full },
    Study { name: "time", title: "Time of five epochs", run: time::study },
    Study {
        name: "cognitive",
        title: "Twenty cognitive tasks on one recurrent network",
        run: cognitive::study,
    },
    Study { name: "theory", title: "A sine, a residual network, the bound of lemma 3", run: theory::study },
];

/// All studies, in the order of the paper.
pub fn all() -> &'static [Study] {
    &ALL
}

/// A study by name.
pub fn find(name: &str) -> Result<&'static Study, StudyError> {
    ALL.iter().find(|study| study.name == name).ok_or_else(|| StudyError::UnknownStudy {
        name: name.to_owned(),
        known: ALL.iter().map(|study| study.name).collect(),
    })
}

impl Study {
    /// Carries it out, or what is left of it, and writes its files.
    pub fn run(&self, lab: &mut Lab<'_>, options: &Options) -> Result<Document, StudyError> {
        if let Some(seeds) = options.seeds.filter(|seeds| !(1..=100).contains(seeds)) {
            return Err(StudyError::BadSetting { key: "seeds", found: seeds, min: 1, max: 100 });
        }
        let results = lab.results().to_owned();
        let kept = Document::load(&results, self.name, options.setting)?; // of another version: say so before the work
        let mut options = options.clone();
        let mut date_of_kept = String::new();
        if options.from_results {
            let kept = kept.ok_or_else(|| StudyError::NoResults {
                path: report::path(&results, self.name, options.setting, "json"),
            })?;
            date_of_kept.clone_from(&kept.date);
            options.seeds = options.seeds.or(kept.seeds);
            lab.count_as_finished(kept);
        }
        let report = (self.run)(lab, &options)?;
        let sources = lab.sources(&report.runs)?;
        let is_old = lab.has_used_kept();
        let (date, judged) = if is_old { (date_of_kept, Some(options.date)) } else { (options.date, None) };
        let about = About {
            study: self.name,
            title: self.title,
            setting: options.setting,
            date,
            seeds: options.seeds,
            judged,
            sources,
        };
        report::write(&results, about, report)
    }
}
