//! `lockgate waive`: adds a waiver for one finding to the configuration, and leaves the rest of the file as it is.

use std::io::Write;
use std::path::{Path, PathBuf};

use toml_edit::{ArrayOfTables, Datetime, DocumentMut, Item, Table, value};

use super::args::WaiveArgs;
use super::invocation::{self, Resolved};
use super::{CommandError, print, scan};
use crate::config::{self, Config, FILE_NAME};
use crate::finding::Finding;
use crate::report::atomic;

/// `lockgate waive`
pub(super) fn run(args: &WaiveArgs, out: &mut dyn Write) -> Result<u8, CommandError> {
    let wrong = |message: String| CommandError::new(message);
    if args.reason.trim().is_empty() {
        return Err(wrong("--reason is empty; say why the finding is acceptable".to_owned()));
    }
    let resolved = invocation::resolve(&args.input)?;
    if let Some(until) = args.until.filter(|&until| until < resolved.today) {
        return Err(wrong(format!("--until {until} is past: the waiver would silence nothing")));
    }
    let scanned = scan::findings(&resolved, true)?;
    let Some(finding) = scanned.findings.iter().find(|finding| finding.fingerprint == args.fingerprint) else {
        return Err(wrong(format!(
            "nothing that was found has the fingerprint {}; `lockgate scan --verbose` shows fingerprints",
            args.fingerprint
        )));
    };
    let mut rules = std::iter::once(&finding.rule).chain(finding.parts().map(|part| &part.rule));
    if let Some(rule) = rules.find(|rule| resolved.policy.is_unsuppressible(rule)) {
        return Err(wrong(format!("the policy says that nothing may suppress findings of {rule}")));
    }
    if !finding.is_active() {
        return Err(wrong("the finding is suppressed already; `lockgate scan --verbose` shows by what".to_owned()));
    }
    let path = match &args.input.config {
        Some(path) => path.clone(),
        None => resolved.root.join(FILE_NAME),
    };
    let text = with_waiver(&present_text(&path)?, args, finding)
        .map_err(|reason| wrong(format!("{}: {reason}", path.display())))?;
    check(&text, &path, &resolved, args)?;
    atomic::write(&path, |file| file.write_all(text.as_bytes())).map_err(|error| wrong(error.to_string()))?;
    let (place, line) = (&finding.location.path, finding.location.region.start.line);
    let shown = args.input.config.clone().unwrap_or_else(|| PathBuf::from(FILE_NAME));
    print(out, |out| {
        let words = format!("{}: {} at {place}:{line} is waived", shown.display(), finding.rule);
        writeln!(out, "{}", crate::report::harmless_lines(&words))
    })?;
    Ok(0)
}

/// The text of the configuration at `path`; empty when there is none.
fn present_text(path: &Path) -> Result<String, CommandError> {
    if path.symlink_metadata().is_err_and(|error| error.kind() == std::io::ErrorKind::NotFound) {
        return Ok(String::new());
    }
    let fail = |reason: String| CommandError::new(format!("{}: {reason}", path.display()));
    let bytes = config::read(path).map_err(|problem| fail(problem.to_string()))?;
    String::from_utf8(bytes).map_err(|_| fail("the text is not UTF-8".to_owned()))
}

/// `text` with a waiver for `finding` behind those that it has.
fn with_waiver(text: &str, args: &WaiveArgs, finding: &Finding) -> Result<String, String> {
    let mut document: DocumentMut = text.parse().map_err(|_| "is not TOML".to_owned())?;
    let waivers = document.entry("waiver").or_insert_with(|| Item::ArrayOfTables(ArrayOfTables::new()));
    let Some(waivers) = waivers.as_array_of_tables_mut() else {
        return Err("`waiver` is written as a list in brackets; write each as a table under [[waiver]]".to_owned());
    };
    let mut own = Table::new();
    own["rule"] = value(&*finding.rule);
    own["path"] = value(literal_glob(&finding.location.path));
    own["fingerprint"] = value(finding.fingerprint.to_string());
    own["reason"] = value(args.reason.trim());
    if let Some(owner) = &args.owner {
        own["owner"] = value(owner.as_str());
    }
    if let Some(until) = args.until {
        own["until"] = until.to_string().parse::<Datetime>().map_or_else(|_| value(until.to_string()), value);
    }
    if !text.is_empty() {
        own.decor_mut().set_prefix("\n");
    }
    waivers.push(own);
    Ok(document.to_string())
}

/// A glob that means `path` and no other.
fn literal_glob(path: &str) -> String {
    let mut glob = String::with_capacity(path.len());
    for c in path.chars() {
        if "*?[]{}\\".contains(c) {
            glob.push('\\');
        }
        glob.push(c);
    }
    glob
}

/// Whether `text` is a configuration whose last waiver holds and means the finding: what is written must work.
fn check(text: &str, path: &Path, resolved: &Resolved, args: &WaiveArgs) -> Result<(), CommandError> {
    let base = path.parent().unwrap_or(Path::new(""));
    let config = Config::parse(text.as_bytes(), &path.display().to_string(), base)
        .map_err(|errors| invocation::several(&errors))?;
    let written = config
        .waivers(&resolved.root)
        .iter()
        .any(|waiver| waiver.fingerprint == Some(args.fingerprint) && waiver.until.holds_on(resolved.today));
    if written { Ok(()) } else { Err(CommandError::new(format!("{}: the waiver would not hold", path.display()))) }
}
