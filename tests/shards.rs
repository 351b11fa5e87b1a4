//! Shards of one scan, each a process of its own, merged: the same bytes as one run.

#![allow(clippy::unwrap_used, reason = "a helper that panics fails its test, as it should")]

#[allow(dead_code, reason = "each test file uses its part")]
#[path = "common/cli.rs"]
mod cli;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use cli::{Outcome, Sandbox, sample, token};
use serde_json::Value;

/// A tree whose files see each other: modules of Terraform with callers in other directories and values, Kubernetes objects
/// that select each other across directories and a kustomization, nested templates, Compose files that extend others,
/// workflows with a local action; beside it secrets, an archive's magic, what is ignored, excluded, suppressed, broken.
fn tree() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox
        .write("live/prod/main.tf", "module \"store\" {\n  source = \"../../modules/store\"\n  acl    = \"public-read\"\n}\n")
        .write("live/test/main.tf", "module \"store\" {\n  source = \"../../modules/store\"\n  acl    = var.acl\n}\nvariable \"acl\" {}\n")
        .write("live/test/env/test.tfvars", "acl = \"public-read-write\"\n")
        .write("modules/store/main.tf", "variable \"acl\" {\n  default = \"private\"\n}\nresource \"aws_s3_bucket\" \"this\" {\n  bucket = \"b\"\n  acl    = var.acl\n}\nmodule \"log\" {\n  source = \"../log\"\n  open   = var.acl\n}\n")
        .write("modules/log/main.tf", "variable \"open\" {}\nresource \"aws_s3_bucket_acl\" \"log\" {\n  bucket = \"l\"\n  acl    = var.open\n}\n")
        .write("alone/main.tf", "resource \"aws_security_group\" \"x\" {\n  ingress {\n    from_port = 22\n    to_port = 22\n    protocol = \"tcp\"\n    cidr_blocks = [\"0.0.0.0/0\"]\n  }\n}\nmodule \"gone\" {\n  source = \"./gone\"\n}\n");
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: web, namespace: shop, labels: {app: web}}\nspec:\n  hostNetwork: true\n  containers:\n  - {name: web, image: 'nginx', securityContext: {privileged: true}}\n";
    sandbox
        .write("k8s/pods/web.yaml", pod)
        .write("k8s/services/web.yaml", "apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: shop}\nspec: {type: LoadBalancer, selector: {app: web}, ports: [{port: 80}]}\n")
        .write("k8s/kustomization.yaml", "resources: [pods/web.yaml]\nimages: [{name: nginx, newTag: 1.27.1}]\nnamespace: shop\n")
        .write("k8s/rbac/role.yaml", "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: all}\nrules: [{apiGroups: ['*'], resources: ['*'], verbs: ['*']}]\n")
        .write("k8s/binding/binding.yaml", "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: {name: all}\nroleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: all}\nsubjects: [{kind: ServiceAccount, name: default, namespace: shop}]\n");
    sandbox
        .write("cfn/parent.yaml", "Resources:\n  Child:\n    Type: AWS::CloudFormation::Stack\n    Properties:\n      TemplateURL: inner/child.yaml\n      Parameters: {Acl: PublicRead}\n")
        .write("cfn/inner/child.yaml", "Parameters:\n  Acl: {Type: String}\nResources:\n  B:\n    Type: AWS::S3::Bucket\n    Properties: {AccessControl: !Ref Acl}\n")
        .write("compose/docker-compose.yml", "services:\n  web:\n    extends: {file: base/common.yml, service: base}\n    image: nginx\n")
        .write("compose/base/common.yml", "services:\n  base:\n    image: busybox\n    privileged: true\n    network_mode: host\n")
        .write(".github/workflows/ci.yml", "on: pull_request_target\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n    - uses: ./.github/actions/say\n      with: {text: '${{ github.event.pull_request.title }}'}\n")
        .write(".github/actions/say/action.yml", "name: say\ninputs: {text: {}}\nruns:\n  using: composite\n  steps:\n  - shell: bash\n    run: echo \"${{ inputs.text }}\"\n")
        .write("Dockerfile", "FROM ubuntu:latest\nRUN curl -k https://example.com | sh\nUSER root\n");
    for number in 0..40_u64 {
        let text = format!(
            "a = '{}'\nb = '{}' # lockgate: ignore kept for a test\n",
            token(number % 7),
            sample("low", number)
        );
        sandbox.write(format!("src/{}/{number}.py", number % 5), text);
    }
    for number in 0..6_u64 {
        sandbox.write(format!("archives/{number}.tar"), archive(number));
    }
    #[cfg(unix)]
    for (target, link) in
        [("src", "links/directory"), ("0/0.py", "src/file"), ("/etc/passwd", "src/out"), ("gone", "src/gone")]
    {
        fs::create_dir_all(sandbox.tree().join("links")).unwrap();
        std::os::unix::fs::symlink(target, sandbox.tree().join(link)).unwrap();
    }
    sandbox
        .write("bin/a", b"\0\x01")
        .write("big.txt", "text\n".repeat(60_000))
        .write("left/out.py", token(1))
        .write("ignored.py", token(2))
        .write("broken.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: [\n")
        .write(".lockgateignore", "ignored.py\n")
        .write("lockgate.toml", "[scan]\nexclude = ['left']\nmax-file-size = 200_000\n[rules]\nprofiles = ['default', 'hardening', 'style']\n");
    sandbox
}

