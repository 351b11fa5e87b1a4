//! The features that speak for and against a secret, and their weights.
//!
//! The weights are data (`weights.csv`): points for each feature, and the least points for each confidence. Ten points are
//! about what a good reason weighs. `scripts/fit-weights.py` fits them on labelled text: they are the coefficients of a
//! logistic regression, scaled so that the threshold between a hint and a finding stays where it is.

use std::sync::OnceLock;

use crate::rating::Confidence;

/// One line a feature: its name, its points, and what the reader is told.
const WEIGHTS: &str = include_str!("weights.csv");

/// Something that can be said of a name, a value or its surroundings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Feature {
    NameStrong,
    NameMedium,
    NameWeak,
    LongRandom,
    Random,
    LongGibberish,
    Gibberish,
    ShortGibberish,
    NoWord,
    LettersAndDigits,
    Symbols,
    PasswordPolicy,
    LongDigits,
    DigitsOnly,
    Short,
    Blanks,
    ReadsLikeWord,
    Words,
    DecoratedWords,
    RepeatsName,
    DigestLength,
    Uuid,
    Quoted,
    Environment,
    SettingsFile,
    Query,
    FallbackValue,
    BareInText,
    TightColon,
    LooseLink,
    VeryLooseLink,
    Expression,
    Translation,
    PasswordName,
    Hexadecimal,
    MixedAlphabet,
    SampleFile,
    OtherFile,
    Segmented,
}

impl Feature {
    /// Every feature.
    const ALL: &'static [Self] = &[
        Self::NameStrong,
        Self::NameMedium,
        Self::NameWeak,
        Self::LongRandom,
        Self::Random,
        Self::LongGibberish,
        Self::Gibberish,
        Self::ShortGibberish,
        Self::NoWord,
        Self::LettersAndDigits,
        Self::Symbols,
        Self::PasswordPolicy,
        Self::LongDigits,
        Self::DigitsOnly,
        Self::Short,
        Self::Blanks,
        Self::ReadsLikeWord,
        Self::Words,
        Self::DecoratedWords,
        Self::RepeatsName,
        Self::DigestLength,
        Self::Uuid,
        Self::Quoted,
        Self::Environment,
        Self::SettingsFile,
        Self::Query,
        Self::FallbackValue,
        Self::BareInText,
        Self::TightColon,
        Self::LooseLink,
        Self::VeryLooseLink,
        Self::Expression,
        Self::Translation,
        Self::PasswordName,
        Self::Hexadecimal,
        Self::MixedAlphabet,
        Self::SampleFile,
        Self::OtherFile,
        Self::Segmented,
    ];
}

/// The table.
struct Weights {
    /// By feature: points, and what is told to the reader.
    features: Vec<(i32, &'static str)>,
    high: i32,
    medium: i32,
    low: i32,
}

impl Weights {
    fn get() -> &'static Self {
        static TABLE: OnceLock<Weights> = OnceLock::new();
        TABLE.get_or_init(|| Self::parse(WEIGHTS))
    }

    /// Reads the table; what it does not name weighs nothing.
    fn parse(text: &'static str) -> Self {
        let row = |name: &str| {
            let mut rows = text.lines().filter_map(|line| line.split_once(','));
            let (points, told) = rows.find(|(first, _)| *first == name)?.1.split_once(',')?;
            Some((points.parse().ok()?, told))
        };
        let features = Feature::ALL.iter().map(|feature| row(&format!("{feature:?}")).unwrap_or((0, ""))).collect();
        let least = |name: &str| row(name).map_or(i32::MAX, |(points, _)| points);
        Self { features, high: least("high"), medium: least("medium"), low: least("low") }
    }
}

/// The points of the feature that the reader knows as `told`, and `None` where no feature is told so.
pub(super) fn points_of(told: &str) -> Option<i32> {
    Weights::get().features.iter().find(|(_, text)| *text == told).map(|(points, _)| *points)
}

/// The least points for high and medium confidence and for a hint.
pub(super) fn thresholds() -> [i32; 3] {
    let Weights { high, medium, low, .. } = Weights::get();
    [*high, *medium, *low]
}

/// The features collected for one value.
#[derive(Debug, Default)]
pub(super) struct Score {
    pub(super) points: i32,
    pub(super) reasons: Vec<&'static str>,
}

impl Score {
    pub(super) fn add(&mut self, feature: Feature) {
        if let Some((points, reason)) = Weights::get().features.get(feature as usize) {
            self.points += points;
            self.reasons.push(reason);
        }
    }

    /// What the points amount to; `None` when they do not suffice.
    pub(super) fn confidence(&self) -> Option<Confidence> {
        let weights = Weights::get();
        match self.points {
            points if points >= weights.high => Some(Confidence::High),
            points if points >= weights.medium => Some(Confidence::Medium),
            points if points >= weights.low => Some(Confidence::Low),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_names_every_feature_and_no_other() {
        let names: Vec<String> = Feature::ALL.iter().map(|feature| format!("{feature:?}")).collect();
        let rows: Vec<&str> = WEIGHTS.lines().skip(1).filter_map(|line| line.split(',').next()).collect();
        let thresholds = ["high", "medium", "low"];
        assert_eq!(rows.len(), names.len() + thresholds.len());
        for row in &rows {
            assert!(thresholds.contains(row) || names.iter().any(|name| name == row), "{row}");
        }
        for (index, feature) in Feature::ALL.iter().enumerate() {
            assert_eq!(*feature as usize, index);
            assert!(!Weights::get().features[index].1.is_empty(), "{feature:?}");
        }
        let Weights { high, medium, low, .. } = Weights::get();
        assert!(high > medium && medium > low);
    }

    #[test]
    fn what_is_told_leads_back_to_the_points() {
        assert!(points_of("made of words").is_some_and(|points| points < 0));
        assert_eq!(points_of("decoded from base64"), None);
    }
}
