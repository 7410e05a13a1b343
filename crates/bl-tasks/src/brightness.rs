//! Whether images are about as bright as those that were learned from: dark ink on light paper, where light ink on dark was
//! learned, is answered without a complaint, and wrongly.

use bl_core::Preprocessing;

use crate::Split;

/// Inverting is said to be nearer if it is nearer by so many standard deviations of the training pixels. Of all test images
/// of MNIST, KMNIST, Kannada-MNIST and Afro-MNIST none is, of Fashion-MNIST's 8 of 10,000.
const NEARER: f64 = 1.0;
/// A mean is said to be far out from so many standard deviations on.
const FAR: f64 = 2.0;

/// What to do about it.
pub const HINT: &str =
    "if they are dark on light and those light on dark, or the reverse, invert them, as in `255 - array`";

/// What is to be said of images, as a network gets them, for one that has learned from others.
pub fn unlike<'a>(images: impl IntoIterator<Item = &'a [u8]>, learned: Preprocessing) -> Option<String> {
    let mut moments = Moments::default();
    images.into_iter().for_each(|image| moments.take(image));
    moments.unlike(learned)
}

/// What is to be said of a task before it is learned: a half, or a class, that is unlike the others.
pub(crate) fn of_task(names: &[String], train: &Split, test: &Split) -> Vec<String> {
    let mut classes = vec![Moments::default(); names.len()];
    for (i, &label) in train.labels.iter().enumerate() {
        classes[usize::from(label)].take(train.image(i));
    }
    let all = classes.iter().fold(Moments::default(), |all, class| all.with(class, 1.0));
    let of_test = unlike((0..test.len()).map(|i| test.image(i)), all.preprocessing());
    let of_test = of_test.map(|words| format!("the test images are not like the training images: {words}"));
    let of_class = names.iter().zip(&classes).find_map(|(name, class)| {
        let words = class.inverted(all.with(class, -1.0).preprocessing())?; // a class may be brighter than others
        Some(format!("the images of `{name}` are not like those of the other classes: {words}"))
    });
    of_test.into_iter().chain(of_class).collect()
}

/// Of pixels from 0 to 1.
#[derive(Clone, Copy, Default)]
struct Moments {
    count: f64,
    sum: f64,
    squares: f64,
}

impl Moments {
    fn take(&mut self, pixels: &[u8]) {
        let sum: u64 = pixels.iter().map(|&value| u64::from(value)).sum();
        let squares: u64 = pixels.iter().map(|&value| u64::from(value) * u64::from(value)).sum();
        self.count += pixels.len() as f64;
        self.sum += sum as f64 / 255.0;
        self.squares += squares as f64 / (255.0 * 255.0);
    }

    /// With others, or with a sign of -1 without them.
    fn with(self, other: &Self, sign: f64) -> Self {
        Self {
            count: self.count + sign * other.count,
            sum: self.sum + sign * other.sum,
            squares: self.squares + sign * other.squares,
        }
    }

    fn preprocessing(self) -> Preprocessing {
        let mean = self.mean();
        Preprocessing { mean, std: (self.squares / self.count - mean * mean).max(0.0).sqrt() }
    }

    /// Nothing of none, and nothing beside none: no comparison with NaN holds.
    fn unlike(self, learned: Preprocessing) -> Option<String> {
        let (distance, std) = ((self.mean() - learned.mean).abs(), learned.std);
        self.inverted(learned).or_else(|| {
            (distance > FAR * std).then(|| {
                format!("{}, which is {:.1} SDs of {std:.2} away", self.figures(learned), distance / std)
            })
        })
    }

    fn inverted(self, learned: Preprocessing) -> Option<String> {
        let (found, inverted) = (self.mean(), 1.0 - self.mean());
        let nearer = (found - learned.mean).abs() - (inverted - learned.mean).abs();
        (nearer > NEARER * learned.std)
            .then(|| format!("{}: inverted, it would be {inverted:.2}", self.figures(learned)))
    }

    fn mean(self) -> f64 {
        self.sum / self.count
    }

    fn figures(self, learned: Preprocessing) -> String {
        format!(
            "expected a mean brightness near {:.2} (of 0 to 1), that of what was learned from, found {:.2}",
            learned.mean,
            self.mean()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_inverted_or_far_out_is_said() {
        let check = |shade: u8, (mean, std): (f64, f64), expected: Option<&str>| {
            let found = unlike([&[shade; 9][..]], Preprocessing { mean, std });
            assert_eq!(found.is_some(), expected.is_some(), "{shade} {mean} {found:?}");
            let found = found.unwrap_or_default();
            assert!(found.contains(expected.unwrap_or_default()), "{found}");
        };
        let (dark, light, even) = ((0.13, 0.31), (0.87, 0.31), (0.5, 0.1));
        check(222, dark, Some("inverted, it would be 0.13"));
        check(33, light, Some("near 0.87 (of 0 to 1), that of what was learned from, found 0.13"));
        check(33, dark, None);
        check(100, dark, None); // a thick digit
        check(222, light, None);
        check(128, even, None);
        check(180, even, Some("2.1 SDs of 0.10 away"));
        assert_eq!(unlike([], Preprocessing { mean: 0.1, std: 0.1 }), None);
    }

    #[test]
    fn a_half_and_a_class_are_held_against_the_others() {
        let names = ["a", "b", "c"].map(String::from);
        let split = |shades: &[u8], inverted: bool| Split {
            images: shades.iter().flat_map(|&shade| [shade, if inverted { 255 } else { 0 }]).collect(),
            labels: (0..shades.len()).map(|i| (i % 3) as u8).collect(),
            height: 1,
            width: 2,
            channels: 1,
        };
        let dark = split(&[60, 70, 80, 60, 70, 80], false);
        let light = split(&[195, 185, 175], true);
        let said = |train: &Split, test: &Split| of_task(&names, train, test);
        assert_eq!(said(&dark, &split(&[65, 70, 75], false)), [""; 0]);
        assert!(said(&dark, &light)[0].starts_with("the test images are not like the training images"));
        let mut mixed = dark.clone();
        for i in [1, 4] {
            mixed.images[2 * i..2 * i + 2].copy_from_slice(&[185, 255]);
        }
        let notes = said(&mixed, &mixed);
        assert!(notes.len() == 1 && notes[0].starts_with("the images of `b` are not like"), "{notes:?}");
    }
}
