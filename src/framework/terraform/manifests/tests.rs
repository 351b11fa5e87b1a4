//! Resources of the Kubernetes provider as they are written, and the objects that they stand for.

use std::sync::Arc;

use crate::framework::shown::show;
use crate::framework::{self, Project, Source};

fn prepared(files: &[(&str, &str)]) -> (Vec<Source>, framework::declared::Evaluated) {
    let mut sources: Vec<Source> = files
        .iter()
        .map(|(path, text)| {
            let platform = framework::classify(path, text).expect("a platform");
            framework::read(platform, &Arc::from(*path), text)
        })
        .collect();
    let evaluated = framework::prepare(&mut sources);
    (sources, evaluated)
}

/// The objects that `text` declares, one a line.
fn objects(text: &str) -> Vec<String> {
    let (sources, _) = prepared(&[("main.tf", text)]);
    sources.iter().filter(|source| source.part.is_some()).map(|source| show(&source.document.roots[0])).collect()
}

/// What the object that a resource of `kind` with this `body` stands for says at `path`.
fn at(kind: &str, body: &str, path: &[&str]) -> String {
    let (sources, _) = prepared(&[("main.tf", &format!("resource \"{kind}\" \"it\" {{\n{body}\n}}\n"))]);
    let object = sources.iter().find(|source| source.part.is_some()).expect("an object");
    let found = object.document.roots[0].at(path);
    found.map_or_else(|| "-".to_owned(), show)
}

/// The specification of a pod with this `body`.
fn pod(body: &str) -> String {
    at("kubernetes_pod", &format!("spec {{\n{body}\n}}"), &["spec"])
}

#[test]
fn a_resource_is_an_object() {
    let text =
        "resource \"kubernetes_namespace\" \"shop\" {\n  metadata {\n    name = \"shop\"\n  }\n  timeouts {}\n}\n";
    assert_eq!(objects(text), ["{apiVersion: v1, kind: Namespace, metadata: {name: shop}}"]);
    assert_eq!(objects("resource \"aws_instance\" \"a\" {\n}\n"), [""; 0]);
    // They change what something else declares.
    assert_eq!(objects("resource \"kubernetes_labels\" \"a\" {\n}\n"), [""; 0]);
    assert_eq!(objects("resource \"kubernetes_config_map_v1_data\" \"a\" {\n}\n"), [""; 0]);
}

#[test]
fn the_type_names_the_version() {
    let version = |kind: &str| at(kind, "", &["apiVersion"]);
    assert_eq!(version("kubernetes_deployment"), "apps/v1");
    assert_eq!(version("kubernetes_ingress"), "networking.k8s.io/v1beta1");
    assert_eq!(version("kubernetes_ingress_v1"), "networking.k8s.io/v1");
    assert_eq!(version("kubernetes_horizontal_pod_autoscaler_v2beta2"), "autoscaling/v2beta2");
    assert_eq!(version("kubernetes_secret_v1"), "v1");
}

