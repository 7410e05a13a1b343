//! The tasks and their names.

use super::table::TABLE;

/// One of the twenty tasks, in the order of the paper.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "`goal` says what each is")]
pub enum Cognitive {
    Go,
    RtGo,
    DlyGo,
    Anti,
    RtAnti,
    DlyAnti,
    Dm1,
    Dm2,
    CtxDm1,
    CtxDm2,
    MultDm,
    DlyDm1,
    DlyDm2,
    CtxDlyDm1,
    CtxDlyDm2,
    MultDlyDm,
    Dms,
    Dnms,
    Dmc,
    Dnmc,
}

impl Cognitive {
    /// All of them.
    pub const ALL: [Self; 20] = [
        Self::Go,
        Self::RtGo,
        Self::DlyGo,
        Self::Anti,
        Self::RtAnti,
        Self::DlyAnti,
        Self::Dm1,
        Self::Dm2,
        Self::CtxDm1,
        Self::CtxDm2,
        Self::MultDm,
        Self::DlyDm1,
        Self::DlyDm2,
        Self::CtxDlyDm1,
        Self::CtxDlyDm2,
        Self::MultDlyDm,
        Self::Dms,
        Self::Dnms,
        Self::Dmc,
        Self::Dnmc,
    ];

    /// The task of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|task| task.name() == name)
    }

    /// Its name, lower-case, as on the command line.
    pub fn name(self) -> &'static str {
        TABLE[self.index()].name
    }

    /// Its name in the paper.
    pub fn title(self) -> &'static str {
        TABLE[self.index()].title
    }

    /// What is to be done, in a sentence.
    pub fn goal(self) -> &'static str {
        TABLE[self.index()].goal
    }

    /// Its place in [`ALL`](Self::ALL), and so its unit in a rule input.
    pub fn index(self) -> usize {
        self as usize
    }
}
