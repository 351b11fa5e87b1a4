//! The page for browsers: by a parser everywhere, and in a browser where the machine has one.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a helper that panics fails its test, as it should")]

#[allow(dead_code, reason = "each test file uses its part")]
#[path = "common/report.rs"]
mod sample;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use html5gum::{DefaultEmitter, Token, Tokenizer};
use lockgate::report::{Format, GroupBy, Run, Style};
use sample::{HOSTILE_PATH, Sample, finding, rendered};
use sha2::{Digest as _, Sha256};

/// What tries to become markup, wherever it stands.
const HOSTILE: &str = "\"'><script>alert(1)</script><img src=x onerror=alert(1)><!--</style></title>&lt;";

fn page(run: &Run<'_>) -> String {
    rendered(Format::Html, run, Style::default())
}

/// Findings in which every text is hostile.
fn hostile() -> Sample {
    let mut sample = Sample::undecided();
    for (number, finding) in sample.scan.findings.iter_mut().enumerate() {
        HOSTILE.clone_into(&mut finding.message);
        finding.resource = Some(HOSTILE.to_owned());
        finding.owners = vec![HOSTILE.to_owned()];
        finding.excerpt.lines = vec![HOSTILE.to_owned(), HOSTILE_PATH.to_owned()];
        if number % 2 == 0 {
            finding.rule = HOSTILE.into();
            finding.location.path = HOSTILE.into();
        }
    }
    sample.verdict.undecided = vec![HOSTILE.to_owned()];
    sample
}

/// One tag of a page: its name, whether it ends, its attributes.
type Tag = (String, bool, BTreeMap<String, String>);

fn tags(page: &str) -> Vec<Tag> {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let mut emitter = DefaultEmitter::default();
    // What stands in style and script is no markup.
    emitter.naively_switch_states(true);
    Tokenizer::new_with_emitter(page, emitter)
        .filter_map(|token| match token.unwrap() {
            Token::StartTag(tag) => {
                let attributes = tag.attributes.iter().map(|(name, value)| (text(name), text(value))).collect();
                Some((text(&tag.name), false, attributes))
            }
            Token::EndTag(tag) => Some((text(&tag.name), true, BTreeMap::new())),
            Token::Error(error) => panic!("{error:?}"),
            _ => None,
        })
        .collect()
}

#[test]
fn the_page_is_well_formed_and_loads_nothing() {
    for (sample, root) in [(Sample::passed(), "shop"), (Sample::blocked(), "shop"), (hostile(), HOSTILE)] {
        for group_by in [None, Some(GroupBy::Owner), Some(GroupBy::Rule), Some(GroupBy::Severity)] {
            let page = page(&Run { root, group_by, ..sample.run() });
            let tags = tags(&page);
            let mut open: Vec<&str> = Vec::new();
            let mut scripts = 0;
            for (name, is_end, attributes) in &tags {
                if *is_end {
                    assert_eq!(open.pop(), Some(name.as_str()));
                    continue;
                }
                if !["meta", "input", "br"].contains(&name.as_str()) {
                    open.push(name);
                }
                scripts += usize::from(name == "script");
                assert!(
                    !["img", "link", "iframe", "object", "embed", "base", "svg"].contains(&name.as_str()),
                    "{name}"
                );
                for (attribute, value) in attributes {
                    assert!(!attribute.starts_with("on"), "{name} {attribute}");
                    assert!(!["src", "srcset", "style", "action", "background"].contains(&attribute.as_str()));
                    // A link is followed by whoever wants to; nothing else leads anywhere.
                    if attribute == "href" {
                        assert!(
                            name == "a" && (value.starts_with("https://") || value.starts_with("#rule-")),
                            "{value}"
                        );
                    }
                }
            }
            assert!(open.is_empty(), "{open:?}");
            assert_eq!(scripts, 1, "the page's own");
            assert!(!page.contains("url(") && !page.contains("@import"));
            let ids = tags.iter().filter_map(|(.., attributes)| attributes.get("id"));
            assert_eq!(ids.clone().count(), ids.collect::<std::collections::BTreeSet<_>>().len());
        }
    }
}

#[test]
fn the_policy_of_the_page_allows_its_own_style_and_script_alone() {
    let page = page(&Sample::blocked().run());
    let between = |start: &str, end: &str| {
        let rest = &page[page.find(start).unwrap() + start.len()..];
        rest[..rest.find(end).unwrap()].to_owned()
    };
    let hash = |text: &str| format!("'sha256-{}'", data_encoding::BASE64.encode(&Sha256::digest(text.as_bytes())));
    let tags = tags(&page);
    let policy =
        tags.iter().find(|(.., attributes)| attributes.contains_key("http-equiv")).unwrap().2["content"].clone();
    assert!(policy.starts_with("default-src 'none';"), "{policy}");
    assert!(policy.contains(&format!("style-src {};", hash(&between("<style>", "</style>")))), "{policy}");
    assert!(policy.contains(&format!("script-src {};", hash(&between("<script>", "</script>")))), "{policy}");
    assert!(!policy.contains("unsafe"), "{policy}");
}

