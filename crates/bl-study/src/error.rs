//! Everything that can be wrong with the numbers of a study, one variant each.

/// What is wrong, as facts; [`hint`](Error::hint) says what to do.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Nothing to compute with.
    #[error("expected at least one entry, found none: {what}")]
    Empty {
        /// Which list.
        what: &'static str,
    },
    /// Lists that do not belong together.
    #[error("{what}: expected {expected}, found {found}")]
    Length {
        /// Which list.
        what: &'static str,
        /// The length it should have had.
        expected: usize,
        /// The length it has.
        found: usize,
    },
    /// A number that is NaN or infinite.
    #[error("{what}: expected finite numbers, found {value} at index {index}")]
    NotFinite {
        /// Which list.
        what: &'static str,
        /// Where the first such number is.
        index: usize,
        /// The number.
        value: f64,
    },
    /// A number that cannot be negative.
    #[error("{what}: expected no negative numbers, found {value} at index {index}")]
    Negative {
        /// Which list.
        what: &'static str,
        /// Where the first such number is.
        index: usize,
        /// The number.
        value: f64,
    },
    /// A list that should ascend and does not.
    #[error("{what}: expected each to be greater than the one before")]
    NotAscending {
        /// Which list.
        what: &'static str,
    },
    /// A share that is none.
    #[error("{what}: expected a probability from 0 to 1, found {found}")]
    Probability {
        /// Which one.
        what: &'static str,
        /// What was given.
        found: f64,
    },
    /// More clusters than units, or none.
    #[error("expected 1 to {units} clusters for {units} units, found {clusters}")]
    Clusters {
        /// Clusters that were asked for.
        clusters: usize,
        /// Units to be clustered, without those of the held-out fold.
        units: usize,
    },
    /// More folds than units, or fewer than two.
    #[error("expected 2 to {units} folds for {units} units, found {folds}")]
    Folds {
        /// Folds that were asked for.
        folds: usize,
        /// Units to be cut into folds.
        units: usize,
    },
    /// Options that k-means cannot work with.
    #[error("k-means: {cause}")]
    KMeans {
        /// What it says.
        cause: linfa_clustering::KMeansError,
    },
    /// Eigenvalues that were not found, or that are too large for a number.
    #[error("the eigenvalues of a matrix of {n} by {n} did not converge to finite numbers")]
    Eigenvalues {
        /// Its rows.
        n: usize,
    },
    /// A linear map that has no fixed point, or a line of them: an eigenvalue is 1.
    #[error("expected one fixed point with {active} of {units} units active, found none or many")]
    Singular {
        /// Units that were active.
        active: usize,
        /// All units.
        units: usize,
    },
}

impl Error {
    /// What to do about it, if there is something to say.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::NotFinite { .. } => {
                Some("a run may have diverged: look at its loss, or lower the learning rate".into())
            }
            Self::Clusters { units, .. } => Some(format!("ask for {units} clusters or fewer")),
            _ => None,
        }
    }
}
