//! What becomes of the configurations of other tools.

use super::*;
use crate::rules::load;

const RULES: &str = "
defaults: {category: privilege, remediation: r}
rules:
  - {id: bucket-public, title: t, description: d, equivalents: ['checkov:CKV_AWS_20', 'trivy:AVD-AWS-0092', 'kics:38c5ee0d-7f22-4260-ab72-5073048df100'],
     applies: [{compose: [service], deny: {at: a, exists: true}}]}
  - {id: bucket-public-policy, title: t, description: d, equivalents: ['checkov:CKV_AWS_21', 'trivy:AVD-AWS-0092'],
     applies: [{compose: [service], deny: {at: a, exists: true}}]}
  - {id: image-latest, title: t, description: d, equivalents: ['hadolint:DL3007', 'zizmor:unpinned-uses'],
     applies: [{compose: [service], deny: {at: a, exists: true}}]}
  - {id: acme-key, title: t, description: d, category: secret, equivalents: ['gitleaks:acme-token'],
     secret: {pattern: 'acme_(?<secret>[a-z]{8})'}}
";

fn catalogue() -> Catalogue {
    Catalogue::new(load::load("pack.yaml", RULES).unwrap())
}

/// The waivers in lines, then what is left.
fn translated(source: Source, file: &str, text: &str) -> String {
    let Translation { waivers, left, .. } = source.translate(file, text, &catalogue());
    let until = |waiver: &NewWaiver| waiver.until.as_ref().map(|until| format!(" until {until}")).unwrap_or_default();
    let waivers = waivers.iter().map(|one| format!("{} at {}{}: {}", one.rule, one.path, until(one), one.reason));
    waivers.chain(left.iter().map(|left| format!("- {left}"))).collect::<Vec<_>>().join("\n")
}

