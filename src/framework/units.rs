//! Which files see each other, so that the work on a tree can be divided without a resource looking different for it.
//!
//! Two files are of one unit when what one declares may depend on what the other says: a module of Terraform and its
//! callers, Kubernetes objects that select each other. A file of no unit stands alone. Division may be coarser than need
//! be, never finer: where a look at the text cannot tell what a file refers to, all files of its platform are one unit.

use std::collections::{BTreeSet, HashMap};

use super::{cargo, cloudformation, terraform};
use crate::platform::Platform;
use crate::tree_path;

/// Ends of names, in small letters, of files that may belong to a unit: those that the platforms of units are told by.
const ENDS: &[&str] = &[
    ".yaml",
    ".yml",
    ".json",
    ".tf",
    ".tofu",
    ".tfvars",
    ".template",
    ".cfn",
    ".cform",
    ".tpl",
    ".tmpl",
    ".gotmpl",
    ".j2",
];

/// What a file may be of one unit with.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Tie {
    /// All files of the platform.
    Platform(Platform),
    /// A template of `CloudFormation`, which stands alone unless some template of the scan may nest others.
    Template {
        /// It may make stacks of others.
        may_nest: bool,
    },
    /// Configuration of Terraform, with the directories that it calls as modules.
    Module(Vec<String>),
    /// Values of variables of Terraform.
    Values,
    /// A plan of Terraform, which may be of any configuration.
    Plan,
}

/// A file that may be of one unit with others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    path: String,
    tie: Tie,
}

/// Whether the file at `path` may be a [`Member`], going by its name: what is none need not be read to divide a tree, unless
/// its user said what it is.
#[must_use]
pub fn may_be_member(path: &str) -> bool {
    if cargo::is_cargo(path) {
        return true;
    }
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    ENDS.iter().any(|end| name.ends_with(end)) || name == "kustomization"
}

impl Member {
    /// What the file at `path` may be of one unit with because of its mere place.
    #[must_use]
    pub fn of_place(path: &str) -> Option<Self> {
        cargo::is_target(path).then(|| Self { path: path.to_owned(), tie: Tie::Platform(Platform::Cargo) })
    }

    /// What the file of `platform` at `path` may be of one unit with; `None` when it stands alone whatever else there is.
    #[must_use]
    pub fn of(platform: Platform, path: &str, text: &str) -> Option<Self> {
        let tie = match platform {
            // Each file of these is looked at by itself.
            Platform::AzurePipelines
            | Platform::Bake
            | Platform::BitbucketPipelines
            | Platform::Circleci
            | Platform::Dockerfile
            | Platform::GitlabCi
            | Platform::Jenkins
            | Platform::Rust => return None,
            Platform::Cargo | Platform::Compose | Platform::GithubActions | Platform::Kubernetes => {
                Tie::Platform(platform)
            }
            Platform::Cloudformation => Tie::Template { may_nest: cloudformation::may_nest(text) },
            Platform::Terraform if terraform::is_plan(path, text) => Tie::Plan,
            Platform::Terraform if terraform::is_values(path) => Tie::Values,
            Platform::Terraform => Tie::Module(terraform::called_directories(path, text)),
        };
        Some(Self { path: path.to_owned(), tie })
    }
}

/// The unit of each of `members`, as a number of no meaning of its own. All members of a scan have to be there.
#[must_use]
pub fn units(members: &[Member]) -> Vec<usize> {
    let nests = members.iter().any(|member| member.tie == Tie::Template { may_nest: true });
    let has_plan = members.iter().any(|member| member.tie == Tie::Plan);
    let modules: BTreeSet<&str> = members
        .iter()
        .filter(|member| matches!(member.tie, Tie::Module(_)))
        .map(|member| tree_path::directory(&member.path))
        .collect();
    let mut groups = Groups::default();
    let whole = |platform: Platform| format!("all of {platform}");
    let module = |directory: &str| format!("module {directory}");
    let mut units = Vec::with_capacity(members.len());
    for Member { path, tie } in members {
        let directory = tree_path::directory(path);
        let name = match tie {
            Tie::Platform(platform) => whole(*platform),
            Tie::Template { .. } if nests => whole(Platform::Cloudformation),
            Tie::Template { .. } => format!("file {path}"),
            Tie::Plan | Tie::Module(_) | Tie::Values if has_plan => whole(Platform::Terraform),
            Tie::Plan | Tie::Module(_) => module(directory),
            // They are for the nearest configuration above.
            Tie::Values => {
                above(directory).find(|above| modules.contains(above)).map_or(format!("file {path}"), module)
            }
        };
        let unit = groups.group(name);
        if let (Tie::Module(called), false) = (tie, has_plan) {
            for called in called {
                let other = groups.group(module(called));
                groups.join(unit, other);
            }
        }
        units.push(unit);
    }
    units.into_iter().map(|unit| groups.first(unit)).collect()
}

/// The directory and those above it, the root last.
fn above(directory: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(directory), |path| (!path.is_empty()).then(|| tree_path::directory(path)))
}

/// Disjoint sets of names.
#[derive(Default)]
struct Groups {
    numbers: HashMap<String, usize>,
    /// For each group one that it is joined to, itself when it is the first of its set.
    joined: Vec<usize>,
}

