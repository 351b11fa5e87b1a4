//! Prints what the generic model weighs in the files of a directory, one candidate a line: path, first line, last line,
//! points, confidence, and what spoke for and against it. `scripts/fit-weights.py` reads this. No value is printed.
//!
//! `cargo run --release --example generic-features -- DIRECTORY`

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Write};
use std::path::Path;

use lockgate::engine::secrets::generic;

fn main() -> io::Result<()> {
    let Some(directory) = std::env::args_os().nth(1) else {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "usage: generic-features DIRECTORY"));
    };
    let mut out = io::BufWriter::new(io::stdout().lock());
    let root = Path::new(&directory);
    let mut pending = vec![root.to_path_buf()];
    while let Some(path) = pending.pop() {
        if path.is_dir() {
            let entries: io::Result<Vec<_>> = fs::read_dir(&path)?.collect();
            pending.extend(entries?.into_iter().map(|entry| entry.path()));
        } else {
            let relative = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().into_owned();
            let text = String::from_utf8_lossy(&fs::read(&path)?).into_owned();
            write(&relative, &text, &mut out)?;
        }
    }
    out.flush()
}

/// Writes the candidates of one file.
fn write(path: &str, text: &str, out: &mut impl Write) -> io::Result<()> {
    let lower = text.to_ascii_lowercase();
    let hits: BTreeSet<usize> =
        generic::KEYWORDS.iter().flat_map(|keyword| lower.match_indices(keyword)).map(|(at, _)| at).collect();
    let line = |at: usize| text.bytes().take(at).filter(|&byte| byte == b'\n').count() + 1;
    for candidate in generic::candidates(path, text, &hits.into_iter().collect::<Vec<_>>()) {
        // What its place gives away is not weighed.
        if candidate.name.is_none() {
            continue;
        }
        let confidence = candidate.confidence.map_or_else(|| "none".to_owned(), |level| level.to_string());
        let (first, last) = (line(candidate.span.start), line(candidate.span.end));
        writeln!(out, "{path}\t{first}\t{last}\t{}\t{confidence}\t{}", candidate.points, candidate.reasons.join("\t"))?;
    }
    Ok(())
}
