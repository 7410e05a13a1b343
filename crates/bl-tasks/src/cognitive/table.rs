//! How a trial of each task goes, as a table: when, what is shown, and what is right.

use std::ops::Range;

/// What a task is.
pub(super) struct Description {
    pub(super) name: &'static str,
    pub(super) title: &'static str,
    pub(super) goal: &'static str,
    pub(super) course: &'static Course,
    pub(super) rule: Rule,
}

/// When what happens.
pub(super) struct Course {
    /// How long fixation, stimulus 1, delay 1, stimulus 2, delay 2 and response last.
    pub(super) epochs: [Lasts; 6],
    /// The epochs in which stimulus 1 and stimulus 2 are shown; stimuli beyond what a rule has are not.
    pub(super) shown: [Range<usize>; 2],
    /// What says that the response is due.
    pub(super) cue: Cue,
}

/// A duration in ms, which is cut to whole steps.
#[derive(Clone, Copy)]
pub(super) enum Lasts {
    Between(f64, f64),
    OneOf(&'static [f64]),
}

/// What says that the response is due.
pub(super) enum Cue {
    /// The fixation point goes off.
    FixationOff,
    /// A stimulus comes on: the fixation point stays.
    StimulusOn,
}

/// What is shown, and which answer is right.
pub(super) enum Rule {
    /// One stimulus; towards it.
    Toward,
    /// One stimulus; away from it.
    Away,
    /// Two stimuli; towards the stronger one.
    Stronger(Evidence, &'static Strengths),
    /// Two stimuli; towards the second, if they are alike or if they are not, else none.
    Match(Likeness, RespondTo),
}

/// The modalities that two stimuli are shown in, and those that decide.
#[derive(Clone, Copy)]
pub(super) enum Evidence {
    /// Shown in this modality.
    Only(usize),
    /// Shown in both, and this one decides.
    Attend(usize),
    /// Shown in both, and their sum decides.
    Sum,
}

/// How far apart the strengths of two stimuli are.
pub(super) struct Strengths {
    pub(super) coherences: &'static [f64],
    /// What they are multiplied by to make the task easy.
    pub(super) easier: f64,
}

/// When two stimuli are alike.
pub(super) enum Likeness {
    /// They have the same direction.
    Direction,
    /// Both or none are below 180°.
    Category,
}

/// What a response is due to.
#[derive(PartialEq)]
pub(super) enum RespondTo {
    Match,
    NonMatch,
}

const STIMULUS_1: usize = 1;
const DELAY_1: usize = 2;
const STIMULUS_2: usize = 3;
const DELAY_2: usize = 4;
/// The epoch of the response.
pub(super) const RESPONSE: usize = 5;
const END: usize = 6;

const NO: Lasts = Lasts::OneOf(&[0.0]);
const SHORT: Lasts = Lasts::OneOf(&[200.0, 400.0, 600.0]); // of the code
const DELAY: Lasts = Lasts::OneOf(&[200.0, 400.0, 800.0, 1600.0]); // of the paper
const HALF_A_SECOND: Lasts = Lasts::OneOf(&[500.0]); // of the code

static GO: Course = Course {
    epochs: [Lasts::Between(300.0, 700.0), Lasts::Between(500.0, 1500.0), NO, NO, NO, HALF_A_SECOND],
    shown: [STIMULUS_1..END, 0..0],
    cue: Cue::FixationOff,
};
static REACT: Course = Course {
    epochs: [Lasts::Between(500.0, 2500.0), NO, NO, NO, NO, HALF_A_SECOND],
    shown: [RESPONSE..END, 0..0],
    cue: Cue::StimulusOn,
};
static REMEMBER: Course = Course {
    epochs: [Lasts::OneOf(&[300.0, 500.0, 700.0]), SHORT, DELAY, NO, NO, HALF_A_SECOND],
    shown: [STIMULUS_1..DELAY_1, 0..0],
    cue: Cue::FixationOff,
};
static DECIDE: Course = Course {
    epochs: [Lasts::Between(100.0, 400.0), Lasts::OneOf(&[400.0, 800.0, 1600.0]), NO, NO, NO, HALF_A_SECOND],
    shown: [STIMULUS_1..DELAY_1, STIMULUS_1..DELAY_1],
    cue: Cue::FixationOff,
};
static COMPARE: Course = Course {
    epochs: [
        SHORT,
        Lasts::OneOf(&[300.0]),
        DELAY,
        Lasts::OneOf(&[300.0]),
        Lasts::Between(100.0, 300.0),
        HALF_A_SECOND,
    ],
    shown: [STIMULUS_1..DELAY_1, STIMULUS_2..DELAY_2],
    cue: Cue::FixationOff,
};
static MATCH: Course = Course {
    epochs: [SHORT, SHORT, DELAY, NO, NO, HALF_A_SECOND],
    shown: [STIMULUS_1..DELAY_1, RESPONSE..END],
    cue: Cue::StimulusOn,
};
static CATEGORIZE: Course = Course {
    epochs: [SHORT, SHORT, DELAY, NO, NO, SHORT],
    shown: [STIMULUS_1..DELAY_1, RESPONSE..END],
    cue: Cue::StimulusOn,
};

static TOGETHER: Strengths = Strengths { coherences: &[0.01, 0.02, 0.04, 0.08], easier: 10.0 };
static ONE_BY_ONE: Strengths = Strengths { coherences: &[0.08, 0.16, 0.32], easier: 2.0 };

const fn row([name, title, goal]: [&'static str; 3], course: &'static Course, rule: Rule) -> Description {
    Description { name, title, goal, course, rule }
}

/// In the order of the tasks.
pub(super) static TABLE: [Description; 20] = [
    row(["go", "Go", "respond towards the stimulus once the fixation point is off"], &GO, Rule::Toward),
    row(["rt_go", "RT Go", "respond towards the stimulus as soon as it appears"], &REACT, Rule::Toward),
    row(
        ["dly_go", "Dly Go", "respond towards the remembered stimulus once the fixation point is off"],
        &REMEMBER,
        Rule::Toward,
    ),
    row(["anti", "Anti", "respond away from the stimulus once the fixation point is off"], &GO, Rule::Away),
    row(["rt_anti", "RT Anti", "respond away from the stimulus as soon as it appears"], &REACT, Rule::Away),
    row(
        ["dly_anti", "Dly Anti", "respond away from the remembered stimulus once the fixation point is off"],
        &REMEMBER,
        Rule::Away,
    ),
    row(
        ["dm1", "DM 1", "respond towards the stronger of two stimuli in modality 1"],
        &DECIDE,
        Rule::Stronger(Evidence::Only(0), &TOGETHER),
    ),
    row(
        ["dm2", "DM 2", "respond towards the stronger of two stimuli in modality 2"],
        &DECIDE,
        Rule::Stronger(Evidence::Only(1), &TOGETHER),
    ),
    row(
        [
            "ctx_dm1",
            "Ctx DM 1",
            "respond towards the stimulus that is stronger in modality 1; ignore modality 2",
        ],
        &DECIDE,
        Rule::Stronger(Evidence::Attend(0), &TOGETHER),
    ),
    row(
        [
            "ctx_dm2",
            "Ctx DM 2",
            "respond towards the stimulus that is stronger in modality 2; ignore modality 1",
        ],
        &DECIDE,
        Rule::Stronger(Evidence::Attend(1), &TOGETHER),
    ),
    row(
        [
            "mult_dm",
            "MultSen DM",
            "respond towards the stimulus that is stronger in both modalities together",
        ],
        &DECIDE,
        Rule::Stronger(Evidence::Sum, &TOGETHER),
    ),
    row(
        ["dly_dm1", "Dly DM 1", "respond towards the stronger of two successive stimuli in modality 1"],
        &COMPARE,
        Rule::Stronger(Evidence::Only(0), &ONE_BY_ONE),
    ),
    row(
        ["dly_dm2", "Dly DM 2", "respond towards the stronger of two successive stimuli in modality 2"],
        &COMPARE,
        Rule::Stronger(Evidence::Only(1), &ONE_BY_ONE),
    ),
    row(
        [
            "ctx_dly_dm1",
            "Ctx Dly DM 1",
            "respond towards that of two successive stimuli that is stronger in modality 1; ignore modality 2",
        ],
        &COMPARE,
        Rule::Stronger(Evidence::Attend(0), &ONE_BY_ONE),
    ),
    row(
        [
            "ctx_dly_dm2",
            "Ctx Dly DM 2",
            "respond towards that of two successive stimuli that is stronger in modality 2; ignore modality 1",
        ],
        &COMPARE,
        Rule::Stronger(Evidence::Attend(1), &ONE_BY_ONE),
    ),
    row(
        [
            "mult_dly_dm",
            "MultSen Dly DM",
            "respond towards that of two successive stimuli that is stronger in both modalities together",
        ],
        &COMPARE,
        Rule::Stronger(Evidence::Sum, &ONE_BY_ONE),
    ),
    row(
        [
            "dms",
            "DMS",
            "respond towards the second stimulus if it has the direction of the first, else fixate",
        ],
        &MATCH,
        Rule::Match(Likeness::Direction, RespondTo::Match),
    ),
    row(
        [
            "dnms",
            "DNMS",
            "respond towards the second stimulus if it has another direction than the first, else fixate",
        ],
        &MATCH,
        Rule::Match(Likeness::Direction, RespondTo::NonMatch),
    ),
    row(
        [
            "dmc",
            "DMC",
            "respond towards the second stimulus if it is in the half circle of the first, else fixate",
        ],
        &CATEGORIZE,
        Rule::Match(Likeness::Category, RespondTo::Match),
    ),
    row(
        [
            "dnmc",
            "DNMC",
            "respond towards the second stimulus if it is in the other half circle, else fixate",
        ],
        &CATEGORIZE,
        Rule::Match(Likeness::Category, RespondTo::NonMatch),
    ),
];
