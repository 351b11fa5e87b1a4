//! Documents into resources: what a file declares, under the names that its users know, with views that make rules short.
//!
//! A file is classified by name and a look at its text, parsed once ([`read`]), and kept until all files are there, because
//! resources refer to each other across files. [`prepare`] then carries out what files change in
//! others, and [`Project::new`] lists the resources of all files and their links.

mod attribute_name;
pub mod azure_pipelines;
pub mod bake;
pub mod bitbucket;
pub mod cargo;
pub mod circleci;
pub mod cloudformation;
pub mod compose;
pub mod declared;
pub mod dockerfile;
mod flow_step;
pub mod github_actions;
pub mod gitlab_ci;
pub mod iam;
mod identity;
pub mod jenkins;
pub mod kubernetes;
mod pipeline;
pub mod rust;
#[cfg(test)]
mod shown;
pub mod terraform;
pub mod units;

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use globset::{GlobBuilder, GlobMatcher};

pub use self::attribute_name::attribute_name;
use self::declared::{Added, Evaluated, Site};
use crate::document::Document;
use crate::document::hcl::syntax::Body;
use crate::document::node::Node;
use crate::glob;
use crate::platform::Platform;
use crate::span::Span;

/// A parsed file of a platform.
#[derive(Clone, Debug)]
pub struct Source {
    /// Path relative to the scan root, with `/`.
    pub path: Arc<str>,
    /// The decoded text that all spans point into.
    pub text: Arc<str>,
    /// What it is.
    pub platform: Platform,
    /// What was read of it.
    pub document: Document,
    /// Its syntax tree, where only an evaluation gives values.
    pub hcl: Option<Body>,
    /// Of Rust: what rules look at in it.
    pub rust: rust::Pieces,
    /// Of a source that was made of a part of a file: what that is.
    pub part: Option<Part>,
}

/// A part of a file that is a source of its own.
#[derive(Clone, Debug)]
pub struct Part {
    /// The address that it has in its file.
    pub address: Arc<str>,
    /// Number of the configuration that it was evaluated with.
    pub world: usize,
}

/// Something that a file declares, or a view of a part of it.
#[derive(Clone, Debug)]
pub struct Resource<'a> {
    /// Index of its file.
    pub source: usize,
    /// What rules bind to: `Deployment`, `container`, `RUN`.
    pub kind: Cow<'a, str>,
    /// The address that its users know it by: `Deployment.shop.web`, `services.web`.
    pub address: Arc<str>,
    /// Its attributes.
    pub body: Cow<'a, Node>,
    /// The path of `body` inside what `address` names, such as `spec.template.spec.containers[0]`; empty for the whole.
    pub base: String,
    /// Where a missing attribute of `body` is reported.
    pub header: Span,
    /// All of what `address` names, for comments and annotations that silence a whole resource.
    pub extent: Span,
    /// Other trees that paths may begin in (`$pod`), each with its path inside what `address` names.
    pub scopes: Vec<Scope<'a>>,
    /// Index of the resource whose links hold for this one: a view shares those of its object, unless it has its own.
    pub object: usize,
}

/// A tree that paths of a rule may begin in, by name.
#[derive(Clone, Debug)]
pub struct Scope<'a> {
    /// Its name, without the `$`.
    pub name: &'static str,
    /// The tree.
    pub node: Cow<'a, Node>,
    /// Its path inside the resource.
    pub base: String,
    /// Where a missing attribute of it is reported.
    pub header: Span,
}

impl<'a> Scope<'a> {
    /// The tree of a whole file. Where something is missing in it, `header` is reported.
    fn file(root: &'a Node, header: Span) -> Self {
        Self { name: "file", node: Cow::Borrowed(root), base: String::new(), header }
    }
}

/// A reference between two resources.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Link<'a> {
    /// What kind of reference, such as `selects`; in Terraform and CloudFormation the attribute that makes it.
    pub relation: &'a str,
    /// Index of the resource at the other end.
    pub to: usize,
}

