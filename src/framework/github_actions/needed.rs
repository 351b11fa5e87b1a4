//! The permissions that a job needs, where its steps leave no doubt.

use std::collections::BTreeMap;

use super::files::{jobs, steps};
use super::uses::Uses;
use crate::document::node::{Entry, Node, Value};
use crate::span::Span;

/// Scopes that have to be given, each with what it must allow.
type Needed = BTreeMap<&'static str, &'static str>;

const READ_CONTENTS: &[(&str, &str)] = &[("contents", "read")];
const NOTHING: &[(&str, &str)] = &[];

/// Actions with what their documentation says that the token must be allowed. With no other action can it be told.
const ACTIONS: &[(&str, &[(&str, &str)])] = &[
    ("actions/attest-build-provenance", &[("attestations", "write"), ("contents", "read"), ("id-token", "write")]),
    ("actions/cache", NOTHING),
    ("actions/cache/restore", NOTHING),
    ("actions/cache/save", NOTHING),
    ("actions/checkout", READ_CONTENTS),
    ("actions/configure-pages", &[("pages", "read")]),
    ("actions/dependency-review-action", READ_CONTENTS),
    ("actions/deploy-pages", &[("id-token", "write"), ("pages", "write")]),
    ("actions/download-artifact", NOTHING),
    ("actions/labeler", &[("contents", "read"), ("pull-requests", "write")]),
    ("actions/setup-dotnet", NOTHING),
    ("actions/setup-go", NOTHING),
    ("actions/setup-java", NOTHING),
    ("actions/setup-node", NOTHING),
    ("actions/setup-python", NOTHING),
    ("actions/stale", &[("issues", "write"), ("pull-requests", "write")]),
    ("actions/upload-artifact", NOTHING),
    ("actions/upload-pages-artifact", NOTHING),
    ("astral-sh/setup-uv", NOTHING),
    ("azure/setup-helm", NOTHING),
    ("azure/setup-kubectl", NOTHING),
    ("denoland/setup-deno", NOTHING),
    ("docker/metadata-action", NOTHING),
    ("docker/setup-buildx-action", NOTHING),
    ("docker/setup-qemu-action", NOTHING),
    ("dtolnay/rust-toolchain", NOTHING),
    ("github/codeql-action/analyze", &[("actions", "read"), ("contents", "read"), ("security-events", "write")]),
    ("github/codeql-action/autobuild", NOTHING),
    ("github/codeql-action/init", READ_CONTENTS),
    ("github/codeql-action/upload-sarif", &[("actions", "read"), ("contents", "read"), ("security-events", "write")]),
    ("gradle/actions/setup-gradle", NOTHING),
    ("hashicorp/setup-terraform", NOTHING),
    ("oven-sh/setup-bun", NOTHING),
    ("pnpm/action-setup", NOTHING),
    ("ruby/setup-ruby", NOTHING),
    ("shivammathur/setup-php", NOTHING),
    ("swatinem/rust-cache", NOTHING),
    ("taiki-e/install-action", NOTHING),
];

/// Words that say that the token is used in a way that the table does not know.
const TOKEN: &[&str] =
    &["GITHUB_TOKEN", "github_token", "github.token", "secrets.github", "toJSON(github)", "toJson(github)"];
/// Programs that use the token that the checkout left behind, or one of the environment.
const PROGRAMS: &[&str] = &["git push", "gh ", "hub ", "semantic-release", "goreleaser", "gitleaks", "act "];

/// What a job needs; nothing for certain when that is not known.
fn of_job(job: &Node) -> Option<Needed> {
    let around = ["uses", "container", "services", "env"];
    if job.get("uses").is_some() || around.iter().any(|key| job.get(key).is_some_and(names_token)) {
        return None;
    }
    let mut needed = Needed::new();
    for step in steps(job) {
        let inner = step.get("parallel").and_then(Node::as_sequence).unwrap_or(std::slice::from_ref(step));
        for step in inner {
            for (scope, access) in of_step(step)? {
                add(&mut needed, scope, access);
            }
        }
    }
    Some(needed)
}

fn of_step(step: &Node) -> Option<&'static [(&'static str, &'static str)]> {
    if names_token(step) {
        return None;
    }
    let Some(uses) = step.get("uses") else {
        let script = step.get("run")?.as_str()?;
        return (!PROGRAMS.iter().any(|program| script.contains(program))).then_some(NOTHING);
    };
    let name = Uses::parse(uses.as_str()?)?.name()?;
    ACTIONS.iter().find(|(known, _)| *known == name).map(|(_, needed)| *needed)
}