/// An archive with files of its own, one of which leaks.
fn archive(seed: u64) -> Vec<u8> {
    let mut archive = tar::Builder::new(Vec::new());
    for (name, text) in
        [("a.py", format!("a = '{}'\n", token(seed))), ("b.bin", "\0".to_owned()), ("c.txt", "c\n".into())]
    {
        let mut header = tar::Header::new_gnu();
        header.set_size(text.len() as u64);
        header.set_mode(0o644);
        archive.append_data(&mut header, name, text.as_bytes()).unwrap();
    }
    archive.into_inner().unwrap()
}

const FORMATS: [&str; 6] = ["text", "sarif", "json", "jsonl", "github", "outputs"];

/// Arguments for a report in every format, at `name` with the format behind it.
fn reports(sandbox: &Sandbox, name: &str) -> Vec<String> {
    let path = |format: &str| sandbox.outside(format!("{name}.{format}")).display().to_string();
    FORMATS.iter().map(|format| format!("--report={format}={}", path(format))).collect()
}

fn written(sandbox: &Sandbox, name: &str) -> Vec<String> {
    FORMATS.iter().map(|format| fs::read_to_string(sandbox.outside(format!("{name}.{format}"))).unwrap()).collect()
}

/// Starts all shards of a scan at once, with `options`, and waits for them. The paths of their reports, in reverse order.
fn shards(sandbox: &Sandbox, of: u32, options: &[String]) -> Vec<String> {
    let path = |number: u32| sandbox.outside(format!("{number}-of-{of}.json")).display().to_string();
    let start = |number: u32| {
        std::process::Command::new(env!("CARGO_BIN_EXE_lockgate"))
            .current_dir(sandbox.tree())
            .env_clear()
            .args(["scan", "--quiet", "--output", &path(number), "--shard", &format!("{number}/{of}")])
            .args(options)
            .spawn()
            .unwrap()
    };
    let running: Vec<_> = (1..=of).map(start).collect();
    for mut shard in running {
        assert_eq!(shard.wait().unwrap().code(), Some(0), "a shard gives no verdict");
    }
    (1..=of).rev().map(path).collect()
}

fn merge(sandbox: &Sandbox, reports: &[String], options: &[String]) -> Outcome {
    sandbox.run(["merge".to_owned()].iter().chain(options).chain(reports))
}

#[test]
fn merged_shards_are_the_same_bytes_as_one_run_in_every_format() {
    let sandbox = tree();
    let options = vec![format!("--rules={}", sandbox.pack().display())];
    let confidence = ["--confidence=low".to_owned(), "--verbose".to_owned(), "--show-unknown".to_owned()];
    let with = |name: &str| [options.clone(), confidence.to_vec(), reports(&sandbox, name)].concat();
    let one = sandbox.scan(with("one")).expect_code(1);
    let report: Value = serde_json::from_str(&written(&sandbox, "one")[2]).unwrap();
    // What only links between files in different directories can say, so that the test is worth its name.
    let findings = report["findings"].as_array().unwrap();
    let has = |rule: &str, path: &str| {
        findings.iter().any(|finding| finding["rule"] == rule && finding["location"]["path"] == path)
    };
    for (rule, path) in [
        ("aws-s3-public-read-acl", "modules/log/main.tf"),
        ("aws-s3-public-read-acl", "cfn/inner/child.yaml"),
        ("kubernetes-binding-grants-secrets", "k8s/binding/binding.yaml"),
        ("compose-privileged-service", "compose/docker-compose.yml"),
    ] {
        let rules: Vec<String> = findings
            .iter()
            .filter(|finding| finding["location"]["path"] == path)
            .map(|finding| finding["rule"].to_string())
            .collect();
        assert!(has(rule, path), "{rule} in {path}: {rules:?}");
    }
    for of in [1, 2, 3, 8] {
        let parts = shards(&sandbox, of, &options);
        let merged = merge(&sandbox, &parts, &with("merged")).expect_code(1);
        assert_eq!((&one.stdout, &one.stderr), (&merged.stdout, &merged.stderr), "{of} shards");
        for (format, (one, merged)) in
            FORMATS.iter().zip(written(&sandbox, "one").iter().zip(written(&sandbox, "merged").iter()))
        {
            assert!(one == merged, "{format} differs with {of} shards");
        }
    }
}

