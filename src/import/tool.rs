//! The names of tools and of their rules, and which rules of ours mean the same.

use std::collections::BTreeMap;

use crate::rating::Category;
use crate::rules::catalogue::Catalogue;

/// How tools call themselves in SARIF, lower case, and what `equivalents` call them. The longest beginning counts.
const NAMES: &[(&str, &str)] = &[
    ("betterleaks", "betterleaks"),
    ("bridgecrew", "checkov"),
    ("checkov", "checkov"),
    ("prisma cloud", "checkov"),
    ("cortex", "checkov"),
    ("defsec", "trivy"),
    ("gitleaks", "gitleaks"),
    ("hadolint", "hadolint"),
    ("haskell dockerfile linter", "hadolint"),
    ("keeping infrastructure as code secure", "kics"),
    ("kics", "kics"),
    ("kube-linter", "kube-linter"),
    ("kubelinter", "kube-linter"),
    ("lockgate", "lockgate"),
    ("opengrep", "semgrep"),
    ("poutine", "poutine"),
    ("semgrep", "semgrep"),
    ("tfsec", "tfsec"),
    ("trivy", "trivy"),
    ("zizmor", "zizmor"),
];

/// Tools that look for nothing but secrets.
const OF_SECRETS: &[&str] =
    &["betterleaks", "detect-secrets", "ggshield", "gitleaks", "kingfisher", "noseyparker", "trufflehog"];
/// Tools that look at program code.
const OF_CODE: &[&str] = &["bandit", "brakeman", "codeql", "eslint", "flawfinder", "gosec", "phpstan", "semgrep"];
/// Tools that look at pipelines.
const OF_PIPELINES: &[&str] = &["actionlint", "poutine", "zizmor"];

/// Longest name or id that is kept, in bytes.
const MAX_NAME: usize = 200;

/// Our name of the tool that calls itself `name`: a known one, or what is left of it in lower case with hyphens.
pub(super) fn tool(name: &str) -> String {
    let lower = name.trim().to_lowercase();
    let known = NAMES.iter().filter(|(start, _)| lower.starts_with(start)).max_by_key(|(start, _)| start.len());
    if let Some((_, ours)) = known {
        return (*ours).to_owned();
    }
    let words: Vec<&str> = lower.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let slug = words.join("-");
    if slug.is_empty() { "unknown".to_owned() } else { cut(&slug) }
}

/// The id that `tool` gives a rule, without the tool's own name in front of it: printable ASCII without blanks.
pub(super) fn id(tool: &str, id: &str) -> String {
    let id = id.trim();
    let own = id.get(..tool.len()).is_some_and(|start| start.eq_ignore_ascii_case(tool));
    let rest = if own { id[tool.len()..].strip_prefix(['/', ':']).unwrap_or(id) } else { id };
    let clean: String = rest.chars().map(|c| if c.is_ascii_graphic() && c != '`' { c } else { '-' }).collect();
    if clean.is_empty() { "unnamed".to_owned() } else { cut(&clean) }
}

fn cut(text: &str) -> String {
    text.get(..text.floor_char_boundary(MAX_NAME)).unwrap_or_default().to_owned()
}

/// Which rules of a catalogue mean the same as a rule of another tool.
pub struct Equivalents {
    /// By `tool:id` in lower case: indices of rules, ascending.
    rules: BTreeMap<String, Vec<usize>>,
}

impl Equivalents {
    /// The equivalents of `catalogue`.
    #[must_use]
    pub fn new(catalogue: &Catalogue) -> Self {
        let mut rules: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (index, rule) in catalogue.rules().iter().enumerate() {
            for equivalent in &rule.details.equivalents {
                if let Some((tool, id)) = equivalent.split_once(':') {
                    rules.entry(key(tool, id)).or_default().push(index);
                }
            }
        }
        Self { rules }
    }

    /// Indices of the rules that mean the same as the rule `id` of `tool`, ascending.
    #[must_use]
    pub fn of(&self, tool: &str, id: &str) -> &[usize] {
        // SARIF's ids may be hierarchical: `CA2101/1` is a kind of `CA2101` (section 3.5.4).
        let whole = self.rules.get(&key(tool, id));
        let parent = || id.rsplit_once('/').and_then(|(parent, _)| self.rules.get(&key(tool, parent)));
        whole.or_else(parent).map_or(&[], Vec::as_slice)
    }
}

