//! Reports of other tools: what is read can be combined and written in every format.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use lockgate::gate::{self, Policy};
use lockgate::import::{Equivalents, Reader, combine};
use lockgate::report::{self, Format, GroupBy, Run, Style};
use lockgate::rules::builtin;
use lockgate::rules::catalogue::Catalogue;
use lockgate::scan::ScanReport;
use lockgate_fuzz::assert_printable;

static RULES: LazyLock<(Catalogue, Equivalents)> = LazyLock::new(|| {
    let catalogue = Catalogue::new(builtin::rules());
    let equivalents = Equivalents::new(&catalogue);
    (catalogue, equivalents)
});

fuzz_target!(|bytes: &[u8]| {
    let (catalogue, equivalents) = &*RULES;
    let roots = ["/home/me/shop".to_owned(), "C:/shop".to_owned()];
    let mask = |text: &str| text.to_owned();
    let severity_of = &|rule: &lockgate::rules::schema::Rule| rule.severity;
    let reader = Reader { catalogue, equivalents, severity_of, roots: &roots, mask: &mask };
    match reader.read(bytes, "report.sarif") {
        Err(error) => assert_printable(&error.to_string()),
        Ok(report) => {
            let number = report.findings.len();
            let findings = combine(report.findings);
            assert!(findings.len() <= number);
            assert!(findings.windows(2).all(|pair| pair[0].order(&pair[1]).is_le()), "findings are in order");
            let policy = Policy::default();
            let verdict = gate::judge(&findings, &report.coverage, &policy);
            let scan = ScanReport { findings, coverage: report.coverage, ..ScanReport::default() };
            let run = Run {
                scan: &scan,
                verdict: &verdict,
                policy: &policy,
                catalogue,
                root: "shop",
                version: "1.2.3",
                homepage: None,
                category: None,
                max_results: None,
                all_rules: false,
                group_by: Some(GroupBy::Owner),
                timing: None,
            };
            for format in Format::ALL {
                let mut out = Vec::new();
                report::write(*format, &run, &mut out, Style::default()).expect("memory takes all");
                assert!(std::str::from_utf8(&out).is_ok(), "{format} is text");
            }
        }
    }
});