impl Groups {
    fn group(&mut self, name: String) -> usize {
        let next = self.joined.len();
        let number = *self.numbers.entry(name).or_insert(next);
        if number == next {
            self.joined.push(next);
        }
        number
    }

    fn first(&mut self, mut number: usize) -> usize {
        while let Some(&next) = self.joined.get(number).filter(|next| **next != number) {
            // Halves the way for those who come later.
            let further = self.joined.get(next).copied().unwrap_or(next);
            if let Some(joined) = self.joined.get_mut(number) {
                *joined = further;
            }
            number = further;
        }
        number
    }

    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.first(a), self.first(b));
        if let Some(joined) = self.joined.get_mut(a.max(b)) {
            *joined = a.min(b);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::fs;
    use std::path::{Path, PathBuf};

    use super::super::classify;
    use super::*;

    /// The units of files, each as the list of its paths.
    fn grouped(files: &[(&str, &str)]) -> Vec<Vec<String>> {
        let members: Vec<Member> =
            files.iter().filter_map(|(path, text)| Member::of(classify(path, text).unwrap(), path, text)).collect();
        let mut groups: BTreeMap<usize, Vec<String>> = BTreeMap::new();
        for (member, unit) in members.iter().zip(units(&members)) {
            groups.entry(unit).or_default().push(member.path.clone());
        }
        groups.into_values().collect()
    }

    #[test]
    fn modules_are_one_with_what_they_call_and_what_calls_them() {
        let call = |source: &str| format!("module \"m\" {{\n  source = \"{source}\"\n}}\n");
        let (a, b) = (call("../modules/inner"), call("./../modules/other"));
        let escaped = call("\\u002e./modules/other");
        let files = [
            ("a/main.tf", a.as_str()),
            ("a/env/prod.tfvars", "x = 1\n"),
            ("b/main.tf", b.as_str()),
            ("c/main.tf", "resource \"aws_s3_bucket\" \"x\" {}\n"),
            ("d/main.tf", escaped.as_str()),
            ("e/main.tf.json", r#"{"module": {"m": {"source": "../modules/inner"}}}"#),
            ("modules/inner/main.tf", "variable \"x\" {}\n"),
            ("modules/other/main.tf", "variable \"x\" {}\n"),
            ("values/x.tfvars", "x = 1\n"),
        ];
        assert_eq!(
            grouped(&files),
            [
                vec!["a/main.tf", "a/env/prod.tfvars", "e/main.tf.json", "modules/inner/main.tf"],
                vec!["b/main.tf", "d/main.tf", "modules/other/main.tf"],
                vec!["c/main.tf"],
                vec!["values/x.tfvars"],
            ]
        );
        // A plan may be of any of them.
        let plan = r#"{"format_version": "1.2", "planned_values": {}}"#;
        let with_plan: Vec<(&str, &str)> = files.into_iter().chain([("plans/p.json", plan)]).collect();
        assert_eq!(grouped(&with_plan).len(), 1);
    }

    #[test]
    fn templates_stand_alone_until_one_may_nest() {
        let bucket = "Resources:\n  B:\n    Type: AWS::S3::Bucket\n";
        let stack = "Resources:\n  S:\n    Type: AWS::CloudFormation::Stack\n";
        assert_eq!(grouped(&[("a.yaml", bucket), ("b.yaml", bucket)]).len(), 2);
        assert_eq!(grouped(&[("a.yaml", bucket), ("b.yaml", bucket), ("c.yaml", stack)]).len(), 1);
    }

    #[test]
    fn platforms_whose_files_refer_to_each_other_in_many_ways_are_one_unit() {
        let object = "apiVersion: v1\nkind: Service\nmetadata: {name: x}\n";
        let workflow = "on: push\njobs: {}\n";
        let files = [
            ("a/x.yaml", object),
            (".github/workflows/a.yml", workflow),
            ("b/kustomization.yaml", "resources: [../a]\n"),
            (".github/workflows/b.yml", workflow),
            ("Dockerfile", "FROM scratch\n"),
        ];
        let of = [vec!["a/x.yaml", "b/kustomization.yaml"], vec![".github/workflows/a.yml", ".github/workflows/b.yml"]];
        assert_eq!(grouped(&files), of);
    }

    /// The look at the name is there to save reading, and must not lose a file that is of a unit.
    #[test]
    fn every_member_among_the_fixtures_may_be_one_by_its_name() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
        let mut waiting: Vec<PathBuf> = vec![root.clone()];
        let mut count = 0;
        while let Some(path) = waiting.pop() {
            if path.is_dir() {
                waiting.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
                continue;
            }
            let shown = path.strip_prefix(&root).unwrap().to_string_lossy().replace('\\', "/");
            if may_be_member(&shown) {
                count += 1;
                continue;
            }
            let Ok(text) = fs::read_to_string(&path) else { continue };
            let member = classify(&shown, &text).and_then(|platform| Member::of(platform, &shown, &text));
            assert_eq!(member, None, "{shown}");
        }
        assert!(count > 1000, "{count}");
    }
}
