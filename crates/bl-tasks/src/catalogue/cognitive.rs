//! The cognitive tasks that are known by name.

use super::{Data, Info, Simulated};

macro_rules! cognitive {
    ($($name:literal $title:literal $about:literal),+ $(,)?) => {
        [$(Info {
            name: concat!("cognitive/", $name),
            title: concat!("Cognitive task ", $title),
            about: $about,
            licence: "",
            home: "",
            citation: "Yang et al., Nature Neuroscience 22, 297-306 (2019)",
            settings: "cognitive",
            data: Data::Simulated(Simulated {
                equation: &["fixation, and two modalities of 32 directions in; fixation and 32 directions out"],
                parameters: "steps of 20 ms, noise 0.01",
                made: "from the published description, trial by trial",
            }),
        }),+]
    };
}

pub(super) static COGNITIVE: [Info; 20] = cognitive!(
    "go" "Go" "respond towards the stimulus once the fixation point is off",
    "rt_go" "RT Go" "respond towards the stimulus as soon as it appears",
    "dly_go" "Dly Go" "respond towards the remembered stimulus once the fixation point is off",
    "anti" "Anti" "respond away from the stimulus once the fixation point is off",
    "rt_anti" "RT Anti" "respond away from the stimulus as soon as it appears",
    "dly_anti" "Dly Anti" "respond away from the remembered stimulus once the fixation point is off",
    "dm1" "DM 1" "respond towards the stronger of two stimuli in modality 1",
    "dm2" "DM 2" "respond towards the stronger of two stimuli in modality 2",
    "ctx_dm1" "Ctx DM 1" "respond towards the stimulus that is stronger in modality 1; ignore modality 2",
    "ctx_dm2" "Ctx DM 2" "respond towards the stimulus that is stronger in modality 2; ignore modality 1",
    "mult_dm" "MultSen DM" "respond towards the stimulus that is stronger in both modalities together",
    "dly_dm1" "Dly DM 1" "respond towards the stronger of two successive stimuli in modality 1",
    "dly_dm2" "Dly DM 2" "respond towards the stronger of two successive stimuli in modality 2",
    "ctx_dly_dm1" "Ctx Dly DM 1" "respond towards that of two successive stimuli that is stronger in modality 1; ignore modality 2",
    "ctx_dly_dm2" "Ctx Dly DM 2" "respond towards that of two successive stimuli that is stronger in modality 2; ignore modality 1",
    "mult_dly_dm" "MultSen Dly DM" "respond towards that of two successive stimuli that is stronger in both modalities together",
    "dms" "DMS" "respond towards the second stimulus if it has the direction of the first, else fixate",
    "dnms" "DNMS" "respond towards the second stimulus if it has another direction than the first, else fixate",
    "dmc" "DMC" "respond towards the second stimulus if it is in the half circle of the first, else fixate",
    "dnmc" "DNMC" "respond towards the second stimulus if it is in the other half circle, else fixate",
);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cognitive::Cognitive;

    #[test]
    fn names_and_words_are_those_of_the_tasks() {
        for (info, task) in COGNITIVE.iter().zip(Cognitive::ALL) {
            let of_task = (format!("cognitive/{}", task.name()), format!("Cognitive task {}", task.title()));
            assert_eq!((info.name.to_owned(), info.title.to_owned()), of_task);
            assert_eq!(info.about, task.goal());
        }
    }
}
