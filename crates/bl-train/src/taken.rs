//! Whether a run takes all that is asked of it: a setting that nothing uses would be ignored without a word.

use bl_core::Spec;
use bl_tasks::Kind;

use crate::config::TrainConfig;
use crate::error::Error;
use crate::method::Method;

impl TrainConfig {
    /// Refuses settings that the kind of task or the family of networks does not take.
    pub(crate) fn check_taken(&self, kind: &dyn Kind, task: &str, spec: &Spec) -> Result<(), Error> {
        let family = spec.family_name();
        let method = self.method.name();
        match self.method {
            Method::Bias => {}
            Method::Full if spec.has_head() => return Err(Error::NoFullEncoder),
            other if other.learns_head() != spec.has_head() => {
                return Err(Error::MethodOfFamily { method, family });
            }
            _ => {}
        }
        let of_kind = [
            ("horizon", self.horizon.is_some()),
            ("washout", self.washout.is_some()),
            ("window", self.window.is_some()),
            ("stride", self.stride.is_some()),
        ];
        let is_untaken = |(key, stated): &(&str, bool)| *stated && !kind.settings().contains(key);
        if let Some((key, _)) = of_kind.into_iter().find(is_untaken) {
            return Err(Error::NotTaken {
                key,
                of: "forecasting tasks",
                found: format!("`{task}` is not one"),
            });
        }
        let is_of_form = [
            ("fit", self.fit.is_some()),
            ("invert", self.invert.is_some()),
            ("size", self.size.is_some()),
            ("channels", self.channels.is_some()),
            ("shift", self.shift.is_some()),
            ("rotate", self.rotate.is_some()),
            ("flip", self.flip == Some(true)),
        ];
        let of_images = kind.io().images().is_ok();
        if let Some((key, _)) = is_of_form.into_iter().find(|(_, stated)| *stated && !of_images) {
            return Err(Error::NotTaken {
                key,
                of: "tasks of images",
                found: format!("`{task}` is not one"),
            });
        }
        let is_of_text = [
            ("text", self.text.is_some()),
            ("label", self.label.is_some()),
            ("values", self.values.is_some()),
            ("words", self.words.is_some()),
            ("characters", self.characters.is_some()),
        ];
        let of_text = kind.io().text().is_ok();
        if let Some((key, _)) = is_of_text.into_iter().find(|(_, stated)| *stated && !of_text) {
            return Err(Error::NotTaken { key, of: "tasks of texts", found: format!("`{task}` is not one") });
        }
        let tokens = kind.io().tokens().is_ok();
        let of_rows = [
            ("values", self.values.is_some()),
            ("words", self.words.is_some()),
            ("characters", self.characters.is_some()),
        ];
        if let Some((key, _)) = of_rows.into_iter().find(|(_, stated)| *stated && tokens) {
            let found = format!("this one is a {}", spec.family_name());
            return Err(Error::NotTaken { key, of: "random backbones", found });
        }
        let is_of_encoder = [("longest", self.longest.is_some() && !tokens)];
        if let Some((key, _)) = is_of_encoder.into_iter().find(|(_, stated)| *stated) {
            let found = format!("this one is {}", spec.family_name());
            return Err(Error::NotTaken { key, of: "pretrained encoders", found });
        }
        if spec.has_head() && self.width.is_some() {
            let found = format!("this one is a {}", spec.family_name());
            return Err(Error::NotTaken { key: "width", of: "random backbones", found });
        }
        let varies = [
            ("shift", self.shift.is_some()),
            ("rotate", self.rotate.is_some()),
            ("flip", self.flip == Some(true)),
        ];
        if let Some((key, _)) = varies.into_iter().find(|(_, stated)| *stated && self.method.is_full()) {
            let found = "the method is `full`".to_owned();
            return Err(Error::NotTaken { key, of: "methods that keep the weights frozen", found });
        }
        if let (Some(found), Ok((input, _))) = (self.shift, kind.io().images()) {
            let (height, width) = (input.height, input.width);
            let most = f64::from(height.min(width)) / 2.0; // farther, what is looked for has left the image
            if found > most {
                return Err(Error::ShiftTooFar { found, most, height, width });
            }
        }
        let of_state = [
            ("recurrent_gain", self.gain.is_some()),
            ("learn_state", self.learn_state == Some(true)),
            ("truncate", self.truncate.is_some()),
        ];
        match of_state.into_iter().find(|(_, stated)| *stated && !spec.has_state()) {
            Some((key, _)) => {
                let found = format!("this one is {}", spec.family_name());
                Err(Error::NotTaken { key, of: "recurrent backbones", found })
            }
            None => Ok(()),
        }
    }
}
