//! Whether a run takes all that is asked of it: a setting that nothing uses would be ignored without a word.

use bl_core::Spec;
use bl_tasks::Kind;

use crate::config::TrainConfig;
use crate::error::Error;

impl TrainConfig {
    /// Refuses settings that the kind of task or the family of networks does not take.
    pub(crate) fn check_taken(&self, kind: &dyn Kind, task: &str, spec: &Spec) -> Result<(), Error> {
        let of_kind = [
            ("horizon", self.horizon.is_some()),
            ("washout", self.washout.is_some()),
            ("window", self.window.is_some()),
            ("stride", self.stride.is_some()),
        ];
        let is_untaken = |(key, stated): &(&str, bool)| *stated && !kind.settings().contains(key);
        if let Some((key, _)) = of_kind.into_iter().find(is_untaken) {
            return Err(Error::SettingOfOtherTask { key, task: task.to_owned() });
        }
        let of_recurrent = [
            ("recurrent_gain", self.gain.is_some()),
            ("learn_state", self.learn_state == Some(true)),
            ("truncate", self.truncate.is_some()),
        ];
        if let (Err(_), Some((key, _))) = (spec.rnn(), of_recurrent.into_iter().find(|(_, stated)| *stated)) {
            return Err(Error::SettingOfOtherFamily { key, family: spec.family_name() });
        }
        Ok(())
    }
}
