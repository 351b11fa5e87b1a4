//! What the policy engine costs: reading manifests, listing their resources, evaluating every rule on them.
//!
//! `cargo bench --bench policy`. The manifests are generated, the same in every run: a deployment with two containers, its
//! service, its service account and a network policy each.

use std::fmt::Write as _;
use std::sync::{Arc, LazyLock};

use divan::counter::{BytesCount, ItemsCount};
use divan::{Bencher, black_box};
use lockgate::engine::policy::{ParameterValues, PolicyEngine, PolicyOutcome};
use lockgate::framework::declared::Evaluated;
use lockgate::framework::{self, Project, Source};
use lockgate::platform::Platform;
use lockgate::rules::builtin;
use lockgate::rules::catalogue::Catalogue;

/// Files of the tree.
const FILES: usize = 2_000;

fn main() {
    divan::main();
}

fn catalogue() -> &'static Catalogue {
    static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::new(builtin::rules()));
    &CATALOGUE
}

fn engine() -> PolicyEngine<'static> {
    PolicyEngine::new(catalogue(), |_| true, &ParameterValues::new()).unwrap_or_default()
}

/// The manifests of one application; every third is as careless as they come.
fn manifest(number: usize) -> String {
    let mut text = String::new();
    let careless = number.is_multiple_of(3);
    let _ = write!(
        text,
        "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: app-{number}\n  namespace: team-{}\n  labels: {{app: \
         app-{number}}}\nspec:\n  replicas: 3\n  selector: {{matchLabels: {{app: app-{number}}}}}\n  template:\n    metadata: \
         {{labels: {{app: app-{number}}}}}\n    spec:\n      serviceAccountName: app-{number}\n      containers:\n",
        number % 20
    );
    for container in ["web", "proxy"] {
        let _ = write!(text, "      - name: {container}\n        image: registry.example.com/{container}:1.{number}\n");
        if careless {
            text.push_str("        securityContext: {privileged: true}\n");
        } else {
            text.push_str(
                "        securityContext:\n          runAsNonRoot: true\n          readOnlyRootFilesystem: true\n          \
                 allowPrivilegeEscalation: false\n          capabilities: {drop: [ALL]}\n        resources:\n          \
                 requests: {cpu: 100m, memory: 64Mi}\n          limits: {memory: 128Mi}\n        readinessProbe: {httpGet: \
                 {path: /ready, port: 8080}}\n        ports: [{containerPort: 8080}]\n        env:\n        - name: MODE\n          \
                 value: production\n",
            );
        }
    }
    let team = number % 20;
    let _ = write!(
        text,
        "---\napiVersion: v1\nkind: Service\nmetadata: {{name: app-{number}, namespace: team-{team}}}\nspec:\n  selector: {{app: \
         app-{number}}}\n  ports: [{{port: 80, targetPort: 8080}}]\n---\napiVersion: v1\nkind: ServiceAccount\nmetadata: {{name: \
         app-{number}, namespace: team-{team}}}\nautomountServiceAccountToken: false\n---\napiVersion: \
         networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {{name: app-{number}, namespace: team-{team}}}\nspec:\n  podSelector: \
         {{matchLabels: {{app: app-{number}}}}}\n  policyTypes: [Ingress]\n"
    );
    text
}

fn texts() -> Vec<(Arc<str>, String)> {
    (0..FILES).map(|number| (Arc::from(format!("apps/{number}/app.yaml")), manifest(number))).collect()
}

fn read(texts: &[(Arc<str>, String)]) -> Vec<Source> {
    texts.iter().map(|(path, text)| framework::read(Platform::Kubernetes, path, text)).collect()
}

fn bytes(texts: &[(Arc<str>, String)]) -> BytesCount {
    BytesCount::new(texts.iter().map(|(_, text)| text.len()).sum::<usize>())
}

#[divan::bench(sample_count = 10)]
fn parse_2000_manifests(bencher: Bencher) {
    let texts = texts();
    bencher.counter(bytes(&texts)).bench(|| read(black_box(&texts)));
}

#[divan::bench(sample_count = 10)]
fn list_resources_and_links(bencher: Bencher) {
    let sources = read(&texts());
    bencher
        .counter(ItemsCount::new(FILES))
        .bench(|| Project::new(black_box(&sources), &Evaluated::default()).resources.len());
}

#[divan::bench(sample_count = 10)]
fn evaluate_every_rule(bencher: Bencher) {
    let sources = read(&texts());
    let evaluated = Evaluated::default();
    let project = Project::new(&sources, &evaluated);
    let engine = engine();
    bencher.counter(ItemsCount::new(project.resources.len())).bench(|| {
        let mut outcome = PolicyOutcome::default();
        for resource in 0..project.resources.len() {
            engine.evaluate(black_box(&project), resource, &mut outcome);
        }
        outcome.detections.len()
    });
}

/// What every run pays before it looks at anything.
mod start {
    use super::{Catalogue, ParameterValues, PolicyEngine, black_box, builtin, catalogue};

    #[divan::bench]
    fn decode_the_heads() -> Catalogue {
        Catalogue::new(builtin::rules())
    }

    #[divan::bench]
    fn build_the_engine() {
        let _ = black_box(PolicyEngine::new(catalogue(), |_| true, &ParameterValues::new()));
    }
}

/// What the first files of a run pay: every rule that looks at a resource of them is decoded and compiled.
#[divan::bench]
fn first_manifest(bencher: Bencher) {
    let sources = read(&texts()[..1]);
    let evaluated = Evaluated::default();
    let project = Project::new(&sources, &evaluated);
    bencher.with_inputs(|| Catalogue::new(builtin::rules())).bench_refs(|catalogue| {
        let engine = PolicyEngine::new(catalogue, |_| true, &ParameterValues::new()).unwrap_or_default();
        let mut outcome = PolicyOutcome::default();
        for resource in 0..project.resources.len() {
            engine.evaluate(black_box(&project), resource, &mut outcome);
        }
        outcome.detections.len()
    });
}
