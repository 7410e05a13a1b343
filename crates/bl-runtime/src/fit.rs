//! Task inference by entropy.

use bl_core::softmax;

/// How undecided class scores are: `−Σ p ln p / ln K` of `p = softmax(scores)`, from 0 (sure) to 1 (no idea).
///
/// # Shapes
/// - `scores`: `[classes]`; a single class is sure
pub fn entropy(scores: &[f32]) -> f32 {
    if scores.len() < 2 {
        return 0.0;
    }
    let surprise = |p: f32| if p > 0.0 { -p * p.ln() } else { 0.0 };
    softmax(scores).into_iter().map(surprise).sum::<f32>() / (scores.len() as f32).ln()
}

/// The adapter of lowest entropy, averaged over the inputs; the first among equals. What a task's network has learned
/// to tell apart it is sure of, so this guesses the task of an input that comes without a name (Wortsman et al., 2020,
/// arXiv 2006.14769, do so for masks). A guess: networks can be sure and wrong.
///
/// # Shapes
/// - `scores`: for each adapter, the scores of each input
pub fn best_fit(scores: &[Vec<Vec<f32>>]) -> Option<usize> {
    let mean =
        |inputs: &Vec<Vec<f32>>| inputs.iter().map(|s| entropy(s)).sum::<f32>() / inputs.len().max(1) as f32;
    let means: Vec<f32> = scores.iter().map(mean).collect();
    (0..means.len()).min_by(|&a, &b| means[a].total_cmp(&means[b]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entropy_is_from_sure_to_no_idea() {
        assert!((entropy(&[0.0; 10]) - 1.0).abs() < 1e-6);
        assert!(entropy(&[100.0, 0.0, 0.0]) < 1e-6);
        assert!(entropy(&[3.0]).abs() < 1e-9);
        assert!(entropy(&[1.0, 0.0]) < entropy(&[0.5, 0.0]));
    }

    #[test]
    fn the_most_confident_adapter_fits_best() {
        let (sure, unsure) = (vec![9.0, 0.0], vec![0.1, 0.0]);
        assert_eq!(best_fit(&[vec![unsure.clone()], vec![sure.clone()]]), Some(1));
        assert_eq!(best_fit(&[vec![sure.clone(), unsure.clone()], vec![sure.clone(), sure]]), Some(1));
        assert_eq!(best_fit(&[]), None);
    }
}
