//! One secret, one finding: where several rules match the same bytes, the most specific one speaks.

use crate::engine::Detection;

/// Keeps the best detection of every group that shares bytes, in order of appearance.
pub(super) fn resolve(mut detections: Vec<Detection>) -> Vec<Detection> {
    // Best first; the rule index makes the order total, so that the outcome never depends on the order of matching.
    detections.sort_by(|a, b| {
        (b.specificity, b.confidence, b.span.len())
            .cmp(&(a.specificity, a.confidence, a.span.len()))
            .then_with(|| (a.span, a.rule).cmp(&(b.span, b.rule)))
    });
    let mut kept: std::collections::BTreeMap<usize, Detection> = std::collections::BTreeMap::new();
    // What is said of a file as a whole shares no byte with anything.
    let of_file: Vec<Detection> = detections.extract_if(.., |detection| detection.span.is_empty()).collect();
    for detection in detections {
        // Kept spans do not overlap, so only the last one that begins before this one's end can touch it.
        let touches =
            kept.range(..detection.span.end).next_back().is_some_and(|(_, other)| other.span.overlaps(detection.span));
        if !touches {
            kept.insert(detection.span.start, detection);
        }
    }
    of_file.into_iter().chain(kept.into_values()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rating::Confidence;
    use crate::secret::Secret;
    use crate::span::Span;

    fn detection(rule: usize, start: usize, end: usize, specificity: u8) -> Detection {
        Detection {
            rule,
            span: Span::new(start, end),
            secret: Secret::new("x"),
            public_prefix: 0,
            confidence: Confidence::Medium,
            facts: Vec::new(),
            specificity,
        }
    }

    fn rules(detections: Vec<Detection>) -> Vec<usize> {
        resolve(detections).iter().map(|detection| detection.rule).collect()
    }

    #[test]
    fn the_most_specific_wins_and_neighbours_stay() {
        assert_eq!(rules(vec![detection(1, 0, 40, 0), detection(2, 10, 20, 3), detection(3, 50, 60, 0)]), [2, 3]);
        assert_eq!(rules(vec![detection(1, 0, 10, 1), detection(2, 0, 12, 1)]), [2]);
        assert_eq!(rules(vec![detection(1, 0, 10, 1), detection(2, 10, 20, 1)]), [1, 2]);
    }

    #[test]
    fn the_order_of_arrival_does_not_matter() {
        let all = vec![detection(4, 0, 10, 1), detection(2, 0, 10, 1), detection(3, 5, 15, 1)];
        let mut reversed = all.clone();
        reversed.reverse();
        assert_eq!(rules(all), rules(reversed));
    }
}