#[test]
fn everything_can_be_read_without_the_script() {
    let sample = Sample::blocked();
    let page = page(&sample.run());
    for finding in &sample.scan.findings {
        assert!(page.contains(&finding.fingerprint.to_string()));
    }
    assert_eq!(
        tags(&page)
            .iter()
            .filter(|(name, _, attributes)| name == "details" && attributes.contains_key("data-rule"))
            .count(),
        sample.scan.findings.len()
    );
    // What only the script can answer is not shown without it.
    let form = tags(&page).into_iter().find(|(name, ..)| name == "form").unwrap();
    assert!(form.2.contains_key("hidden"));
    assert!(page.contains("<mark>-----BEGIN PRIVATE KEY-----</mark>\n"), "the place is marked in the lines");
    assert!(page.contains("@media (prefers-color-scheme: dark)"));
}

#[test]
fn the_page_is_bounded() {
    let long = "x".repeat(100_000);
    let mut findings: Vec<_> = (0..6000_u32)
        .map(|number| finding("acme-token", &format!("f{number}"), (1, 1), (1, 5), &[&long[..2000]; 8]))
        .collect();
    findings[0].message = long.clone();
    findings[0].location.path = long.as_str().into();
    let sample = Sample::judged(findings, Sample::undecided().scan.coverage, lockgate::gate::Policy::default());
    let page = page(&sample.run());
    assert!(page.len() < 14 << 20, "{}", page.len());
    assert!(page.contains(" more findings are in the full report."));
    tags(&page);
}

/// A browser of this machine that can run without a screen.
fn browser() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
    std::env::split_paths(&path)
        .flat_map(|directory| names.map(|name| directory.join(name)))
        .find(|path| path.is_file())
}

/// Runs `browser` on the page at `file` and gives what it prints.
fn browse(browser: &Path, directory: &Path, options: &[&str]) -> String {
    let mut profile = std::ffi::OsString::from("--user-data-dir=");
    profile.push(directory.join("profile"));
    let output = Command::new(browser)
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"])
        .args(["--disable-background-networking", "--disable-component-update", "--window-size=1000,800"])
        .args(["--virtual-time-budget=2000", "--hide-scrollbars"])
        .arg(profile)
        .args(options)
        .arg(format!("file://{}", directory.join("page.html").display()))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The colour of the first pixel of a PNG image: whatever filter its first row has, its first pixel stands there as it is.
fn first_pixel(png: &[u8]) -> [u8; 3] {
    use std::io::Read as _;
    let mut data = Vec::new();
    let mut at = 8;
    while at + 8 <= png.len() {
        let length = u32::from_be_bytes(png[at..at + 4].try_into().unwrap()) as usize;
        if &png[at + 4..at + 8] == b"IDAT" {
            data.extend_from_slice(&png[at + 8..at + 8 + length]);
        }
        at += length + 12;
    }
    let mut row = [0; 4];
    flate2::read::ZlibDecoder::new(data.as_slice()).read_exact(&mut row).unwrap();
    [row[1], row[2], row[3]]
}

/// Where there is no browser, the tests above have looked at all that a parser can see.
#[test]
fn a_browser_shows_the_page_by_day_and_by_night() {
    let Some(browser) = browser() else { return };
    let directory = tempfile::tempdir().unwrap();
    let sample = hostile();
    let run = sample.run();
    std::fs::write(directory.path().join("page.html"), page(&run)).unwrap();
    let document = browse(&browser, directory.path(), &["--dump-dom"]);
    // The script ran, as the policy of the page allows, and nothing else did.
    let number = sample.scan.findings.len();
    assert!(document.contains(&format!("{number} of {number} findings shown")), "{document}");
    let form = tags(&document).into_iter().find(|(name, ..)| name == "form").unwrap();
    assert!(!form.2.contains_key("hidden"));
    assert_eq!(tags(&document).iter().filter(|(name, is_end, _)| name == "script" && !is_end).count(), 1);
    let shot = |name: &str, options: &[&str]| {
        let path = directory.path().join(name);
        let option = format!("--screenshot={}", path.display());
        browse(&browser, directory.path(), &[&[option.as_str()], options].concat());
        std::fs::read(path).unwrap()
    };
    let day = shot("day.png", &["--blink-settings=preferredColorScheme=1"]);
    let night = shot("night.png", &["--blink-settings=preferredColorScheme=0"]);
    assert_eq!(first_pixel(&day), [0xf5, 0xf6, 0xf8]);
    assert_eq!(first_pixel(&night), [0x11, 0x14, 0x1a]);
    // A page on which nothing is drawn is a small image.
    assert!(day.len() > 20_000 && night.len() > 20_000, "{} {}", day.len(), night.len());
}
