//! Round numbers along an axis, and how they are written: `1,000`, `0.3`, `10³`.

use crate::scale::{Domain, Scale};

/// A number on an axis; those between the labelled ones have no label.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Tick {
    pub(crate) value: f64,
    pub(crate) label: Option<String>,
}

impl Domain {
    /// Ticks at round numbers, `most + 1` of them labelled at most.
    pub(crate) fn ticks(&self, most: usize) -> Vec<Tick> {
        match self.scale {
            Scale::Linear => self.linear_ticks(most.max(2)),
            Scale::Log10 => {
                let ticks = self.log_ticks(most.max(2));
                let labelled = ticks.iter().filter(|tick| tick.label.is_some()).count();
                // Too short an axis for round powers is almost linear.
                if labelled < 2 { self.linear_ticks(most.max(2)) } else { ticks }
            }
        }
    }

    /// Multiples of 1, 2 or 5 times a power of ten.
    fn linear_ticks(&self, most: usize) -> Vec<Tick> {
        let (low, high) = (self.low, self.high);
        let power = ((high - low) / most as f64).log10().floor() as i32;
        let count = |step: f64| (high / step + 1e-9).floor() - (low / step - 1e-9).ceil() + 1.0;
        let steps = [(1.0, power), (2.0, power), (5.0, power), (1.0, power + 1)];
        let (mantissa, power) = steps
            .into_iter()
            .find(|(mantissa, power)| count(mantissa * 10_f64.powi(*power)) <= (most + 1) as f64)
            .unwrap_or((2.0, power + 1));
        // Powers below one are divided by, so that 3 times 0.1 is 3/10 and not 0.30000000000000004.
        let times = |k: i64| {
            let k = k as f64 * mantissa;
            if power < 0 { k / 10_f64.powi(-power) } else { k * 10_f64.powi(power) }
        };
        let step = times(1);
        let first = (low / step - 1e-9).ceil() as i64;
        let last = (high / step + 1e-9).floor() as i64;
        let largest = low.abs().max(high.abs());
        let write = |k: i64| {
            if largest >= 1e6 || step < 1e-4 {
                scientific(k as f64 * mantissa, power, largest)
            } else {
                fixed(times(k), usize::try_from(-power).unwrap_or(0))
            }
        };
        (first..=last).take(most + 1).map(|k| Tick { value: times(k), label: Some(write(k)) }).collect()
    }

    /// Powers of ten with the numbers between as unlabelled ticks; for less than two powers, 1, 2 and
    /// 5 times them.
    fn log_ticks(&self, most: usize) -> Vec<Tick> {
        let inside = |value: &f64| (self.low * (1.0 - 1e-9)..=self.high * (1.0 + 1e-9)).contains(value);
        let powers = self.low.log10().floor() as i32..=self.high.log10().ceil() as i32;
        let decades = powers.clone().filter(|&power| inside(&10_f64.powi(power))).count();
        let every = decades.div_ceil(most).max(1) as i32;
        let label = |digit: i32, power: i32| match digit {
            1 if decades > 1 => (power % every == 0).then(|| ten_to(power)),
            1 | 2 | 5 if decades < 2 => Some(plain(f64::from(digit), power)),
            _ => None,
        };
        powers
            .flat_map(|power| (1..10).map(move |digit| (digit, power)))
            .filter(|&(digit, _)| every == 1 || digit == 1)
            .map(|(digit, power)| Tick {
                value: f64::from(digit) * 10_f64.powi(power),
                label: label(digit, power),
            })
            .filter(|tick| inside(&tick.value))
            .collect()
    }
}

/// `10³`.
fn ten_to(power: i32) -> String {
    let raised = |digit: char| match digit {
        '-' => '⁻',
        '1' => '¹',
        '2' => '²',
        '3' => '³',
        digit => char::from_u32(0x2070 + digit.to_digit(10).unwrap_or(0)).unwrap_or(digit),
    };
    format!("10{}", power.to_string().chars().map(raised).collect::<String>())
}

