//! Colours for numbers: viridis from 0 to 1, and blue over white to orange from −1 to 1.

use plotters::style::RGBColor;

/// matplotlib's `viridis` at 0, 1/8, …, 1: evenly brighter, also in grey and to the colour-blind.
const VIRIDIS: [[u8; 3]; 9] = [
    [68, 1, 84],
    [71, 44, 122],
    [59, 81, 139],
    [44, 113, 142],
    [33, 144, 141],
    [39, 173, 129],
    [92, 200, 99],
    [170, 220, 50],
    [253, 231, 37],
];

/// From −1 over 0 to 1.
const DIVERGING: [[u8; 3]; 5] =
    [[0, 90, 160], [130, 180, 220], [250, 250, 250], [245, 180, 90], [190, 90, 0]];

/// The colour of a share from 0 to 1.
pub(crate) fn sequential(share: f64) -> RGBColor {
    between(&VIRIDIS, share)
}

/// The colour of a correlation from −1 to 1.
pub(crate) fn diverging(correlation: f64) -> RGBColor {
    between(&DIVERGING, f64::midpoint(correlation, 1.0))
}

/// Whether black text is read better than white on this colour (relative luminance of sRGB, roughly).
pub(crate) fn is_light(RGBColor(red, green, blue): RGBColor) -> bool {
    0.299 * f64::from(red) + 0.587 * f64::from(green) + 0.114 * f64::from(blue) > 130.0
}

fn between(stops: &[[u8; 3]], share: f64) -> RGBColor {
    let place = share.clamp(0.0, 1.0) * (stops.len() - 1) as f64;
    let below = (place as usize).min(stops.len() - 2);
    let part = place - below as f64;
    let mix = |channel: usize| {
        let [from, to] = [stops[below][channel], stops[below + 1][channel]].map(f64::from);
        (from + (to - from) * part).round() as u8
    };
    RGBColor(mix(0), mix(1), mix(2))
}