#[test]
fn blocks_are_objects_or_items() {
    assert_eq!(
        pod("
    container {
      name  = \"web\"
      args  = [\"--port\", var.port]
      env {
        name = \"A\"
      }
      env {
        value = \"b\"
        name  = \"B\"
      }
      port {
        container_port = 80
        host_ip        = \"127.0.0.1\"
      }
      liveness_probe {
        http_get {
          path = \"/live\"
          port = var.port
        }
      }
      resources {
        limits = { cpu = 1, \"nvidia.com/gpu\" = 1 }
      }
      security_context {
        run_as_non_root = true
      }
    }
    init_container {}"),
        "{containers: [{name: web, args: [--port, ?], env: [{name: A}, {name: B, value: b}], \
         ports: [{containerPort: 80, hostIP: 127.0.0.1}], livenessProbe: {httpGet: {path: /live, port: ?}}, \
         resources: {limits: {cpu: 1, nvidia.com/gpu: 1}}, securityContext: {runAsNonRoot: true}}], initContainers: [{}]}"
    );
}

#[test]
fn blocks_may_be_written_as_attributes() {
    assert_eq!(
        pod("container = [{ name = \"web\", security_context = { run_as_user = 0 } }]\nvolume = []"),
        "{containers: [{name: web, securityContext: {runAsUser: 0}}], volumes: []}"
    );
    assert_eq!(pod("container = var.containers"), "{containers: ?}");
    assert_eq!(pod("container = [var.container]"), "{containers: [?]}");
    // Terraform refuses both at once; the block is what was meant.
    assert_eq!(pod("volume = \"none\"\nvolume {\n  name = \"a\"\n}"), "{volumes: [{name: a}]}");
}

#[test]
fn one_name_is_a_list_here_and_an_object_there() {
    let path = ["spec", "rules"];
    let backend = "backend {\n service {\n name = \"web\"\n port {\n number = 80\n }\n }\n }";
    let rule = format!("spec {{\n rule {{\n http {{\n path {{\n path = \"/\"\n {backend}\n }}\n }}\n }}\n }}");
    assert_eq!(
        at("kubernetes_ingress_v1", &rule, &path),
        "[{http: {paths: [{path: /, backend: {service: {name: web, port: {number: 80}}}}]}}]"
    );
    let metric = "spec {\n metric {\n external {\n metric {\n name = \"queue\"\n }\n }\n }\n}";
    assert_eq!(
        at("kubernetes_horizontal_pod_autoscaler_v2", metric, &["spec", "metrics"]),
        "[{external: {metric: {name: queue}}}]"
    );
    let user = "spec {\n run_as_user {\n rule = \"RunAsAny\"\n range {\n min = 1\n }\n }\n}";
    assert_eq!(
        at("kubernetes_pod_security_policy", user, &["spec"]),
        "{runAsUser: {rule: RunAsAny, ranges: [{min: 1}]}}"
    );
    let affinity = |kind: &str| {
        let required = "required_during_scheduling_ignored_during_execution {}";
        pod(&format!("affinity {{\n {kind} {{\n {required}\n }}\n }}"))
    };
    assert!(affinity("node_affinity").contains("Execution: {}"));
    assert!(affinity("pod_anti_affinity").contains("Execution: [{}]"));
}

#[test]
fn volumes_keep_their_sources() {
    assert_eq!(
        pod("volume {\n name = \"a\"\n secret {\n secret_name = \"s\"\n items {\n key = \"k\"\n }\n }\n }
             volume {\n name = \"b\"\n downward_api {}\n }"),
        "{volumes: [{name: a, secret: {secretName: s, items: [{key: k}]}}, {name: b, downwardAPI: {}}]}"
    );
    let source = "spec {\n persistent_volume_source {\n host_path {\n path = \"/srv\"\n }\n }\n}";
    assert_eq!(at("kubernetes_persistent_volume", source, &["spec"]), "{hostPath: {path: /srv}}");
}

#[test]
fn secrets_hold_their_values_as_they_are() {
    let body = "data = { user_name = \"a\" }\nbinary_data = { key_store = \"QQ==\" }";
    let at = |kind: &str, field: &str| at(kind, body, &[field]);
    assert_eq!(at("kubernetes_secret", "stringData"), "{user_name: a}");
    assert_eq!(at("kubernetes_secret", "data"), "{key_store: QQ==}");
    assert_eq!(at("kubernetes_config_map", "data"), "{user_name: a}");
    assert_eq!(at("kubernetes_config_map", "binaryData"), "{key_store: QQ==}");
}

#[test]
fn service_accounts_have_lists_of_secrets() {
    let body =
        "secret {\n name = \"a\"\n}\nimage_pull_secret {\n name = \"b\"\n}\nautomount_service_account_token = false";
    assert_eq!(at("kubernetes_service_account", body, &["secrets"]), "[{name: a}]");
    assert_eq!(at("kubernetes_service_account", body, &["imagePullSecrets"]), "[{name: b}]");
    let metadata = "metadata {\n namespace = \"shop\"\n}";
    assert_eq!(
        at("kubernetes_default_service_account_v1", metadata, &["metadata"]),
        "{name: default, namespace: shop}"
    );
}

#[test]
fn a_manifest_is_taken_as_it_is() {
    let text = "resource \"kubernetes_manifest\" \"a\" {\n  manifest = {\n    apiVersion = \"v1\"\n    kind = \"Pod\"\n  }\n}\n";
    assert_eq!(objects(text), ["{apiVersion: v1, kind: Pod}"]);
    assert_eq!(objects("resource \"kubernetes_manifest\" \"a\" {\n  manifest = var.m\n}\n"), [""; 0]);
}

/// The links of the object at `address` to others, by address.
fn links(files: &[(&str, &str)], address: &str) -> Vec<String> {
    let (sources, evaluated) = prepared(files);
    let project = Project::new(&sources, &evaluated);
    let is_it = |resource: &&framework::Resource<'_>| &*resource.address == address && resource.kind == "object";
    let object = project.resources.iter().find(is_it).expect("the object").object;
    let links = project.links[object].iter().filter(|link| link.to != object);
    links.map(|link| format!("{} {}", link.relation, project.resources[link.to].address)).collect()
}

#[test]
fn objects_of_a_configuration_see_each_other() {
    let deployment = |name: &str| {
        format!(
            "resource \"kubernetes_deployment\" \"{name}\" {{\n  metadata {{\n    name = \"web\"\n  }}\n  spec {{\n    \
             template {{\n      metadata {{\n        labels = {{ app = \"web\" }}\n      }}\n    }}\n  }}\n}}\n"
        )
    };
    let service = "resource \"kubernetes_service\" \"web\" {\n  metadata {\n    name = \"web\"\n  }\n  spec {\n    \
                   selector = { app = \"web\" }\n  }\n}\n";
    let both = format!("{}{}", deployment("blue"), deployment("green"));
    // One name twice: one of them may have been applied elsewhere, but both are of this configuration.
    assert_eq!(
        links(&[("a/main.tf", &both), ("a/service.tf", service)], "kubernetes_service.web"),
        ["selects kubernetes_deployment.blue", "selects kubernetes_deployment.green"]
    );
    assert_eq!(links(&[("a/main.tf", &both), ("b/main.tf", service)], "kubernetes_service.web"), [""; 0]);
    let manifest = "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {selector: {app: web}}\n";
    assert_eq!(links(&[("a/main.tf", &both), ("a/service.yaml", manifest)], "Service.default.web"), [""; 0]);
}

#[test]
fn plans_declare_objects_too() {
    let plan = r#"{"format_version": "1.2", "terraform_version": "1.9.0", "planned_values": {"root_module": {"resources": [
        {"address": "kubernetes_pod.web", "mode": "managed", "type": "kubernetes_pod", "name": "web",
         "values": {"metadata": [{"name": "web"}], "spec": [{"container": [{"name": "web"}]}]}}]}}}"#;
    let (sources, _) = prepared(&[("plan.json", plan)]);
    let found: Vec<String> = sources
        .iter()
        .filter_map(|source| Some(format!("{} {}", source.part.as_ref()?.address, show(&source.document.roots[0]))))
        .collect();
    assert_eq!(
        found,
        ["kubernetes_pod.web {apiVersion: v1, kind: Pod, metadata: {name: web}, spec: {containers: [{name: web}]}}"]
    );
}
