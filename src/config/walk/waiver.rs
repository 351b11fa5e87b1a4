//! Reads `[[waiver]]`.

use toml::de::DeValue;

use super::gate::path_glob;
use super::{MAX_ENTRIES, Section, rule_pattern, type_name};
use crate::config::error::{Problem, shown, shown_up_to};
use crate::config::waiver::WaiverSettings;
use crate::suppress::waiver::Until;

/// Longest reason that is repeated, in characters.
const MAX_REASON: usize = 200;

/// Longest address of a resource, in bytes.
const MAX_ADDRESS: usize = 1024;

pub(super) fn waivers(root: &mut Section<'_, '_>) -> Vec<WaiverSettings> {
    let mut waivers = Vec::new();
    root.each_table("waiver", (MAX_ENTRIES, "an array of tables, each under [[waiver]]"), |own, at| {
        let rule = own.required("rule", at, rule_pattern);
        let reason = own.required("reason", at, reason);
        let path = own.text("path", path_glob);
        let resource = own.text("resource", address);
        let fingerprint = own.text("fingerprint", hash);
        let value_hash = own.text("value-hash", hash);
        let owner = own.text("owner", |text| Ok(shown(text)));
        let until = until(own);
        let scopes = ["path", "resource", "fingerprint", "value-hash"];
        if !scopes.iter().any(|key| own.get(key).is_some()) {
            own.problems.push((at.at, Problem::NoScope));
        }
        if let (Some(rule), Some(reason)) = (rule, reason) {
            waivers.push(WaiverSettings {
                rule,
                path: path.map(|one| one.value),
                resource: resource.map(|one| one.value),
                fingerprint: fingerprint.map(|one| one.value),
                value_hash: value_hash.map(|one| one.value),
                reason: reason.value,
                owner: owner.map(|one| one.value),
                until,
                at,
            });
        }
    });
    waivers
}

/// The last day. What is none is no mistake in the file but a day that is past.
fn until(own: &Section<'_, '_>) -> Until {
    match own.get("until").map(toml::Spanned::get_ref) {
        None => Until::Open,
        Some(DeValue::String(text)) => Until::read(text, shown),
        Some(DeValue::Datetime(date)) => Until::read(&date.to_string(), shown),
        Some(other) => Until::Malformed(type_name(other).to_owned()),
    }
}

/// A reason goes into reports, so nothing that looks like a secret stays in it.
fn reason(text: &str) -> Result<String, Problem> {
    if text.trim().is_empty() {
        let reason = "is no reason; say why the finding is acceptable".to_owned();
        return Err(Problem::BadValue { value: shown(text), reason });
    }
    Ok(shown_up_to(MAX_REASON, text.trim()))
}

fn address(text: &str) -> Result<String, Problem> {
    if text.is_empty() || text.len() > MAX_ADDRESS {
        let reason = "is no address of a resource; reports name it, such as `aws_s3_bucket.logs`".to_owned();
        return Err(Problem::BadValue { value: shown(text), reason });
    }
    Ok(text.to_owned())
}

/// What stands there is not repeated: it could be the secret itself.
fn hash<T: std::str::FromStr>(text: &str) -> Result<T, Problem> {
    text.parse().map_err(|_| Problem::BadValue {
        value: "what stands there".to_owned(),
        reason: "is no fingerprint or hash: 32 hexadecimal digits, as reports name them".to_owned(),
    })
}