/// Trivy writes its ids with and without `AVD-`, and a number of three or four digits; Betterleaks goes on with the ids of
/// Gitleaks.
fn key(tool: &str, id: &str) -> String {
    let id = id.to_lowercase();
    match tool {
        "trivy" | "tfsec" => format!("trivy:{}", id.strip_prefix("avd-").unwrap_or(&id)),
        "betterleaks" => format!("gitleaks:{id}"),
        _ => format!("{tool}:{id}"),
    }
}

/// The category of a rule that no rule of ours means: by the kind of the tool, the rule's tags, then the words of its
/// title, which is a guess.
pub(super) fn category(tool: &str, tags: &[String], title: &str) -> Category {
    const WORDS: &[(&[&str], Category)] = &[
        (&["encrypt", "kms", " tls", "https", " ssl"], Category::Encryption),
        (&["public"], Category::PublicExposure),
        (&["injection"], Category::Injection),
        (&["privileged", "root user", "capabilit", "last user", " sudo"], Category::Privilege),
        (&["0.0.0.0", "ingress", "egress", "security group", "network", " port"], Category::Network),
        (&["logging", "audit log", "monitoring", " log "], Category::Logging),
        (&["backup", "versioning", "retention", "replication"], Category::Backup),
        (&["iam ", "permission", "policy", "authenti", "authoriz", " access"], Category::AccessControl),
        (&["pin ", "pinned", "digest", "tag", "version", "commit hash"], Category::SupplyChain),
        (&["health", "probe", "limit", "replica"], Category::Availability),
    ];
    let has_tag = |words: &[&str]| {
        tags.iter().any(|tag| {
            let tag = tag.to_lowercase();
            words.iter().any(|word| tag.contains(word))
        })
    };
    if OF_SECRETS.contains(&tool) || has_tag(&["secret", "cwe-798", "cwe-259", "cwe-321", "hardcoded"]) {
        return Category::Secret;
    }
    if OF_CODE.contains(&tool) || tool.starts_with("eslint") {
        return Category::Code;
    }
    if OF_PIPELINES.contains(&tool) {
        return Category::SupplyChain;
    }
    let title = format!(" {} ", title.to_lowercase());
    let words = WORDS.iter().find(|(words, _)| words.iter().any(|word| title.contains(word)));
    words.map_or(Category::Practice, |(_, category)| *category)
}

/// Whether the region of a result of `tool` is the secret itself, and not the line around it.
pub(super) fn marks_secret(tool: &str) -> bool {
    matches!(tool, "gitleaks" | "betterleaks")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tools_are_known_by_every_name_they_use() {
        for (name, expected) in [
            ("Semgrep OSS", "semgrep"),
            ("Checkov", "checkov"),
            ("Bridgecrew", "checkov"),
            ("Keeping Infrastructure as Code Secure (KICS)", "kics"),
            ("KubeLinter", "kube-linter"),
            ("My Own  Tool!", "my-own-tool"),
            ("\u{1b}[31m", "31m"),
            ("鍵", "unknown"),
        ] {
            assert_eq!(tool(name), expected, "{name}");
        }
    }

    #[test]
    fn ids_lose_the_name_of_their_tool_and_what_is_not_printable() {
        assert_eq!(id("zizmor", "zizmor/artipacked"), "artipacked");
        assert_eq!(id("hadolint", "DL3008"), "DL3008");
        assert_eq!(id("x", "a b\u{1b}`c"), "a-b--c");
        assert_eq!(id("x", " "), "unnamed");
        assert_eq!(id("x", &"é".repeat(500)).len(), 200);
    }

    #[test]
    fn rules_of_others_lead_to_ours() {
        let catalogue = Catalogue::new(crate::rules::builtin::rules());
        let equivalents = Equivalents::new(&catalogue);
        let ids = |tool: &str, id: &str| -> Vec<&str> {
            equivalents.of(tool, id).iter().map(|&index| catalogue.rules()[index].id.as_str()).collect()
        };
        assert_eq!(ids("checkov", "ckv_aws_20"), ids("trivy", "AVD-AWS-0092"));
        assert!(!ids("hadolint", "DL3008").is_empty());
        assert_eq!(ids("trivy", "DS-0029"), ids("trivy", "AVD-DS-0029"));
        assert_eq!(ids("hadolint", "DL3008/1"), ids("hadolint", "DL3008"));
        assert!(ids("nobody", "x").is_empty());
    }
}