/// Writing includes reading.
fn add(needed: &mut Needed, scope: &'static str, access: &'static str) {
    let known = needed.entry(scope).or_insert(access);
    if access == "write" {
        *known = access;
    }
}

/// Whether any text in `node` names the token.
fn names_token(node: &Node) -> bool {
    let mut open = vec![node];
    while let Some(node) = open.pop() {
        match &node.value {
            Value::Scalar { text, .. } if TOKEN.iter().any(|word| text.contains(word)) => return true,
            Value::Scalar { .. } => {}
            Value::Sequence(items) => open.extend(items),
            Value::Mapping(mapping) => {
                open.extend(mapping.entries.iter().flat_map(|entry| [&entry.key, &entry.value]));
            }
            Value::Unknown => return true,
        }
    }
    false
}

/// What the jobs of a workflow need, in their order; `None` where the token is in the environment of all.
pub(super) struct WorkflowNeeds(Option<Vec<JobNeeds>>);

struct JobNeeds {
    /// The job says itself what its token may do.
    has_permissions: bool,
    /// `None` where there is doubt.
    needed: Option<Needed>,
}

impl WorkflowNeeds {
    /// Those of the workflow `root`.
    pub(super) fn of(root: &Node) -> Self {
        let needs = |job: &Entry| JobNeeds {
            has_permissions: job.value.get("permissions").is_some(),
            needed: of_job(&job.value),
        };
        let is_open = root.get("env").is_some_and(names_token);
        Self((!is_open).then(|| jobs(root).iter().map(needs).collect()))
    }

    /// The attribute `needed_permissions` of the job with this number.
    pub(super) fn of_job(&self, number: usize, span: Span) -> Option<Node> {
        let needed = self.0.as_ref()?.get(number)?.needed.as_ref();
        needed.map(|needed| node(needed, span))
    }

    /// The attribute `needed_permissions` of the workflow: what those jobs need together that say nothing themselves.
    pub(super) fn together(&self, span: Span) -> Option<Node> {
        let mut all = Needed::new();
        for job in self.0.as_ref()?.iter().filter(|job| !job.has_permissions) {
            for (scope, access) in job.needed.as_ref()? {
                add(&mut all, scope, access);
            }
        }
        Some(node(&all, span))
    }
}

fn node(needed: &Needed, span: Span) -> Node {
    let entry = |(scope, access): (&&str, &&str)| Entry::new(span, scope, Node::plain(span, (*access).to_owned()));
    Node::mapping(span, needed.iter().map(entry).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::yaml;

    fn needed(jobs: &str) -> Option<String> {
        let root = yaml::parse(&format!("on: push\njobs:\n{jobs}")).unwrap().remove(0);
        let node = WorkflowNeeds::of(&root).together(Span::new(0, 0))?;
        let words = node.as_mapping().unwrap().iter();
        let words = words.map(|entry| format!("{}={}", entry.key.as_str().unwrap(), entry.value.as_str().unwrap()));
        Some(words.collect::<Vec<_>>().join(" "))
    }

    fn job(name: &str, steps: &str) -> String {
        format!("  {name}:\n    runs-on: ubuntu-latest\n    steps: [{steps}]\n")
    }

    #[test]
    fn what_all_jobs_need_is_added_up() {
        let checkout = "{uses: actions/checkout@v4}";
        assert_eq!(needed(&job("a", "{run: echo}")).as_deref(), Some(""));
        assert_eq!(needed(&job("a", &format!("{checkout}, {{run: make}}"))).as_deref(), Some("contents=read"));
        let both =
            job("a", checkout) + &job("b", "{uses: actions/deploy-pages@v4}, {uses: Actions/Configure-Pages@v5}");
        assert_eq!(needed(&both).as_deref(), Some("contents=read id-token=write pages=write"));
        let own = format!("{}    permissions: {{}}\n", job("a", "{uses: some/one@v1}"));
        assert_eq!(needed(&own).as_deref(), Some(""), "a job with its own permissions does not count");
    }

    #[test]
    fn where_there_is_doubt_nothing_is_said() {
        for steps in [
            "{uses: some/one@v1}",
            "{uses: ./action}",
            "{uses: actions/checkout@v4}, {run: git push}",
            "{run: gh release create}",
            "{run: make, env: {T: '${{ github.token }}'}}",
            "{uses: actions/checkout@v4, with: {token: '${{ secrets.GITHUB_TOKEN }}'}}",
            "{name: neither}",
        ] {
            assert_eq!(needed(&job("a", steps)), None, "{steps}");
        }
        assert_eq!(needed("  a:\n    uses: ./.github/workflows/b.yml\n"), None);
        assert_eq!(needed("  a:\n    env: {GITHUB_TOKEN: x}\n    steps: []\n"), None);
    }
}
