//! Reports of shards to the report of one scan.

use std::collections::BTreeMap;

use super::{Basis, ShardReport};
use crate::scan::{ScanReport, Shard};

/// Most missing shards that are named.
const MAX_NAMED: usize = 20;

/// Why reports are not those of all shards of one scan.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MergeError {
    /// There is none.
    #[error("no report of a shard is named")]
    Nothing,
    /// A shard number that cannot be.
    #[error("{file}: there is no shard {shard}")]
    Impossible {
        /// Its report.
        file: String,
        /// The shard.
        shard: Shard,
    },
    /// Two reports differ in what they must have in common.
    #[error("{file} and {other} are not of one scan: {what}")]
    Differs {
        /// One of them.
        file: String,
        /// The other one.
        other: String,
        /// In what.
        what: &'static str,
    },
    /// Two reports of one shard.
    #[error("{file} and {other} are both of shard {shard}: name one of them")]
    Doubled {
        /// One of them.
        file: String,
        /// The other one.
        other: String,
        /// The shard.
        shard: Shard,
    },
    /// Some of the tree was not examined, or its report is not there.
    #[error("no report of shard {missing} of {of}: what it examined is not known")]
    Missing {
        /// Their numbers.
        missing: String,
        /// How many there should be.
        of: u32,
    },
}

/// Puts `reports`, each with the name of its file, together to what one scan would have established.
///
/// # Errors
///
/// They are not one report of each shard of one scan.
pub fn merge(reports: Vec<(String, ShardReport)>) -> Result<ScanReport, MergeError> {
    let Some((first_file, first)) = reports.first() else { return Err(MergeError::Nothing) };
    let of = first.shard.of;
    let mut by_number: BTreeMap<u32, &str> = BTreeMap::new();
    for (file, report) in &reports {
        if let Some(what) = difference(first, report) {
            return Err(MergeError::Differs { file: first_file.clone(), other: file.clone(), what });
        }
        let shard = report.shard;
        if shard.number == 0 || shard.number > of {
            return Err(MergeError::Impossible { file: file.clone(), shard });
        }
        if let Some(other) = by_number.insert(shard.number, file) {
            return Err(MergeError::Doubled { file: other.to_owned(), other: file.clone(), shard });
        }
    }
    let missing: Vec<String> = (1..=of)
        .filter(|number| !by_number.contains_key(number))
        .map(|number| number.to_string())
        .take(MAX_NAMED)
        .collect();
    if !missing.is_empty() {
        return Err(MergeError::Missing { missing: missing.join(", "), of });
    }
    let mut whole = ScanReport::default();
    for (_, report) in reports {
        whole.absorb(report.into_scan());
    }
    Ok(whole)
}

/// In what two reports differ that must be the same.
fn difference(a: &ShardReport, b: &ShardReport) -> Option<&'static str> {
    if a.shard.of != b.shard.of {
        return Some("they count different numbers of shards");
    }
    a.basis.difference(&b.basis).or_else(|| {
        (a.tree != b.tree).then_some("they walked different trees; let all shards scan the same commit in the same way, and write reports elsewhere")
    })
}

impl Basis {
    /// In what this differs from `other`.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Option<&'static str> {
        if self.version != other.version {
            Some("they are of different versions of Lockgate")
        } else if self.rules != other.rules {
            Some("the rules differ")
        } else if self.settings != other.settings {
            Some("lockgate.toml or the options of the scan differ")
        } else {
            (self.paths != other.paths).then_some("they scanned different paths")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scan::ShardPart;

    fn report(number: u32, of: u32) -> ShardReport {
        let text = |text: &str| text.to_owned();
        let basis = Basis { version: text("1.0.0"), rules: text("r"), settings: text("s"), paths: vec![text(".")] };
        let part = ShardPart { report: ScanReport::default(), tree: text("t"), files: 0 };
        ShardReport::new(Shard { number, of }, basis, part)
    }

    fn merged(reports: &[ShardReport]) -> Result<(), String> {
        let named = (b'a'..).map(|name| char::from(name).to_string()).zip(reports.iter().cloned()).collect();
        merge(named).map(drop).map_err(|error| error.to_string())
    }

    fn changed(change: impl Fn(&mut ShardReport)) -> ShardReport {
        let mut changed = report(2, 2);
        change(&mut changed);
        changed
    }

    #[test]
    fn one_report_of_each_shard_of_one_scan_is_wanted() {
        assert_eq!(merged(&[report(2, 3), report(1, 3), report(3, 3)]), Ok(()));
        for (reports, words) in [
            (vec![], "no report of a shard is named"),
            (vec![report(1, 3)], "no report of shard 2, 3 of 3"),
            (vec![report(1, 2), report(1, 2)], "a and b are both of shard 1/2"),
            (vec![report(1, 2), report(2, 3)], "different numbers of shards"),
            (vec![report(1, 2), report(3, 2)], "b: there is no shard 3/2"),
            (vec![report(0, 0)], "a: there is no shard 0/0"),
            (vec![report(1, 2), changed(|other| other.basis.version.push('1'))], "different versions"),
            (vec![report(1, 2), changed(|other| other.basis.rules.push('1'))], "the rules differ"),
            (vec![report(1, 2), changed(|other| other.basis.settings.push('1'))], "lockgate.toml or the options"),
            (vec![report(1, 2), changed(|other| other.basis.paths.clear())], "different paths"),
            (vec![report(1, 2), changed(|other| other.tree.push('1'))], "different trees"),
        ] {
            let error = merged(&reports).unwrap_err();
            assert!(error.contains(words), "{error}");
        }
    }

    #[test]
    fn what_is_no_report_of_a_shard_is_refused() {
        for (text, words) in [
            ("", "EOF"),
            ("{}", "missing field `schema`"),
            (r#"{"schema": "lockgate/report/v1"}"#, "its schema is not lockgate/shard/v1"),
            (r#"{"schema": "lockgate/shard/v1"}"#, "missing field `basis`"),
        ] {
            let error = ShardReport::read(&mut text.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(words), "{error}");
        }
        let mut bytes = Vec::new();
        report(1, 1).write(&mut bytes).unwrap();
        assert_eq!(ShardReport::read(&mut bytes.as_slice()).unwrap().shard, Shard { number: 1, of: 1 });
        bytes.truncate(bytes.len() - 3);
        assert!(ShardReport::read(&mut bytes.as_slice()).is_err());
    }
}
