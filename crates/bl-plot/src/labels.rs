//! Names side by side along an axis: level if they fit, else on several lines, else upright.

use plotters::style::text_anchor::HPos;

use crate::canvas::{Canvas, TextAt};
use crate::error::Error;
use crate::font;
use crate::palette::INK;

const LINE: f64 = 16.0;
/// Least space between neighbours.
const SPACE: f64 = 8.0;
/// Names that do not fit are set in this share of the size before they are turned.
const SMALL: f64 = 0.82;
/// Numbers of two digits may stand closer,
const NUMBER_SPACE: f64 = 3.0;
/// and be smaller.
const NUMBER_SMALL: f64 = 0.75;
/// Upright names are made smaller when they would be longer than this.
const LONGEST: f64 = 150.0;

/// How names are set so that none touches the next.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Names {
    lines: Vec<Vec<String>>,
    upright: bool,
    size: f64,
    /// Pixels that they take across the axis.
    pub(crate) depth: f64,
}

impl Names {
    /// For places `slot` pixels wide.
    pub(crate) fn fit(names: &[String], slot: f64, size: f64) -> Self {
        let numbers = names.iter().all(|name| name.chars().count() <= 2);
        let (space, small) = if numbers { (NUMBER_SPACE, NUMBER_SMALL) } else { (SPACE, SMALL) };
        let room = slot - space;
        let level = [size, size * small].into_iter().find_map(|size| Self::level(names, room, size));
        level.unwrap_or_else(|| Self::upright(names, size))
    }

    fn level(names: &[String], room: f64, size: f64) -> Option<Self> {
        let lines: Vec<Vec<String>> = names.iter().map(|name| wrap(name, room, size)).collect();
        let most = lines.iter().map(Vec::len).max().unwrap_or(0);
        let fits = lines.iter().flatten().all(|line| font::width(line, size) <= room);
        let depth = most as f64 * LINE + 4.0;
        (fits && most <= 3).then_some(Self { lines, upright: false, size, depth })
    }

    fn upright(names: &[String], size: f64) -> Self {
        let size = names.iter().map(|name| font::fitting(name, size, LONGEST)).fold(size, f64::min);
        let longest = names.iter().map(|name| font::width(name, size)).fold(0.0, f64::max);
        let lines = names.iter().map(|name| vec![name.clone()]).collect();
        Self { lines, upright: true, size, depth: longest + 6.0 }
    }

    /// Draws each name below `top`, in the middle of its place.
    pub(crate) fn draw(&self, canvas: &Canvas<'_>, middles: &[f64], top: f64) -> Result<(), Error> {
        for (lines, &x) in self.lines.iter().zip(middles) {
            for (index, line) in lines.iter().enumerate() {
                let (at, anchor) = if self.upright {
                    ((x, top + 2.0), HPos::Right)
                } else {
                    ((x, top + LINE * (index as f64 + 0.5)), HPos::Center)
                };
                let text = TextAt { at, anchor, size: self.size, colour: INK, upward: self.upright };
                canvas.text(line, text)?;
            }
        }
        Ok(())
    }
}

/// Cuts a name at its spaces into lines of at most `room` pixels, where that is possible.
fn wrap(name: &str, room: f64, size: f64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in name.split_whitespace() {
        match lines.last_mut() {
            Some(line) if font::width(&format!("{line} {word}"), size) <= room => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_names_are_broken_or_turned_and_never_touch() {
        let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
        let short = Names::fit(&names(&["MNIST", "Vai"]), 100.0, 13.0);
        assert_eq!((short.lines[0].len(), short.upright), (1, false));
        let broken = Names::fit(&names(&["two words here", "Vai"]), 80.0, 13.0);
        assert_eq!((broken.lines[0].len(), broken.upright), (2, false));
        assert!(Names::fit(&names(&["incomprehensibilities"]), 60.0, 13.0).upright);
    }
}