/// All resources of a scan.
#[derive(Debug, Default)]
pub struct Project<'a> {
    /// The resources, in the order of the files.
    pub resources: Vec<Resource<'a>>,
    /// The files are some of a tree, so that what none of them declares may be declared all the same.
    pub is_partial: bool,
    /// The platform of each file.
    pub platforms: Vec<Platform>,
    /// For each object the links from it and to it, by the object's index.
    pub links: Vec<Vec<Link<'a>>>,
    /// For each object the resources that are views of it, itself first, by the object's index.
    pub views: Vec<Vec<usize>>,
    /// What is evaluated together: resources by type.
    worlds: Vec<Peers<'a>>,
    /// For each object of a configuration the number of its world, by the object's index.
    world_of: HashMap<usize, usize>,
    /// Why a resource is there, by its index, where there is more to say than that it is written.
    sites: HashMap<usize, &'a [Site]>,
}

/// Resources that are evaluated together, by type.
pub type Peers<'a> = HashMap<&'a str, Vec<usize>>;

/// Files that a user says are of a platform, by globs on their paths.
#[derive(Clone, Debug, Default)]
pub struct PlatformGlobs {
    globs: Vec<(GlobMatcher, Platform)>,
}

impl PlatformGlobs {
    /// Files that match `glob` are of `platform`.
    ///
    /// # Errors
    ///
    /// Why `glob` is no glob.
    pub fn add(&mut self, platform: Platform, glob: &str) -> Result<(), String> {
        glob::check(glob)?;
        let compiled = GlobBuilder::new(glob).literal_separator(true).build();
        self.globs.push((compiled.map_err(|error| error.kind().to_string())?.compile_matcher(), platform));
        Ok(())
    }

    /// The platform of the last glob that matches `path`.
    #[must_use]
    pub fn platform(&self, path: &str) -> Option<Platform> {
        self.globs.iter().rev().find(|(glob, _)| glob.is_match(path)).map(|(_, platform)| *platform)
    }
}

/// What the file is, by its name and a look at its text; `None` when it is of no platform.
#[must_use]
pub fn classify(path: &str, text: &str) -> Option<Platform> {
    if rust::is_rust(path) {
        return Some(Platform::Rust);
    }
    if bake::is_bake(path) {
        return Some(Platform::Bake);
    }
    if cargo::is_cargo(path) {
        return Some(Platform::Cargo);
    }
    if terraform::is_terraform(path, text) {
        return Some(Platform::Terraform);
    }
    if dockerfile::is_dockerfile(path, text) {
        return Some(Platform::Dockerfile);
    }
    if let Some(platform) = pipeline(path, text) {
        return Some(platform);
    }
    if compose::is_compose(path, text) {
        return Some(Platform::Compose);
    }
    if kubernetes::is_kubernetes(path, text) {
        return Some(Platform::Kubernetes);
    }
    cloudformation::is_cloudformation(path, text).then_some(Platform::Cloudformation)
}

/// Whether the file of a path and a text is of a platform.
type Classifier = fn(&str, &str) -> bool;

/// The system of pipelines that the file is for.
fn pipeline(path: &str, text: &str) -> Option<Platform> {
    let systems: [(Classifier, Platform); 6] = [
        (github_actions::is_github_actions, Platform::GithubActions),
        (gitlab_ci::is_gitlab_ci, Platform::GitlabCi),
        (circleci::is_circleci, Platform::Circleci),
        (bitbucket::is_bitbucket_pipeline, Platform::BitbucketPipelines),
        (azure_pipelines::is_azure_pipeline, Platform::AzurePipelines),
        (jenkins::is_jenkinsfile, Platform::Jenkins),
    ];
    systems.into_iter().find(|(is_it, _)| is_it(path, text)).map(|(_, platform)| platform)
}

/// The platforms whose resources a file of `platform` may declare.
#[must_use]
pub fn declared_in(platform: Platform) -> &'static [Platform] {
    match platform {
        Platform::Terraform => &[Platform::Terraform, Platform::Kubernetes],
        Platform::AzurePipelines => &[Platform::AzurePipelines],
        Platform::Bake => &[Platform::Bake],
        Platform::BitbucketPipelines => &[Platform::BitbucketPipelines],
        Platform::Cargo => &[Platform::Cargo],
        Platform::Circleci => &[Platform::Circleci],
        Platform::Cloudformation => &[Platform::Cloudformation],
        Platform::Compose => &[Platform::Compose],
        Platform::Dockerfile => &[Platform::Dockerfile],
        Platform::GithubActions => &[Platform::GithubActions],
        Platform::GitlabCi => &[Platform::GitlabCi],
        Platform::Jenkins => &[Platform::Jenkins],
        Platform::Kubernetes => &[Platform::Kubernetes],
        Platform::Rust => &[Platform::Rust],
    }
}

