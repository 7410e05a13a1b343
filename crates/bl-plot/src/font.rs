//! The one font of all figures, embedded: Ubuntu Light. How wide text is, and whether it can be set.

use std::sync::{Arc, LazyLock};

use ab_glyph::{Font, FontRef};
use epaint_default_fonts::UBUNTU_LIGHT;
use resvg::usvg::fontdb::Database;

use crate::error::Error;

/// The name that the font gives itself.
pub(crate) const FAMILY: &str = "Ubuntu";

/// A space that SVG keeps at the ends of a run too.
const NO_BREAK_SPACE: char = '\u{a0}';

/// Height of digits and capitals, as a share of the font size.
pub(crate) const CAPITAL: f64 = 0.69;

/// Size of a superscript, as a share of the font size.
pub(crate) const SUPERSCRIPT: f64 = 0.7;

static FACE: LazyLock<Option<FontRef<'static>>> =
    LazyLock::new(|| FontRef::try_from_slice(UBUNTU_LIGHT).ok());

/// The fonts that text may be set in: this one, and none of the system's.
pub(crate) fn database() -> Arc<Database> {
    static DATABASE: LazyLock<Arc<Database>> = LazyLock::new(|| {
        let mut database = Database::new();
        database.load_font_data(UBUNTU_LIGHT.to_vec());
        Arc::new(database)
    });
    Arc::clone(&DATABASE)
}

/// A stretch of text on one level.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Run {
    pub(crate) text: String,
    pub(crate) raised: bool,
}

/// Cuts text where superscripts begin and end. `⁻` is not in the font, and the others are not of one
/// height: all are set as small raised characters instead.
pub(crate) fn runs(text: &str) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for character in text.chars() {
        let plain = plain(character);
        let (character, raised) = (plain.unwrap_or(character), plain.is_some());
        let character = if character == ' ' { NO_BREAK_SPACE } else { character };
        match runs.last_mut() {
            Some(run) if run.raised == raised => run.text.push(character),
            _ => runs.push(Run { text: character.into(), raised }),
        }
    }
    runs
}

/// The character that a superscript raises.
fn plain(character: char) -> Option<char> {
    Some(match character {
        '⁰' => '0',
        '¹' => '1',
        '²' => '2',
        '³' => '3',
        '⁴'..='⁹' => char::from_digit(character as u32 - 0x2070, 10)?,
        '⁻' => '−',
        _ => return None,
    })
}

/// Width in pixels at a font size in pixels.
pub(crate) fn width(text: &str, size: f64) -> f64 {
    runs(text).iter().map(|run| run_width(run, size)).sum()
}

/// The font size at which text is no wider than `room`, `size` if it may be.
pub(crate) fn fitting(text: &str, size: f64, room: f64) -> f64 {
    let width = width(text, size);
    if width > room { size * room / width } else { size }
}

/// Width of one run.
pub(crate) fn run_width(run: &Run, size: f64) -> f64 {
    let Some(face) = FACE.as_ref() else { return 0.0 };
    let em = f64::from(face.units_per_em().unwrap_or(1000.0));
    let advance: f64 = run.text.chars().map(|c| f64::from(face.h_advance_unscaled(face.glyph_id(c)))).sum();
    advance / em * size * if run.raised { SUPERSCRIPT } else { 1.0 }
}

/// Whether a figure can show a text: its font has Latin, Greek and some signs.
pub fn has_glyphs(text: &str) -> bool {
    check(text).is_ok()
}

/// Refuses text with a character that the font has not: it would be an empty box in the figure.
pub(crate) fn check(text: &str) -> Result<(), Error> {
    let face = FACE.as_ref().ok_or(Error::Font)?;
    let plain = runs(text);
    let missing = plain.iter().flat_map(|run| run.text.chars()).find(|&c| face.glyph_id(c).0 == 0);
    missing.map_or(Ok(()), |character| Err(Error::Glyph { text: text.to_owned(), character }))
}
