//! Whether a named value is a secret: which features it has.

use data_encoding::BASE64;

use super::context::Context;
use super::file::{Role, Syntax};
use super::name::{self, NameFacts, Strength};
use super::pairs::{Link, Pair};
use super::weights::{Feature, Score};
use super::words::Wording;
use super::{Candidate, Kind, encoded, image, manifest, openpgp, shapes};
use crate::engine::secrets::{entropy, placeholder};
use crate::rating::Confidence;

/// Where a pair stands.
pub(super) struct Surroundings<'a, 'b> {
    pub(super) syntax: Syntax,
    pub(super) role: Role,
    /// Whether the name begins its line, or follows a login.
    pub(super) starts_line: bool,
    pub(super) context: &'a mut Context<'b>,
}

/// Judges the pair; `None` when its value is certainly no secret or the points do not suffice.
pub(super) fn judge(
    bytes: &[u8],
    pair: &Pair,
    facts: NameFacts,
    mut around: Surroundings<'_, '_>,
) -> Option<Candidate> {
    let written = pair.value.slice(bytes)?;
    let name = pair.name.slice(bytes)?;
    let decoded = encoded::word(written).filter(|_| pair.encoded || manifest::is_secret_data(bytes, pair.name));
    let value = decoded.as_deref().unwrap_or(written);
    let blanks = memchr::memchr_iter(b' ', value).count();
    // A weak name is made up for by a random value only, and that takes some length.
    let least = if facts.strength == Strength::Weak { 8 } else { 4 };
    if value.len() < least || value.iter().any(u8::is_ascii_control) || blanks > 2 || (blanks > 0 && !pair.quoted) {
        return None;
    }
    let wording = Wording::of(value);
    if blanks > 0 && !wording.is_gibberish() {
        return None;
    }
    if entropy::Classes::of(value).other * 2 > value.len() || encodes_words(value) {
        return None;
    }
    if placeholder::reason(value).is_some() || shapes::reason(value).is_some() || value.eq_ignore_ascii_case(name) {
        return None;
    }
    if in_badge(bytes, pair) || image::is_reference(bytes, pair, facts.kind) || openpgp::is_key_id(bytes, pair) {
        return None;
    }
    let mut score = Score::default();
    score.add(match facts.strength {
        Strength::Strong => Feature::NameStrong,
        Strength::Medium => Feature::NameMedium,
        Strength::Weak => Feature::NameWeak,
    });
    rate_value(&mut score, value, wording, facts.kind);
    if blanks > 0 {
        score.add(Feature::Blanks);
    }
    let set = is_environment(name) || around.syntax == Syntax::Plain;
    if facts.strength == Strength::Weak && !set && entropy::is_hex(value) && matches!(value.len(), 32 | 40 | 64 | 128) {
        score.add(Feature::DigestLength);
    }
    if repeats_name(value, name) {
        score.add(Feature::RepeatsName);
    }
    rate_context(&mut score, pair, name, value, &mut around);
    Some(Candidate {
        kind: facts.kind,
        span: pair.value,
        name: Some(pair.name),
        decoded: decoded.clone(),
        confidence: score.confidence(),
        points: score.points,
        reasons: score.reasons,
    })
}

/// What the value looks like.
fn rate_value(score: &mut Score, value: &[u8], wording: Wording, kind: Kind) {
    // People choose passwords; keys and tokens are made by machines and never read as a word.
    let chosen = !matches!(kind, Kind::Secret | Kind::ApiKey);
    let classes = entropy::Classes::of(value);
    let random = entropy::looks_random(value);
    if classes.letters() == 0 {
        score.add(if value.len() >= 12 { Feature::LongDigits } else { Feature::DigitsOnly });
    } else if wording.is_words() || reads_as_words(value) {
        let bare = classes.digit == 0
            && value.iter().all(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'-' | b'.' | b':' | b'/'));
        let meets_policy = chosen && classes.kinds() == 4 && value.len() >= 8;
        score.add(if meets_policy {
            Feature::PasswordPolicy
        } else if bare {
            Feature::Words
        } else {
            Feature::DecoratedWords
        });
    } else if entropy::is_uuid(value) {
        score.add(Feature::LongRandom);
        score.add(Feature::Uuid);
    } else if random && value.len() >= 20 {
        score.add(Feature::LongRandom);
    } else if random {
        score.add(Feature::Random);
    } else {
        if is_segmented(value) {
            score.add(Feature::Segmented);
        }
        if classes.digit > 0 && classes.letters() > 0 {
            score.add(Feature::LettersAndDigits);
        } else if wording.is_gibberish() {
            score.add(match value.len() {
                16.. => Feature::LongGibberish,
                8.. => Feature::Gibberish,
                _ if chosen => Feature::Gibberish,
                _ => Feature::ShortGibberish,
            });
        } else if chosen && wording.covered * 2 <= wording.letters {
            score.add(Feature::NoWord);
        } else {
            score.add(Feature::ReadsLikeWord);
        }
        if value.iter().any(|byte| {
            matches!(byte, b'!' | b'@' | b'#' | b'$' | b'%' | b'^' | b'&' | b'*' | b'?' | b'~' | b'(' | b')')
        }) {
            score.add(Feature::Symbols);
        }
    }
    if value.len() < 5 {
        score.add(Feature::Short);
    }
    if chosen {
        score.add(Feature::PasswordName);
    }
    if entropy::is_hex(value) {
        score.add(Feature::Hexadecimal);
    } else if classes.lower > 0 && classes.upper > 0 && classes.digit > 0 {
        score.add(Feature::MixedAlphabet);
    }
}

