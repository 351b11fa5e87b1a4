//! Whether a named value is a secret: features, their weights in one table, and the thresholds.

use super::file::{Role, Syntax};
use super::name::{NameFacts, Strength};
use super::pairs::{Link, Pair};
use super::words::Wording;
use super::{Candidate, Kind, shapes};
use crate::engine::secrets::{entropy, placeholder};
use crate::finding::Confidence;

/// Something that can be said of a name, a value or its surroundings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Feature {
    NameStrong,
    NameMedium,
    NameWeak,
    LongRandom,
    Random,
    Gibberish,
    LettersAndDigits,
    Symbols,
    Words,
    DecoratedWords,
    DigitsOnly,
    Short,
    Uuid,
    Quoted,
    Environment,
    SettingsFile,
    BareInCode,
    BareInProse,
    FallbackValue,
    LooseLink,
    Translation,
}

impl Feature {
    /// The table: points for the finding, and what is told to the reader.
    fn weight(self) -> (i32, &'static str) {
        match self {
            Self::NameStrong => (3, "the name says that it is a secret"),
            Self::NameMedium => (2, "the name suggests a secret"),
            Self::NameWeak => (0, "the name may mean a secret"),
            Self::LongRandom => (4, "long random value"),
            Self::Random => (3, "random value"),
            Self::Gibberish => (2, "letters that form no word"),
            Self::LettersAndDigits => (2, "letters mixed with digits"),
            Self::Symbols => (1, "punctuation as in passwords"),
            Self::Words => (-5, "made of words"),
            Self::DecoratedWords => (-2, "a word with digits or punctuation"),
            Self::DigitsOnly => (-1, "digits only"),
            Self::Short => (-1, "short"),
            Self::Uuid => (-1, "has the form of a UUID"),
            Self::Quoted => (1, "string literal"),
            Self::Environment => (1, "set as an environment variable or setting"),
            Self::SettingsFile => (1, "in a settings file"),
            Self::BareInCode => (-2, "unquoted in program code"),
            Self::BareInProse => (-1, "unquoted in text"),
            Self::FallbackValue => (0, "fallback of a lookup"),
            Self::LooseLink => (-1, "loosely joined to its name"),
            Self::Translation => (-5, "in a file of translations"),
        }
    }
}

/// Least points for each confidence.
const HIGH: i32 = 7;
const MEDIUM: i32 = 5;
const LOW: i32 = 3;

/// The features collected for one value.
#[derive(Default)]
struct Score {
    points: i32,
    reasons: Vec<&'static str>,
}

impl Score {
    fn add(&mut self, feature: Feature) {
        let (points, reason) = feature.weight();
        self.points += points;
        self.reasons.push(reason);
    }

    fn confidence(&self) -> Option<Confidence> {
        match self.points {
            HIGH.. => Some(Confidence::High),
            MEDIUM.. => Some(Confidence::Medium),
            LOW.. => Some(Confidence::Low),
            _ => None,
        }
    }
}

/// Judges the pair; `None` when its value is certainly no secret or the points do not suffice.
pub(super) fn judge(bytes: &[u8], syntax: Syntax, role: Role, pair: &Pair, facts: NameFacts) -> Option<Candidate> {
    let value = pair.value.slice(bytes)?;
    let name = pair.name.slice(bytes)?;
    if value.len() < 4 || value.iter().any(|byte| byte.is_ascii_whitespace() || byte.is_ascii_control()) {
        return None;
    }
    if placeholder::reason(value).is_some() || shapes::reason(value).is_some() || value.eq_ignore_ascii_case(name) {
        return None;
    }
    let mut score = Score::default();
    score.add(match facts.strength {
        Strength::Strong => Feature::NameStrong,
        Strength::Medium => Feature::NameMedium,
        Strength::Weak => Feature::NameWeak,
    });
    rate_value(&mut score, value);
    rate_context(&mut score, syntax, role, pair, name);
    let confidence = score.confidence()?;
    Some(Candidate { kind: facts.kind, span: pair.value, name: Some(pair.name), confidence, reasons: score.reasons })
}

/// What the value looks like.
fn rate_value(score: &mut Score, value: &[u8]) {
    let classes = entropy::Classes::of(value);
    let wording = Wording::of(value);
    let random = entropy::looks_random(value);
    if classes.letters() == 0 {
        score.add(Feature::DigitsOnly);
    } else if wording.is_words() {
        let bare = classes.digit == 0
            && value.iter().all(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'-' | b'.' | b':' | b'/'));
        score.add(if bare { Feature::Words } else { Feature::DecoratedWords });
    } else if entropy::is_uuid(value) {
        score.add(Feature::LongRandom);
        score.add(Feature::Uuid);
    } else if random && value.len() >= 20 {
        score.add(Feature::LongRandom);
    } else if random {
        score.add(Feature::Random);
    } else {
        if classes.digit > 0 && classes.letters() > 0 {
            score.add(Feature::LettersAndDigits);
        } else if wording.is_gibberish() {
            score.add(Feature::Gibberish);
        }
        if value.iter().any(|byte| {
            matches!(byte, b'!' | b'@' | b'#' | b'$' | b'%' | b'^' | b'&' | b'*' | b'?' | b'~' | b'(' | b')')
        }) {
            score.add(Feature::Symbols);
        }
    }
    if value.len() < 6 {
        score.add(Feature::Short);
    }
}

/// Where the value stands.
fn rate_context(score: &mut Score, syntax: Syntax, role: Role, pair: &Pair, name: &[u8]) {
    let environment = !name.iter().any(u8::is_ascii_lowercase) && name.contains(&b'_');
    if pair.quoted {
        score.add(Feature::Quoted);
    } else if environment || matches!(syntax, Syntax::Plain) {
        score.add(Feature::Environment);
    } else if syntax == Syntax::Quoted && pair.link == Link::Assign {
        score.add(Feature::BareInCode);
    } else if syntax == Syntax::Prose && pair.link == Link::Assign {
        score.add(Feature::BareInProse);
    }
    match pair.link {
        Link::Default => score.add(Feature::FallbackValue),
        Link::Space => score.add(Feature::LooseLink),
        _ => {}
    }
    match role {
        Role::Settings => score.add(Feature::SettingsFile),
        Role::Locale => score.add(Feature::Translation),
        Role::Sample | Role::Other => {}
    }
}

/// Judges a value that its place alone makes a secret (the password of a URL, of a command): `None` for placeholders.
pub(super) fn judge_placed(bytes: &[u8], kind: Kind, span: crate::span::Span, least: usize) -> Option<Candidate> {
    let value = span.slice(bytes)?;
    if value.len() < least || placeholder::reason(value).is_some() || value.iter().any(u8::is_ascii_whitespace) {
        return None;
    }
    let format = value.starts_with(b"%") && value.len() <= 3;
    if format || Wording::of(value).is_words() {
        return None;
    }
    let mut score = Score::default();
    score.add(Feature::NameStrong);
    rate_value(&mut score, value);
    let confidence = if score.points > MEDIUM { Confidence::High } else { Confidence::Medium };
    Some(Candidate { kind, span, name: None, confidence, reasons: score.reasons })
}