/// Every platform that there is, with everything that its rules look at, in one tree: whoever adds one whose files see each
/// other learns here what `framework/units.rs` has to know.
#[test]
fn all_fixtures_are_the_same_in_shards_and_in_one_run() {
    let sandbox = Sandbox::new();
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").display().to_string();
    let options = [fixtures, "--profile=all".to_owned()];
    let report = |name: &str| format!("--report=json={}", sandbox.outside(name).display());
    let shown =
        |name: &str| [&options[1..], &["--quiet".to_owned(), "--confidence=low".to_owned(), report(name)]].concat();
    sandbox.scan([&options[..1], &shown("one.json")].concat()).expect_code(1);
    let parts = shards(&sandbox, 4, &options);
    merge(&sandbox, &parts, &shown("merged.json")).expect_code(1);
    let [one, merged] = ["one.json", "merged.json"].map(|name| fs::read_to_string(sandbox.outside(name)).unwrap());
    let findings = |report: &str| serde_json::from_str::<Value>(report).unwrap()["findings"].as_array().unwrap().len();
    assert!(findings(&one) > 5_000, "{}", findings(&one));
    assert!(one == merged, "{} findings in one run, {} in shards", findings(&one), findings(&merged));
}

#[test]
fn every_file_is_in_exactly_one_shard_and_what_belongs_together_in_the_same() {
    let sandbox = tree();
    let (_, whole) = sandbox.scan_json(["--rules", sandbox.pack().to_str().unwrap()]);
    let paths = |report: &Value| -> Vec<String> {
        let findings = report["findings"].as_array().unwrap().iter().map(|finding| &finding["location"]["path"]);
        let mut paths: Vec<String> = findings.map(|path| path.as_str().unwrap().to_owned()).collect();
        paths.dedup();
        paths
    };
    for of in [2, 5] {
        let options = [format!("--rules={}", sandbox.pack().display())];
        let mut shard_of: BTreeMap<String, usize> = BTreeMap::new();
        let mut sums = [0; 3];
        for (number, part) in shards(&sandbox, of, &options).iter().enumerate() {
            let part: Value = serde_json::from_str(&fs::read_to_string(part).unwrap()).unwrap();
            for path in paths(&part) {
                assert_eq!(shard_of.insert(path.clone(), number), None, "{path} is in two shards");
            }
            let scanned = part["coverage"]["scanned"].as_u64().unwrap();
            assert!(scanned > 0, "no shard of {of} goes without work");
            for (sum, what) in sums.iter_mut().zip(["scanned", "bytes", "seen"]) {
                *sum += part["coverage"][what].as_u64().unwrap();
            }
        }
        assert_eq!(sums, ["scanned", "bytes", "seen"].map(|what| whole["coverage"][what].as_u64().unwrap()));
        for path in paths(&whole) {
            assert!(shard_of.contains_key(&path), "{path}");
        }
        let together = |files: &[&str]| {
            let shards: Vec<_> = files.iter().map(|file| shard_of.get(*file)).collect();
            assert!(shards.windows(2).all(|pair| pair[0].is_some() && pair[0] == pair[1]), "{files:?}: {shards:?}");
        };
        together(&["modules/store/main.tf", "modules/log/main.tf"]);
        together(&["k8s/pods/web.yaml", "k8s/rbac/role.yaml"]);
    }
}

#[test]
fn baseline_and_thresholds_are_applied_to_the_whole() {
    let sandbox = tree();
    let pack = format!("--rules={}", sandbox.pack().display());
    let parts = shards(&sandbox, 3, std::slice::from_ref(&pack));
    let baseline = sandbox.outside("baseline.json").display().to_string();
    sandbox.run(["baseline", "create", "--output", &baseline, &pack]).expect_code(0);
    let judged = |options: &[String]| {
        let options = [&[pack.clone(), "--format=json".to_owned()], options].concat();
        let one = sandbox.scan(&options);
        let merged = merge(&sandbox, &parts, &options);
        assert_eq!((one.code, one.stdout, one.stderr), (merged.code, merged.stdout, merged.stderr), "{options:?}");
        one.code
    };
    assert_eq!(judged(&[format!("--baseline={baseline}")]), Some(0));
    assert_eq!(judged(&["--severity=critical".to_owned()]), Some(1));
    assert_eq!(judged(&["--exit-zero".to_owned()]), Some(0));
}