#[test]
fn lines_of_trivy() {
    let text = "# the website\nAVD-AWS-0092 exp:2030-01-31\n\nAWS-0092 # again\nCVE-2024-1234\nAVD-AWS-9999 # x\n";
    insta::assert_snapshot!(translated(Source::Trivy, ".trivyignore", text), @"
    bucket-public at ** until 2030-01-31: the website (AVD-AWS-0092 in .trivyignore)
    bucket-public-policy at ** until 2030-01-31: the website (AVD-AWS-0092 in .trivyignore)
    - CVE-2024-1234: Lockgate does not look for vulnerabilities
    - AVD-AWS-9999: no rule of Lockgate is equivalent
    ");
}

#[test]
fn documents_of_trivy() {
    let text = "misconfigurations:\n  - id: AVD-AWS-0092\n    paths: [infra/site.tf, ./b.tf]\n    statement: a website\n    \
                expired_at: 2030-01-31\nvulnerabilities:\n  - id: CVE-2024-1234\n";
    insta::assert_snapshot!(translated(Source::TrivyYaml, ".trivyignore.yaml", text), @"
    bucket-public at infra/site.tf until 2030-01-31: a website (AVD-AWS-0092 in .trivyignore.yaml)
    bucket-public-policy at infra/site.tf until 2030-01-31: a website (AVD-AWS-0092 in .trivyignore.yaml)
    bucket-public at b.tf until 2030-01-31: a website (AVD-AWS-0092 in .trivyignore.yaml)
    bucket-public-policy at b.tf until 2030-01-31: a website (AVD-AWS-0092 in .trivyignore.yaml)
    - CVE-2024-1234: Lockgate does not look for vulnerabilities
    ");
}

#[test]
fn configurations_of_scanners() {
    let checkov = "skip-check:\n  - CKV_AWS_20\n  - CKV_AWS_2*\n  - CKV2_X_1\nskip-path: [a]\nframework: [terraform]\n";
    insta::assert_snapshot!(translated(Source::Checkov, ".checkov.yaml", checkov), @"
    bucket-public at **: CKV_AWS_20 is ignored in .checkov.yaml
    bucket-public-policy at **: CKV_AWS_2* is ignored in .checkov.yaml
    - CKV2_X_1: no rule of Lockgate is equivalent
    - skip-path: files that no rule is to look at go into `[scan] exclude`
    - framework: which rules run is said in `[rules]`
    ");
    assert!(translated(Source::Checkov, "c", "skip-check: CKV_AWS_20, CKV_AWS_21\n").lines().count() == 2);
    insta::assert_snapshot!(translated(Source::Hadolint, ".hadolint.yaml", "ignored: [DL3007, DL9999]\n"), @"
    image-latest at **: DL3007 is ignored in .hadolint.yaml
    - DL9999: no rule of Lockgate is equivalent
    ");
    let kics = "{\"exclude-queries\": [\"38C5EE0D-7f22-4260-ab72-5073048df100\"], \"exclude-paths\": [\"x\"]}";
    insta::assert_snapshot!(translated(Source::Kics, "kics.config", kics), @"
    bucket-public at **: 38C5EE0D-7f22-4260-ab72-5073048df100 is ignored in kics.config
    - exclude-paths: it has no counterpart in a waiver; `[scan] exclude` leaves out files
    ");
    let zizmor = "rules:\n  unpinned-uses:\n    ignore: [ci.yml, release.yml:10, 'a*.yml']\n    config: {policies: {}}\n  \
                  artipacked:\n    disable: true\n";
    insta::assert_snapshot!(translated(Source::Zizmor, ".github/zizmor.yml", zizmor), @"
    image-latest at **/ci.yml: unpinned-uses is ignored in .github/zizmor.yml
    image-latest at **/release.yml: was for release.yml:10 alone (unpinned-uses in .github/zizmor.yml)
    - a*.yml: not the name of a workflow
    - unpinned-uses: its `config` has no counterpart; parameters of rules are said in `[rules]`
    - artipacked: no rule of Lockgate is equivalent
    ");
}

#[test]
fn what_cannot_be_read_is_left() {
    for (source, text) in [
        (Source::Checkov, "skip-check: [\n"),
        (Source::Checkov, "- a\n"),
        (Source::Zizmor, "rules: 5\n"),
        (Source::TrivyYaml, ""),
    ] {
        assert_eq!(source.translate("f", text, &catalogue()).waivers, []);
    }
    assert!(translated(Source::Checkov, "f", "skip-check: [\n").starts_with("- the file: it cannot be read"));
}

#[test]
fn a_file_makes_a_bounded_number_of_waivers() {
    let text = (0..2_000).fold("misconfigurations:\n".to_owned(), |text, number| {
        text + &format!("- {{id: AVD-AWS-0092, paths: [p{number}]}}\n")
    });
    let done = Source::TrivyYaml.translate("f", &text, &catalogue());
    assert_eq!(done.waivers.len(), MAX_WAIVERS);
    assert!(done.left.iter().any(|left| left.ends_with("too many waivers")));
}

#[test]
fn exceptions_of_gitleaks() {
    let text = "[extend]\nuseDefault = true\ndisabledRules = ['acme-token', 'other']\n[[rules]]\nid = 'generic-api-key'\n\
                [[rules]]\nid = 'own'\nregex = 'a'\n[[allowlists]]\npaths = ['^test/']\n\
                [[allowlists]]\nregexTarget = 'line'\nregexes = ['fixme']\n";
    let Exceptions { translation, lists, has_rules } = Exceptions::read(".gitleaks.toml", text, &catalogue()).unwrap();
    assert_eq!((lists.len(), has_rules), (1, true));
    assert_eq!(translation.waivers.iter().map(|waiver| waiver.rule.as_str()).collect::<Vec<_>>(), ["acme-key"]);
    insta::assert_snapshot!(translation.left.join("\n"), @"
    other: no rule of Lockgate is equivalent
    generic-api-key: what the file says of a default rule has no counterpart
    a global allow-list: its regexes are about the match or the line, which a finding does not keep
    ");
}