/// Whether the value is base64 of a placeholder or of plain words, as in the secrets of sample manifests.
fn encodes_words(value: &[u8]) -> bool {
    if value.len() < 8 || !value.len().is_multiple_of(4) || value.len() > 128 || !entropy::is_base64_alphabet(value) {
        return false;
    }
    let Ok(decoded) = BASE64.decode(value) else { return false };
    let printable = decoded.iter().all(|&byte| byte.is_ascii_graphic() || matches!(byte, b' ' | b'\n'));
    let text = decoded.rsplit(|&byte| byte == b':').next().unwrap_or_default();
    printable && (placeholder::reason(text).is_some() || Wording::of(text).is_words())
}

/// Whether the value, split into words, holds the word of the name that makes it a secret: `_EllipticCurvePrivateKey`.
fn repeats_name(value: &[u8], own: &[u8]) -> bool {
    let words = name::words(value);
    name::words(own).last().is_some_and(|last| last.len() >= 3 && words.len() > 1 && words.contains(last))
}

/// Whether the pair is a parameter in the address of a badge. Such a token shows a picture, and is made for being published.
fn in_badge(bytes: &[u8], pair: &Pair) -> bool {
    let address = &bytes[pair.name.start.saturating_sub(256)..pair.name.start];
    let start = memchr::memmem::rfind(address, b"://").unwrap_or(address.len());
    let holds = |word: &[u8]| memchr::memmem::find(&address[start..], word).is_some();
    pair.link == Link::Query && (holds(b"badge") || holds(b"shields.io"))
}

/// Whether the value reads as the name or version of a thing: words and numbers, joined by separators.
fn is_segmented(value: &[u8]) -> bool {
    let mut segments = 0;
    let plain = value.split(|byte| matches!(byte, b'-' | b'_' | b'.' | b':' | b'/')).all(|segment| {
        segments += 1;
        let letters = segment.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
        let digits = segment[letters..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        // A number may stand behind a short word: `v2`, `node12`.
        letters + digits == segment.len() && (letters == 0 || digits <= 2)
    });
    plain && segments >= 3
}

/// Whether the value is words once digits and signs are read as the letters that they resemble: `s3cr3t`, `P@ssw0rd`.
fn reads_as_words(value: &[u8]) -> bool {
    value.len() <= 32 && Wording::of(&read_as_letters(value)).is_words()
}

/// `value` up to its last letter in lower case, with digits and signs as the letters that they resemble.
pub(super) fn read_as_letters(value: &[u8]) -> Vec<u8> {
    let end = value.iter().rposition(u8::is_ascii_alphabetic).map_or(0, |at| at + 1);
    value[..end]
        .iter()
        .map(|byte| match byte {
            b'0' => b'o',
            b'1' => b'i',
            b'3' => b'e',
            b'4' | b'@' => b'a',
            b'5' | b'$' => b's',
            b'7' => b't',
            other => other.to_ascii_lowercase(),
        })
        .collect()
}

/// Whether `name` is written like an environment variable.
fn is_environment(name: &[u8]) -> bool {
    name.len() > 3 && !name.iter().any(u8::is_ascii_lowercase)
}

/// Where the value stands.
fn rate_context(score: &mut Score, pair: &Pair, name: &[u8], value: &[u8], around: &mut Surroundings<'_, '_>) {
    let environment = is_environment(name);
    let assigned = pair.link == Link::Assign;
    if pair.quoted {
        score.add(Feature::Quoted);
    } else if around.syntax == Syntax::Plain || (environment && around.syntax != Syntax::Quoted) {
        score.add(Feature::Environment);
    } else if around.syntax == Syntax::Quoted && assigned {
        score.add(if around.context.is_text(pair.name.start) { Feature::BareInText } else { Feature::Expression });
    }
    if pair.tight_colon && !pair.quoted && !value.iter().any(u8::is_ascii_digit) {
        score.add(Feature::TightColon);
    }
    match pair.link {
        Link::Default => score.add(Feature::FallbackValue),
        Link::Query => score.add(Feature::Query),
        Link::Space => score.add(if around.starts_line { Feature::LooseLink } else { Feature::VeryLooseLink }),
        _ => {}
    }
    match around.role {
        Role::Settings => score.add(Feature::SettingsFile),
        Role::Locale => score.add(Feature::Translation),
        Role::Sample => score.add(Feature::SampleFile),
        Role::Other => score.add(Feature::OtherFile),
    }
}

/// Judges a value that its place alone makes a secret (the password of a URL, of a command): `None` for placeholders.
pub(super) fn judge_placed(bytes: &[u8], kind: Kind, span: crate::span::Span, least: usize) -> Option<Candidate> {
    let value = span.slice(bytes)?;
    if value.len() < least || placeholder::reason(value).is_some() || value.iter().any(u8::is_ascii_whitespace) {
        return None;
    }
    let format = value.starts_with(b"%") && value.len() <= 3;
    let wording = Wording::of(value);
    if format || wording.is_words() {
        return None;
    }
    let mut score = Score::default();
    score.add(Feature::NameStrong);
    rate_value(&mut score, value, wording, kind);
    // The place is proof of its own: it lifts what is a hint elsewhere.
    let confidence = score.confidence().unwrap_or(Confidence::Medium).max(Confidence::Medium);
    Some(Candidate {
        kind,
        span,
        name: None,
        decoded: None,
        confidence: Some(confidence),
        points: score.points,
        reasons: score.reasons,
    })
}