/// What could not be examined leaves the verdict of the whole open, whichever shard met it.
#[test]
fn what_one_shard_could_not_read_leaves_the_verdict_open() {
    let sandbox = Sandbox::new();
    sandbox.write("a.txt", "text\n").write("b.txt", "text\n");
    let parts = shards(&sandbox, 2, &[]);
    merge(&sandbox, &parts, &[]).expect_code(0);
    let path = &parts[0];
    let mut part: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    part["coverage"]["entries"] = serde_json::json!([{"path": "b.txt", "cause": "unreadable", "detail": "no way in"}]);
    fs::write(path, part.to_string()).unwrap();
    let merged = merge(&sandbox, &parts, &[]).expect_code(2);
    assert!(merged.verdict().starts_with("undecided: "), "{merged:#?}");
}

#[test]
fn reports_that_are_not_those_of_one_scan_are_refused() {
    let sandbox = tree();
    let pack = format!("--rules={}", sandbox.pack().display());
    let own = [pack.clone()];
    let parts = shards(&sandbox, 3, &own);
    let refused = |parts: &[String], options: &[String], words: &str| {
        let outcome = merge(&sandbox, parts, options).expect_error(words);
        assert_eq!(outcome.stdout, "");
    };
    merge(&sandbox, &parts, &own).expect_code(1);
    refused(&parts[..2], &own, "no report of shard 1 of 3");
    refused(&[&parts[..], &parts[..1]].concat(), &own, "are both of shard 3/3");
    refused(&parts, &[], "the rules differ; give `lockgate merge` the options that the shards had");
    refused(&parts, &[pack.clone(), "--disable=e2e-low".to_owned()], "the options of the scan differ");
    refused(&parts, &[pack.clone(), "--since=HEAD".to_owned()], "--since is for a scan");
    // A report of one run, and a part of a report.
    let whole = sandbox.outside("whole.json").display().to_string();
    sandbox.scan(["--format=json", "--output", &whole, &pack]).expect_code(1);
    refused(std::slice::from_ref(&whole), &own, "not the report of a shard");
    let text = fs::read_to_string(&parts[0]).unwrap();
    fs::write(&whole, &text[..text.len() / 2]).unwrap();
    refused(std::slice::from_ref(&whole), &own, "not the report of a shard");
    refused(&["gone.json".to_owned()], &own, "gone.json: ");
    let mut forged: Value = serde_json::from_str(&text).unwrap();
    forged["findings"][0]["excerpt"]["first_line"] = Value::from(u32::MAX);
    fs::write(&whole, forged.to_string()).unwrap();
    refused(&[whole.clone(), parts[1].clone(), parts[2].clone()], &own, "at a place that cannot be");
    // Shards of another state of the tree, and of other settings.
    sandbox.write("src/new.py", "x = 1\n");
    let later = shards(&sandbox, 3, &own);
    fs::write(&whole, &text).unwrap();
    refused(&[whole, later[1].clone(), later[2].clone()], &own, "they walked different trees");
    sandbox.write("lockgate.toml", "[scan]\nexclude = ['left']\n");
    refused(&later, &own, "lockgate.toml or the options of the scan differ");
}

#[test]
fn wrong_use_of_shards_is_told() {
    let sandbox = Sandbox::new();
    sandbox.write("a.txt", "text\n");
    sandbox.scan(["--shard", "0/3"]).expect_error("shards count from 1 to 3");
    sandbox.scan(["--shard", "3"]).expect_error("expected K/N, such as 3/8");
    sandbox.scan(["--shard", "1/3", "-"]).expect_error("--shard divides a tree, not standard input");
    sandbox.scan(["--shard", "1/3", "--report", "sarif=x"]).expect_error("cannot be used with");
    sandbox.scan(["--shard", "1/3", "--staged"]).expect_error("cannot be used with");
    sandbox.run(["merge"]).expect_error("<SHARD>");
}

/// Of files that were named one by one, what none of them declares may be elsewhere: that holds for shards as for one run.
#[test]
fn named_paths_are_divided_like_a_whole_tree() {
    let sandbox = tree();
    let paths =
        ["k8s/binding/binding.yaml", "k8s/services", "live", "src/0/0.py", "archives/3.tar"].map(ToOwned::to_owned);
    let options = ["--profile=all".to_owned(), "--verbose".to_owned()];
    let one = sandbox.scan(paths.iter().chain(&options)).expect_code(1);
    assert!(one.stdout.contains("archives/3.tar!/a.py"), "{one:#?}");
    let parts = shards(&sandbox, 3, &[&paths[..], &options[..1]].concat());
    let merged = merge(&sandbox, &parts, &options).expect_code(1);
    assert_eq!((one.stdout, one.stderr), (merged.stdout, merged.stderr));
}
