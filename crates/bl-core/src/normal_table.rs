//! The normal distribution on 255 levels, 32 to a standard deviation, from 15 random bits and a sign.

/// Lattice steps to a standard deviation.
pub(crate) const LEVELS_PER_STD: f64 = 32.0;

/// `THRESHOLDS[k − 1] = round(2¹⁵ · (2Φ((k − ½)/32) − 1))`: a 15-bit number draws the size k of the last
/// threshold that does not exceed it.
#[rustfmt::skip]
pub(crate) const THRESHOLDS: [u16; 127] = [
    409, 1225, 2041, 2854, 3665, 4472, 5274, 6072, 6864, 7649, 8427, 9198,
    9959, 10_711, 11_454, 12_186, 12_907, 13_616, 14_314, 14_999, 15_671, 16_329, 16_975, 17_606,
    18_222, 18_824, 19_412, 19_984, 20_541, 21_083, 21_610, 22_121, 22_616, 23_096, 23_561, 24_010,
    24_444, 24_863, 25_266, 25_655, 26_029, 26_389, 26_734, 27_065, 27_383, 27_687, 27_978, 28_256,
    28_521, 28_774, 29_015, 29_244, 29_463, 29_670, 29_867, 30_053, 30_230, 30_397, 30_555, 30_704,
    30_845, 30_978, 31_103, 31_221, 31_331, 31_435, 31_533, 31_624, 31_709, 31_789, 31_864, 31_934,
    31_999, 32_059, 32_116, 32_168, 32_217, 32_262, 32_304, 32_343, 32_379, 32_412, 32_442, 32_471,
    32_497, 32_521, 32_543, 32_563, 32_582, 32_599, 32_615, 32_629, 32_642, 32_654, 32_665, 32_675,
    32_684, 32_692, 32_700, 32_707, 32_713, 32_718, 32_723, 32_728, 32_732, 32_736, 32_739, 32_742,
    32_745, 32_748, 32_750, 32_752, 32_754, 32_755, 32_757, 32_758, 32_759, 32_760, 32_761, 32_762,
    32_763, 32_763, 32_764, 32_764, 32_765, 32_765, 32_765,
];

/// Root mean square of the levels drawn: `√(33 552 476 / 2¹⁵)`, exactly this distribution's.
pub(crate) const RMS: f64 = 31.999_067_292_925_7;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thresholds_are_those_of_the_normal_distribution() {
        for (k, &threshold) in (1..).zip(&THRESHOLDS) {
            let z = (f64::from(k) - 0.5) / LEVELS_PER_STD;
            let expected = 32_768.0 * libm::erf(z / std::f64::consts::SQRT_2);
            assert!((f64::from(threshold) - expected).abs() <= 0.5 + 1e-9, "level {k}");
        }
    }

    #[test]
    fn format_md_has_this_table() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../FORMAT.md");
        let document = std::fs::read_to_string(path).expect("FORMAT.md");
        let table = document.split("<!-- sample: thresholds -->\n```text\n").nth(1).expect("the table");
        let table = table.split("```").next().unwrap_or_default().split_whitespace();
        let table: Vec<u16> = table.map(|number| number.parse().expect("a number")).collect();
        assert_eq!(table, THRESHOLDS);
    }

    #[test]
    fn the_root_mean_square_is_exact() {
        let ends = THRESHOLDS[1..].iter().copied().chain([1 << 15]);
        let counts = THRESHOLDS.iter().zip(ends).map(|(start, end)| u64::from(end - start));
        let squares: u64 = (1_u64..).zip(counts).map(|(k, count)| k * k * count).sum();
        assert_eq!(squares, 33_552_476);
        assert_eq!(RMS.to_bits(), (33_552_476.0_f64 / 32_768.0).sqrt().to_bits());
    }
}
