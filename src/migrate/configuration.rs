//! Adds waivers and packs to the text of a `lockgate.toml`, which stays as it is otherwise.

use toml_edit::{ArrayOfTables, DocumentMut, Item, Table, Value, value};

use super::NewWaiver;

/// The text with what was added to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edited {
    /// The whole text.
    pub text: String,
    /// How many waivers were added: those that it had before are not.
    pub waivers: usize,
    /// How many packs.
    pub packs: usize,
}

/// Adds `waivers` and `packs` to `text`, the empty text for a new file.
///
/// # Errors
///
/// Why they cannot be added, as a sentence without a subject.
pub fn add(text: &str, waivers: &[&NewWaiver], packs: &[&str]) -> Result<Edited, String> {
    let mut document: DocumentMut = text.parse().map_err(|error: toml_edit::TomlError| error.message().to_owned())?;
    let mut edited = Edited { text: String::new(), waivers: 0, packs: 0 };
    if !packs.is_empty() {
        edited.packs = add_packs(&mut document, packs)?;
    }
    if !waivers.is_empty() {
        let item = document.entry("waiver").or_insert_with(|| Item::ArrayOfTables(ArrayOfTables::new()));
        let tables =
            item.as_array_of_tables_mut().ok_or("has `waiver` in another form than `[[waiver]]`; write it so")?;
        for waiver in waivers {
            let text = |table: &Table, key: &str| table.get(key).and_then(Item::as_str).map(ToOwned::to_owned);
            let is_same = |table: &Table| {
                text(table, "rule").as_ref() == Some(&waiver.rule) && text(table, "path").as_ref() == Some(&waiver.path)
            };
            if !tables.iter().any(is_same) {
                tables.push(table(waiver));
                edited.waivers += 1;
            }
        }
    }
    edited.text = document.to_string();
    Ok(edited)
}

fn table(waiver: &NewWaiver) -> Table {
    let NewWaiver { rule, path, reason, until } = waiver;
    let mut table = Table::new();
    table.insert("rule", value(rule));
    table.insert("path", value(path));
    table.insert("reason", value(reason));
    if let Some(until) = until {
        table.insert("until", value(until));
    }
    table
}

fn add_packs(document: &mut DocumentMut, packs: &[&str]) -> Result<usize, String> {
    let form = "has `rules` in another form than `[rules]` with a list `packs`; write it so";
    let rules = document.entry("rules").or_insert_with(|| Item::Table(Table::new()));
    let rules = rules.as_table_like_mut().ok_or(form)?;
    let list = rules.entry("packs").or_insert_with(|| Item::Value(Value::Array(toml_edit::Array::new())));
    let list = list.as_array_mut().ok_or(form)?;
    let mut added = 0;
    for pack in packs {
        if !list.iter().any(|known| known.as_str() == Some(pack)) {
            list.push(*pack);
            added += 1;
        }
    }
    Ok(added)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waiver(rule: &str, until: Option<&str>) -> NewWaiver {
        let until = until.map(ToOwned::to_owned);
        NewWaiver { rule: rule.to_owned(), path: "**".to_owned(), reason: "say \"why\"".to_owned(), until }
    }

    #[test]
    fn what_stands_there_stays_as_it_is() {
        let text = "# ours\n[rules]   # which\npacks = [ 'a.yaml' ] # more\n\n[[waiver]]\nrule = 'old'\npath = '**'\nreason = 'r'\n";
        let (old, new) = (waiver("old", None), waiver("new", Some("2030-01-31")));
        let edited = add(text, &[&old, &new], &["a.yaml", ".gitleaks.toml"]).unwrap();
        assert_eq!((edited.waivers, edited.packs), (1, 1));
        insta::assert_snapshot!(edited.text, @r#"
        # ours
        [rules]   # which
        packs = [ 'a.yaml' , ".gitleaks.toml"] # more

        [[waiver]]
        rule = 'old'
        path = '**'
        reason = 'r'

        [[waiver]]
        rule = "new"
        path = "**"
        reason = 'say "why"'
        until = "2030-01-31"
        "#);
        assert_eq!(add(&edited.text, &[&old, &new], &["a.yaml"]).unwrap().text, edited.text);
    }

    #[test]
    fn a_new_file_begins_with_nothing() {
        let edited = add("", &[&waiver("new", None)], &[]).unwrap();
        assert_eq!(edited.text, "[[waiver]]\nrule = \"new\"\npath = \"**\"\nreason = 'say \"why\"'\n");
        assert_eq!(add("[scan]\n", &[], &[]).unwrap().text, "[scan]\n");
    }

    #[test]
    fn another_form_is_refused() {
        let new = waiver("new", None);
        assert!(add("waiver = 1", &[&new], &[]).unwrap_err().contains("`[[waiver]]`"));
        assert!(add("rules = 1", &[], &["a"]).unwrap_err().contains("`[rules]`"));
        assert!(add("[rules]\npacks = 1", &[], &["a"]).unwrap_err().contains("`packs`"));
        assert!(add("= 1", &[&new], &[]).is_err());
    }
}
