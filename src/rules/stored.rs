//! The form in which the program holds its built-in rules: the head of each rule, and its [`Packed`] parts as bytes.

use serde::{Deserialize, Serialize};

use super::condition::{Binding, Parameter, PolicyRule};
use super::packed::Packed;
use super::schema::{Detect, Profile, Rule};
use crate::platform::Platform;
use crate::rating::{Category, Confidence, Severity};

/// A [`Rule`]; `B` are the bytes of a packed part.
#[derive(Serialize, Deserialize)]
struct StoredRule<B> {
    id: String,
    aliases: Vec<String>,
    title: String,
    severity: Severity,
    confidence: Confidence,
    category: Category,
    profile: Profile,
    details: B,
    detect: StoredDetect<B>,
}

/// A [`Detect`].
#[derive(Serialize, Deserialize)]
enum StoredDetect<B> {
    Secret(B),
    Policy { bindings: Vec<StoredBinding<B>>, parameters: Vec<Parameter> },
    Suppression(String),
}

/// A [`Binding`].
#[derive(Serialize, Deserialize)]
struct StoredBinding<B> {
    platform: Platform,
    types: Vec<String>,
    demand: B,
}

/// `rules` as bytes.
///
/// # Errors
///
/// None that a rule could cause.
pub fn write(rules: &[Rule]) -> postcard::Result<Vec<u8>> {
    let stored = rules.iter().map(store).collect::<postcard::Result<Vec<_>>>()?;
    postcard::to_stdvec(&stored)
}

/// The rules that [`write`] made `bytes` of. Their packed parts are decoded when they are asked for.
///
/// # Errors
///
/// The bytes are not of this version of the program.
pub fn read(bytes: &'static [u8]) -> postcard::Result<Vec<Rule>> {
    let stored: Vec<StoredRule<&'static [u8]>> = postcard::from_bytes(bytes)?;
    Ok(stored.into_iter().map(restore).collect())
}

fn store(rule: &Rule) -> postcard::Result<StoredRule<Vec<u8>>> {
    let Rule { id, aliases, title, severity, confidence, category, profile, details, detect } = rule;
    let bind = |binding: &Binding| {
        let Binding { platform, types, demand } = binding;
        let demand = postcard::to_stdvec(demand)?;
        Ok(StoredBinding { platform: *platform, types: types.clone(), demand })
    };
    let detect = match detect {
        Detect::Secret(secret) => StoredDetect::Secret(postcard::to_stdvec(secret)?),
        Detect::Policy(PolicyRule { bindings, parameters }) => StoredDetect::Policy {
            bindings: bindings.iter().map(bind).collect::<postcard::Result<_>>()?,
            parameters: parameters.clone(),
        },
        Detect::Suppression(check) => StoredDetect::Suppression(check.clone()),
    };
    Ok(StoredRule {
        id: id.clone(),
        aliases: aliases.clone(),
        title: title.clone(),
        severity: *severity,
        confidence: *confidence,
        category: *category,
        profile: *profile,
        details: postcard::to_stdvec(details)?,
        detect,
    })
}

fn restore(rule: StoredRule<&'static [u8]>) -> Rule {
    let StoredRule { id, aliases, title, severity, confidence, category, profile, details, detect } = rule;
    let bind = |binding: StoredBinding<&'static [u8]>| {
        let StoredBinding { platform, types, demand } = binding;
        Binding { platform, types, demand: Packed::from_bytes(demand) }
    };
    let detect = match detect {
        StoredDetect::Secret(secret) => Detect::Secret(Packed::from_bytes(secret)),
        StoredDetect::Policy { bindings, parameters } => {
            Detect::Policy(PolicyRule { bindings: bindings.into_iter().map(bind).collect(), parameters })
        }
        StoredDetect::Suppression(check) => Detect::Suppression(check),
    };
    let details = Packed::from_bytes(details);
    Rule { id, aliases, title, severity, confidence, category, profile, details, detect }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::load::load;

    #[test]
    fn what_is_written_is_read() {
        let pack = "rules:\n\
                    - id: acme-key\n  aliases: [acme-token]\n  title: Acme key\n  description: d\n  remediation: r\n  \
                    references: ['https://acme.example']\n  cwe: [CWE-798]\n  equivalents: ['gitleaks:acme']\n  \
                    secret: {pattern: 'acme_(?<secret>[a-z]{8})', validate: [], entropy: 2}\n\
                    - id: open-thing\n  title: t\n  category: privilege\n  description: d\n  remediation: r\n  \
                    parameters: {names: {default: [a], description: d}}\n  applies:\n  \
                    - {kubernetes: [Thing, Pod], when: {at: k, exists: true}, deny: {at: n, in: '${names}'}, report: x}\n  \
                    - {compose: [service], require: {some: ports, that: {at: ., lt: 1024}}, message: m}\n\
                    - id: old-waiver\n  title: t\n  category: practice\n  description: d\n  remediation: r\n  \
                    suppression: expired-waiver\n";
        let rules = load("p", pack).unwrap();
        let read = read(write(&rules).unwrap().leak()).unwrap();
        assert_eq!(read, rules);
        let json = |rules: &[Rule]| serde_json::to_string(rules).unwrap();
        assert_eq!(json(&read), json(&rules));
    }

    #[test]
    fn other_bytes_are_an_error() {
        assert!(read(b"\x01nothing of the kind").is_err());
    }
}