/// Parses a file of `platform`. Of Rust, only what a rule looks at is made into resources: see [`rust::read`].
#[must_use]
pub fn read(platform: Platform, path: &Arc<str>, text: &str) -> Source {
    let mut hcl = None;
    let document = match platform {
        Platform::AzurePipelines => azure_pipelines::read(text),
        Platform::Bake => bake::read(path, text),
        Platform::BitbucketPipelines => bitbucket::read(text),
        Platform::Cargo => cargo::read(path, text),
        Platform::Circleci => circleci::read(text),
        Platform::GithubActions => github_actions::read(text),
        Platform::GitlabCi => gitlab_ci::read(text),
        Platform::Jenkins => jenkins::read(text),
        Platform::Cloudformation => cloudformation::read(path, text),
        Platform::Compose => compose::read(path, text),
        Platform::Dockerfile => dockerfile::read(text),
        Platform::Kubernetes => kubernetes::read(path, text),
        Platform::Terraform => {
            let (body, document) = terraform::read(path, text);
            hcl = Some(body);
            document
        }
        Platform::Rust => return rust::read(path, text, &rust::Interest::default()),
    };
    let rust = rust::Pieces::default();
    Source { path: Arc::clone(path), text: Arc::from(text), platform, document, hcl, rust, part: None }
}

/// What the mere place of the file at `path` tells a platform: a source without text, beside whatever the file is itself.
#[must_use]
pub fn place(path: &Arc<str>) -> Option<Source> {
    cargo::target(path)
}

/// Makes unknown what one file changes in what others declare, and evaluates configurations that consist of several files.
/// All files have to be there; [`Project::new`] comes next.
///
/// What one platform declares of another becomes a source of its own, behind all others: [`Evaluated::added`] says of which
/// file.
#[must_use]
pub fn prepare(sources: &mut Vec<Source>) -> Evaluated {
    kubernetes::apply_kustomizations(sources);
    let mut evaluated = Evaluated::default();
    terraform::evaluate(sources, &mut evaluated);
    cloudformation::evaluate(sources, &mut evaluated);
    iam::add_views(&mut evaluated);
    // Stable: views stay behind their resources.
    evaluated.declared.sort_by_key(|declared| declared.source);
    for manifest in std::mem::take(&mut evaluated.manifests) {
        let Some(file) = sources.get(manifest.source) else { continue };
        let comments = file.document.comments.clone();
        sources.push(Source {
            path: Arc::clone(&file.path),
            text: Arc::clone(&file.text),
            platform: Platform::Kubernetes,
            document: Document { roots: vec![manifest.object], comments, ..Document::default() },
            hcl: None,
            rust: rust::Pieces::default(),
            part: Some(manifest.part),
        });
        evaluated.added.push(Added { file: manifest.source, sites: manifest.sites });
    }
    evaluated
}

