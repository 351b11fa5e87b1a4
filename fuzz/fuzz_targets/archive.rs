//! Bytes as an archive: every member lies in it by its path, and paths and coverage can be printed.
#![no_main]

use std::io::Cursor;

use libfuzzer_sys::fuzz_target;
use lockgate::input::{Limits, archive};
use lockgate_fuzz::assert_printable;

/// Small, so that what is slow is slow for another reason than its size.
const LIMITS: Limits = Limits { max_file_size: 1 << 20, archive_depth: 4 };

fuzz_target!(|bytes: &[u8]| {
    let mut count = 0;
    let expanded = archive::expand("input", &mut Cursor::new(bytes), &LIMITS, &mut |member| {
        assert!(member.path.starts_with("input!/"));
        assert_printable(member.path);
        assert!(member.text.content.len() <= 4 << 20);
        assert_eq!(member.layer > 0, !member.facts.is_empty());
        count += 1;
    });
    if let Some(expansion) = expanded.expect("memory can be read") {
        assert!(count <= expansion.seen);
        expansion.entries.iter().for_each(|entry| assert_printable(&entry.detail));
    }
});