/// `mantissa · 10^power` in full, unless that is long.
fn plain(mantissa: f64, power: i32) -> String {
    if (-4..6).contains(&power) {
        fixed(mantissa * 10_f64.powi(power), usize::try_from(-power).unwrap_or(0))
    } else {
        format!("{mantissa}·{}", ten_to(power))
    }
}

/// `mantissa · 10^power`, with the power of the largest number on the axis.
fn scientific(mantissa: f64, power: i32, largest: f64) -> String {
    if mantissa == 0.0 {
        return "0".into();
    }
    let shared = largest.log10().floor() as i32;
    let decimals = usize::try_from(shared - power).unwrap_or(0);
    let mantissa = mantissa * 10_f64.powi(power - shared);
    format!("{}·{}", fixed(mantissa, decimals), ten_to(shared))
}

/// Digits in groups of three, a real minus sign, and no sign before a zero.
pub(crate) fn fixed(value: f64, decimals: usize) -> String {
    let digits = format!("{:.decimals$}", value.abs());
    let (whole, fraction) = digits.split_at(digits.find('.').unwrap_or(digits.len()));
    let mut written = String::new();
    if value < 0.0 && digits.bytes().any(|digit| digit.is_ascii_digit() && digit != b'0') {
        written.push('−');
    }
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            written.push(',');
        }
        written.push(digit);
    }
    written + fraction
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(scale: Scale, (low, high): (f64, f64), most: usize, expect: &[&str]) {
        let ticks = Domain { scale, low, high }.ticks(most);
        let labels: Vec<String> = ticks.into_iter().filter_map(|tick| tick.label).collect();
        assert_eq!(labels, expect);
    }

    #[test]
    fn linear_axes_have_round_numbers_written_short() {
        check(Scale::Linear, (0.0, 0.5), 5, &["0.0", "0.1", "0.2", "0.3", "0.4", "0.5"]);
        check(Scale::Linear, (-0.013, 0.01), 3, &["−0.01", "0.00", "0.01"]);
        check(Scale::Linear, (0.0, 32_768.0), 4, &["0", "10,000", "20,000", "30,000"]);
        check(Scale::Linear, (0.0, 2.1e6), 3, &["0", "1·10⁶", "2·10⁶"]);
        check(Scale::Linear, (0.0, 3e-5), 3, &["0", "1·10⁻⁵", "2·10⁻⁵", "3·10⁻⁵"]);
        check(Scale::Linear, (980.0, 1010.0), 4, &["980", "990", "1,000", "1,010"]);
    }

    #[test]
    fn logarithmic_axes_have_powers_of_ten_or_what_fits() {
        check(Scale::Log10, (64.0, 32_768.0), 6, &["10²", "10³", "10⁴"]);
        check(Scale::Log10, (1e-3, 1.0), 6, &["10⁻³", "10⁻²", "10⁻¹", "10⁰"]);
        check(Scale::Log10, (150.0, 2500.0), 6, &["200", "500", "1,000", "2,000"]);
        check(Scale::Log10, (1e-12, 1.0), 5, &["10⁻¹²", "10⁻⁹", "10⁻⁶", "10⁻³", "10⁰"]);
    }

    #[test]
    fn ticks_lie_within_the_axis() {
        for (low, high) in [(0.1, 0.9), (-7.0, 3.0), (1e-9, 2e-9), (5.0, 5e5)] {
            for scale in [Scale::Linear, Scale::Log10] {
                if scale == Scale::Log10 && low <= 0.0 {
                    continue;
                }
                let ticks = Domain { scale, low, high }.ticks(5);
                assert!(
                    ticks.iter().all(|tick| tick.value > low * 0.999 - 1e-12 && tick.value < high * 1.001)
                );
                assert!(ticks.iter().filter(|tick| tick.label.is_some()).count() >= 2, "{low} to {high}");
            }
        }
    }
}