impl<'a> Project<'a> {
    /// Lists what `sources` declare, with what [`prepare`] made of them, and resolves the references between them.
    #[must_use]
    pub fn new(sources: &'a [Source], evaluated: &'a Evaluated) -> Self {
        let mut project = Self { platforms: sources.iter().map(|source| source.platform).collect(), ..Self::default() };
        let cargo = cargo::Files::new(sources);
        let compose = compose::Files::new(sources);
        let actions = github_actions::Files::new(sources);
        let mut marks = HashMap::new();
        let mut rest = evaluated.declared.as_slice();
        let mut numbered = Vec::new();
        let first_added = sources.len().saturating_sub(evaluated.added.len());
        for (index, source) in sources.iter().enumerate() {
            match source.platform {
                Platform::AzurePipelines => azure_pipelines::resources(index, source, &mut project.resources),
                Platform::Bake => bake::resources(index, source, &mut project.resources),
                Platform::BitbucketPipelines => bitbucket::resources(index, source, &mut project.resources),
                Platform::Cargo => cargo::resources(index, &cargo, &mut project.resources),
                Platform::Circleci => circleci::resources(index, source, &mut project.resources),
                Platform::GithubActions => github_actions::resources(index, &actions, &mut project.resources),
                Platform::GitlabCi => gitlab_ci::resources(index, source, &mut project.resources),
                Platform::Jenkins => jenkins::resources(index, source, &mut project.resources),
                Platform::Cloudformation | Platform::Terraform => {
                    let first = project.resources.len();
                    let count = declared::resources(index, rest, &mut project.resources, &mut marks);
                    let (here, behind) = rest.split_at(count.min(rest.len()));
                    numbered.extend(here.iter().enumerate().map(|(at, declared)| (first + at, declared)));
                    rest = behind;
                }
                Platform::Compose => compose::resources(index, &compose, &mut project.resources),
                Platform::Dockerfile => dockerfile::resources(index, source, &mut project.resources),
                Platform::Rust => rust::resources(index, source, &mut project.resources),
                Platform::Kubernetes => {
                    let first = project.resources.len();
                    kubernetes::resources(index, source, &mut project.resources);
                    if let (Some(part), Some(views)) = (&source.part, project.resources.get_mut(first..)) {
                        for view in views {
                            view.address = Arc::clone(&part.address);
                        }
                    }
                    let added = index.checked_sub(first_added).and_then(|added| evaluated.added.get(added));
                    if let Some(added) = added.filter(|added| !added.sites.is_empty()) {
                        project.sites.extend((first..project.resources.len()).map(|number| (number, &*added.sites)));
                    }
                }
            }
        }
        project.links = kubernetes::links(sources, &project.resources);
        let mut worlds: HashMap<(Platform, &str), usize> = HashMap::new();
        for (number, declared) in &numbered {
            if !declared.sites.is_empty() {
                project.sites.insert(*number, &declared.sites);
            }
            let platform = sources.get(declared.source).map(|source| source.platform);
            let (Some(platform), Some(world)) = (platform, declared.world()) else { continue };
            let world = *worlds.entry((platform, world)).or_insert_with(|| {
                project.worlds.push(Peers::new());
                project.worlds.len() - 1
            });
            project.world_of.insert(*number, world);
            if let Some(peers) = project.worlds.get_mut(world) {
                peers.entry(&*declared.kind).or_default().push(*number);
            }
        }
        let links = declared::links(&numbered, &marks);
        let of_cargo = cargo::links(&cargo, &project.resources);
        for (from, link) in compose::links(sources, &project.resources).into_iter().chain(of_cargo).chain(links) {
            if let Some(links) = project.links.get_mut(from) {
                links.push(link);
            }
        }
        project.views.resize_with(project.resources.len(), Vec::new);
        for (number, resource) in project.resources.iter().enumerate() {
            if let Some(views) = project.views.get_mut(resource.object) {
                views.push(number);
            }
        }
        project
    }

    /// The annotations of the Kubernetes object that `resource` is or is a view of, and of its pod template.
    pub fn annotations(&self, resource: &'a Resource<'a>) -> impl Iterator<Item = &Node> {
        let is_kubernetes = self.platforms.get(resource.source) == Some(&Platform::Kubernetes);
        let scope = |name| resource.scopes.iter().find(|scope| scope.name == name).map(|scope| scope.node.as_ref());
        let object = scope("object").or_else(|| self.resources.get(resource.object).map(|object| object.body.as_ref()));
        let bodies = object.into_iter().chain(scope("template")).filter(move |_| is_kubernetes);
        bodies.filter_map(|body| body.at(&["metadata", "annotations"]))
    }

    /// The `Metadata` of the resource of CloudFormation that `resource` is or is a view of.
    #[must_use]
    pub fn metadata(&self, resource: &Resource<'_>) -> Option<&Node> {
        let scopes = &self.resources.get(resource.object)?.scopes;
        scopes.iter().find(|scope| scope.name == "definition")?.node.get("Metadata")
    }

    /// What is evaluated together with this object, itself included, by type; `None` for an object of a file that stands for
    /// itself.
    #[must_use]
    pub fn peers(&self, object: usize) -> Option<&Peers<'a>> {
        self.worlds.get(*self.world_of.get(&object)?)
    }

    /// Places outside of this resource that made it what it is, the nearest one first.
    #[must_use]
    pub fn sites(&self, resource: usize) -> &'a [Site] {
        self.sites.get(&resource).copied().unwrap_or_default()
    }

    /// The platform of the resource with this index.
    #[must_use]
    pub fn platform_of(&self, resource: usize) -> Option<Platform> {
        self.platforms.get(self.resources.get(resource)?.source).copied()
    }
}
