//! `lockgate rules list|show|test`.

use std::io::Write;
use std::path::{Path, PathBuf};

use globset::{Glob, GlobSetBuilder};

use super::{CommandError, print};
use crate::fixture;
use crate::report::{count, harmless_lines};
use crate::rules::catalogue::Catalogue;
use crate::rules::error::nearest;
use crate::rules::packs;
use crate::rules::schema::Rule;

/// The built-in rules and those of `paths`.
pub(super) fn catalogue(paths: &[PathBuf]) -> Result<Catalogue, CommandError> {
    catalogue_with(paths, &[])
}

/// The same with packs that were read already, each with its name and its text.
pub(super) fn catalogue_with(paths: &[PathBuf], texts: &[(String, String)]) -> Result<Catalogue, CommandError> {
    packs::catalogue_with(paths, texts).map_err(|errors| CommandError::new(errors.join("\nerror: ")))
}

/// The rule called `id`, or an error that names the nearest.
pub(super) fn find<'a>(catalogue: &'a Catalogue, id: &str) -> Result<&'a Rule, CommandError> {
    catalogue.get(id).ok_or_else(|| {
        let near = nearest(id, catalogue.rules().iter().map(|rule| rule.id.as_str()));
        let hint = near.map_or_else(
            || "`lockgate rules list` shows them all".to_owned(),
            |name| format!("did you mean `{name}`?"),
        );
        CommandError::new(format!("no rule is called `{id}`; {hint}"))
    })
}

/// `lockgate rules list`
pub(super) fn list(paths: &[PathBuf], json: bool, out: &mut dyn Write) -> Result<u8, CommandError> {
    let catalogue = catalogue(paths)?;
    print(out, |out| {
        if json {
            return writeln!(out, "{}", harmless_lines(&serde_json::to_string_pretty(catalogue.rules())?));
        }
        let width = catalogue.rules().iter().map(|rule| rule.id.len()).max().unwrap_or(0);
        for rule in catalogue.rules() {
            let title = harmless_lines(&rule.title);
            writeln!(out, "{:width$}  {:8}  {:6}  {title}", rule.id, rule.severity, rule.confidence)?;
        }
        writeln!(out, "\n{}", count(catalogue.rules().len(), "rule"))
    })?;
    Ok(0)
}

/// `lockgate rules show`
pub(super) fn show(id: &str, paths: &[PathBuf], out: &mut dyn Write) -> Result<u8, CommandError> {
    let catalogue = catalogue(paths)?;
    let rule = find(&catalogue, id)?;
    print(out, |out| writeln!(out, "{}", harmless_lines(&serde_json::to_string_pretty(rule)?)))?;
    Ok(0)
}

/// `lockgate rules test`
pub(super) fn test(
    directory: &Path,
    fixtures: Option<&Path>,
    only: &[String],
    out: &mut dyn Write,
) -> Result<u8, CommandError> {
    let catalogue =
        packs::only(&[directory.to_path_buf()]).map_err(|errors| CommandError::new(errors.join("\nerror: ")))?;
    let fixtures = match fixtures {
        Some(path) => path.to_path_buf(),
        None => fixtures_of(directory)?,
    };
    let mut globs = GlobSetBuilder::new();
    for glob in only {
        globs.add(Glob::new(glob).map_err(|error| CommandError::new(format!("--rule {glob}: {error}")))?);
    }
    let globs = globs.build().map_err(|error| CommandError::new(error.to_string()))?;
    let select = |rule: &Rule| only.is_empty() || globs.is_match(&rule.id);
    let tested = catalogue.rules().iter().filter(|rule| select(rule)).count();
    if tested == 0 {
        return Err(CommandError::new("no rule to test: nothing matches"));
    }
    let failures = fixture::run(&catalogue, &fixtures, select).map_err(|error| CommandError::new(error.to_string()))?;
    print(out, |out| {
        for failure in &failures {
            writeln!(out, "{}", harmless_lines(&failure.to_string()))?;
        }
        writeln!(out, "{} tested, {}", count(tested, "rule"), count(failures.len(), "failure"))
    })?;
    Ok(u8::from(!failures.is_empty()))
}

/// `fixtures` inside the pack directory, or beside it.
fn fixtures_of(directory: &Path) -> Result<PathBuf, CommandError> {
    let inside = directory.join("fixtures");
    let beside = directory.parent().unwrap_or(Path::new("")).join("fixtures");
    [inside, beside].into_iter().find(|path| path.is_dir()).ok_or_else(|| {
        CommandError::new(format!("{}: no `fixtures` in it or beside it; give --fixtures DIR", directory.display()))
    })
}
