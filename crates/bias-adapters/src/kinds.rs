//! The kinds of adapters, in the words of [`bl_tasks::about::does`], and which methods each has.

pub(crate) const CLASSIFIES: &str = "classifies images";
pub(crate) const READS: &str = "classifies texts";
pub(crate) const ROWS: &str = "classifies rows";
pub(crate) const ESTIMATES: &str = "estimates numbers";
pub(crate) const FORECASTS: &str = "forecasts a series";
pub(crate) const GENERATES: &str = "generates a trajectory";
pub(crate) const TRIALS: &str = "classifies trials";
pub(crate) const ANSWERS: &str = "answers trials";
pub(crate) const REACHES: &str = "moves an arm to targets";

/// The methods for an adapter that does this.
pub(crate) fn methods(does: &str) -> &'static str {
    match does {
        CLASSIFIES => "`classify`, or `classify_file`",
        READS => "`classify_text`, or `classify_pair`",
        ROWS => "`row_probabilities`, or `row_scores`",
        ESTIMATES => "`estimate`",
        FORECASTS => "`forecast`, `forecast_file`, or `free_run`",
        GENERATES => "`generate`",
        TRIALS | ANSWERS => "`answer`, or `answer_file`",
        _ => "`reach`",
    }
}
