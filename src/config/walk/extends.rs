//! Reads `extends` and `final`.

use toml::de::DeValue;

use super::{Section, inside_path, keys, span};
use crate::config::error::{Mend, Problem, shown};
use crate::config::extends::Extends;
use crate::config::schema::Located;

const EXPECTED: &str = "a path, or a table such as { git-ref = \"origin/main\", path = \"policy/lockgate.toml\" }";

pub(super) fn extends(root: &mut Section<'_, '_>) -> Option<Located<Extends>> {
    let value = root.get("extends")?;
    let at = Some(span(value));
    match value.get_ref() {
        DeValue::String(_) => {
            let path = root.text("extends", inside_path)?.value;
            Some(Located { value: Extends::File(path), at })
        }
        DeValue::Table(_) => {
            let mut own = root.section("extends");
            let at_table = Located { value: (), at };
            let reference = own.required("git-ref", at_table, revision);
            let path = own.required("path", at_table, inside_path);
            let (reference, path) = (reference?.value, path?.value);
            Some(Located { value: Extends::Git { git_ref: reference, path }, at })
        }
        _ => {
            root.wrong_type("extends", EXPECTED, value);
            None
        }
    }
}

/// A revision that names a commit; what it means is for the repository to say. Forms that search the history are left out:
/// who writes the file must not choose how long that takes.
fn revision(text: &str) -> Result<String, Problem> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./~^+".contains(c);
    if text.is_empty() || text.len() > 256 || text.starts_with('-') || !text.chars().all(is_plain) {
        let reason = "names no commit; write a branch such as `origin/main`, a tag or the id of a commit".to_owned();
        return Err(Problem::BadValue { value: shown(text), reason });
    }
    Ok(text.to_owned())
}

/// Tables and keys by their way from the top, such as `gate` and `rules.disable`.
pub(super) fn finals(root: &mut Section<'_, '_>) -> Vec<Located<String>> {
    let tables: Vec<&str> =
        keys("").into_iter().filter(|key| !matches!(*key, "extends" | "final" | "baseline")).collect();
    let read = |text: &str| {
        let (table, key) = text.split_once('.').map_or((text, None), |(table, key)| (table, Some(key)));
        let is_known = tables.contains(&table) && key.is_none_or(|key| table != "waiver" && keys(table).contains(&key));
        if is_known {
            return Ok(text.to_owned());
        }
        Err(Problem::UnknownName {
            what: "key",
            name: shown(text),
            mend: if tables.contains(&table) && table != "waiver" {
                Mend::among(key.unwrap_or_default(), keys(table).into_iter())
            } else {
                Mend::among(table, tables.iter().copied())
            },
        })
    };
    root.list("final", read).unwrap_or_default()
}
