//! Links in manifests as they are written.

use super::*;
use crate::framework::kubernetes::tests::source;

/// `from -relation-> to` for each pair of linked objects or items of `files` (path and text), each pair once.
pub(super) fn linked(files: &[(&str, &str)]) -> Vec<String> {
    let sources: Vec<Source> = files.iter().map(|(path, text)| source(path, text)).collect();
    shown(&sources)
}

fn shown(sources: &[Source]) -> Vec<String> {
    let mut resources = Vec::new();
    for (index, source) in sources.iter().enumerate() {
        crate::framework::kubernetes::resources(index, source, &mut resources);
    }
    let all = links(sources, &resources);
    assert_eq!(all.len(), resources.len());
    let mut found = Vec::new();
    for (from, links) in all.iter().enumerate() {
        for link in links {
            assert_eq!(resources[from].object, from);
            let back = Link { relation: link.relation, to: from };
            assert!(link.relation == UNKNOWN || all[link.to].contains(&back));
            if from <= link.to || link.relation == UNKNOWN {
                found.push(format!("{} -{}-> {}", name(&resources[from]), link.relation, name(&resources[link.to])));
            }
        }
    }
    found
}

fn name(resource: &Resource<'_>) -> String {
    format!("{} {}", resource.address, resource.base).trim_end().to_owned()
}

/// The links of `text` that hold for items, those of backends or those of others.
fn linked_items(text: &str, are_backends: bool) -> Vec<String> {
    let is_backend = |link: &str| !link.contains(" spec.ports[");
    let links = linked(&[("a.yaml", text)]).into_iter();
    links.filter(|link| link.contains(" spec.") && is_backend(link) == are_backends).collect()
}

const WEB: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web, tier: front}}
    spec:
      serviceAccountName: runner
      containers:
        - name: web
          image: web:1
          envFrom: [{configMapRef: {name: settings}}]
          env:
            - {name: PASSWORD, valueFrom: {secretKeyRef: {name: login, key: password}}}
            - {name: USER, valueFrom: {secretKeyRef: {name: login, key: user}}}
      volumes:
        - {name: data, persistentVolumeClaim: {claimName: data}}
";

#[test]
fn selectors_link_services_policies_and_budgets() {
    let others = "\
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop, labels: {metrics: 'yes'}}
spec: {selector: {app: web}}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}}
---
apiVersion: v1
kind: Service
metadata: {name: outside, namespace: shop}
spec: {type: ExternalName, externalName: example.com}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: all, namespace: shop}
spec: {podSelector: {}}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: back, namespace: shop}
spec: {podSelector: {matchExpressions: [{key: tier, operator: NotIn, values: [front]}]}}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: web, namespace: shop}
spec: {minAvailable: 1, selector: {matchExpressions: [{key: app, operator: In, values: [api, web]}]}}
---
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata: {name: web, namespace: monitoring}
spec: {selector: {matchLabels: {metrics: 'yes'}}, namespaceSelector: {matchNames: [shop]}}
";
    assert_eq!(
        linked(&[("a/web.yaml", WEB), ("a/others.yaml", others)]),
        [
            "Deployment.shop.web -owns-> Deployment.shop.web",
            "Deployment.shop.web -selects-> Service.shop.web",
            "Deployment.shop.web -selects-> NetworkPolicy.shop.all",
            "Deployment.shop.web -selects-> PodDisruptionBudget.shop.web",
            "Service.shop.web -selects-> ServiceMonitor.monitoring.web",
        ]
    );
}

#[test]
fn references_link_by_kind_and_name() {
    let others = "\
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web, namespace: shop}
spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}}
---
{apiVersion: v1, kind: ServiceAccount, metadata: {name: runner, namespace: shop}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: settings, namespace: shop}}
---
{apiVersion: v1, kind: Secret, metadata: {name: login, namespace: shop}}
---
{apiVersion: v1, kind: Secret, metadata: {name: login, namespace: other}}
---
{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: data, namespace: shop}}
---
{apiVersion: v1, kind: Namespace, metadata: {name: other}}
---
{apiVersion: v1, kind: LimitRange, metadata: {name: limits, namespace: shop}}
";
    assert_eq!(
        linked(&[("web.yaml", WEB), ("others.yaml", others)]),
        [
            "Deployment.shop.web -limits-> LimitRange.shop.limits",
            "Deployment.shop.web -owns-> Deployment.shop.web",
            "Deployment.shop.web -runs-as-> ServiceAccount.shop.runner",
            "Deployment.shop.web -scales-> HorizontalPodAutoscaler.shop.web",
            "Deployment.shop.web -uses-> ConfigMap.shop.settings",
            "Deployment.shop.web -uses-> Secret.shop.login",
            "Deployment.shop.web -uses-> PersistentVolumeClaim.shop.data",
            "Secret.other.login -in-namespace-> Namespace.default.other",
            "PersistentVolumeClaim.shop.data -limits-> LimitRange.shop.limits",
        ]
    );
}

#[test]
fn routes_and_bindings_link() {
    let text = "\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: new}
spec:
  defaultBackend: {service: {name: fallback, port: {number: 80}}}
  rules: [{http: {paths: [{path: /, backend: {service: {name: web, port: {number: 80}}}}]}}]
---
apiVersion: extensions/v1beta1
kind: Ingress
metadata: {name: old}
spec: {backend: {serviceName: web, servicePort: 80}}
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: route}
spec: {rules: [{backendRefs: [{name: web, port: 80}]}]}
---
{apiVersion: v1, kind: Service, metadata: {name: web}, spec: {}}
---
{apiVersion: v1, kind: Service, metadata: {name: fallback}, spec: {}}
---
{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: reader}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: read, namespace: shop}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: reader}
subjects: [{kind: ServiceAccount, name: robot, namespace: ci}, {kind: User, name: robot}]
---
{apiVersion: v1, kind: ServiceAccount, metadata: {name: robot, namespace: ci}}
";
    assert_eq!(
        linked(&[("a.yaml", text)]),
        [
            "Ingress.default.new -routes-> Service.default.web",
            "Ingress.default.new -routes-> Service.default.fallback",
            "Ingress.default.old -routes-> Service.default.web",
            "HTTPRoute.default.route -routes-> Service.default.web",
            "ClusterRole.default.reader -binds-> RoleBinding.shop.read",
            "RoleBinding.shop.read -subject-> ServiceAccount.ci.robot",
        ]
    );
}

#[test]
fn worlds_do_not_see_each_other() {
    let service =
        "{apiVersion: v1, kind: Service, metadata: {name: web, namespace: shop}, spec: {selector: {tier: front}}}";
    let files = [("base/web.yaml", WEB), ("overlays/prod/web.yaml", WEB), ("overlays/prod/service.yaml", service)];
    let selected = linked(&files).into_iter().filter(|link| link.contains("-selects->")).collect::<Vec<_>>();
    assert_eq!(selected, ["Deployment.shop.web -selects-> Service.shop.web"]);
}

#[test]
fn what_a_template_hides_may_link() {
    let text = "\
{apiVersion: v1, kind: Service, metadata: {name: web}, spec: {selector: {app: '${APP}'}}}
---
{apiVersion: v1, kind: Pod, metadata: {name: web, labels: {app: web}}, spec: {containers: []}}
---
{apiVersion: v1, kind: Secret, metadata: {name: '${SECRET}'}}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web}
spec: {tls: [{secretName: web-tls}], backend: {serviceName: '${NAME}'}}
---
{apiVersion: v1, kind: Pod, metadata: {name: other, namespace: other, labels: {app: web}}, spec: {containers: []}}
";
    assert_eq!(
        linked(&[("a.yaml", text)]),
        [
            "Service.default.web -unknown-> Pod.default.web",
            "Service.default.web -unknown-> Ingress.default.web",
            "Pod.default.web -unknown-> Service.default.web",
            "Secret.default.? -unknown-> Ingress.default.web",
            "Ingress.default.web -unknown-> Service.default.web",
            "Ingress.default.web -unknown-> Secret.default.?",
            "Ingress.default.web spec.backend -unknown-> Ingress.default.web spec.backend",
        ]
    );
}

#[test]
fn backends_lead_to_services_that_have_the_port() {
    let text = "\
{apiVersion: v1, kind: Service, metadata: {name: web}, spec: {ports: [{port: 80, name: http, targetPort: 8080}]}}
---
{apiVersion: v1, kind: Service, metadata: {name: open}, spec: {ports: [{port: '${PORT}'}]}}
---
{apiVersion: v1, kind: Service, metadata: {name: web, namespace: other}, spec: {ports: [{port: 90}]}}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: in}
spec:
  defaultBackend: {service: {name: gone, port: {number: 80}}}
  rules:
    - http:
        paths:
          - backend: {service: {name: web, port: {number: 80}}}
          - backend: {service: {name: web, port: {name: http}}}
          - backend: {service: {name: web, port: {number: 8080}}}
          - backend: {service: {name: open, port: {number: 80}}}
          - backend: {service: {name: '${NAME}', port: {number: 80}}}
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: gate}
spec: {rules: [{backendRefs: [{name: web, port: 90}, {name: web, namespace: other, port: 90}]}]}
---
apiVersion: route.openshift.io/v1
kind: Route
metadata: {name: road}
spec: {to: {kind: Service, name: web}, port: {targetPort: 8080}}
---
apiVersion: route.openshift.io/v1
kind: Route
metadata: {name: any}
spec: {to: {kind: Service, name: web}}
";
    let path = "Ingress.default.in spec.rules[0].http.paths";
    assert_eq!(
        linked_items(text, true),
        [
            format!("Service.default.web -routes-> {path}[0].backend"),
            format!("Service.default.web -routes-> {path}[1].backend"),
            "Service.default.web -routes-> Route.default.road spec.to".to_owned(),
            "Service.default.web -routes-> Route.default.any spec.to".to_owned(),
            "Service.other.web -routes-> HTTPRoute.default.gate spec.rules[0].backendRefs[1]".to_owned(),
            format!("{path}[3].backend -unknown-> {path}[3].backend"),
            format!("{path}[4].backend -unknown-> {path}[4].backend"),
        ]
    );
}

#[test]
fn a_backend_may_lead_to_a_service_whose_name_is_hidden() {
    let text = "\
{apiVersion: v1, kind: Service, metadata: {name: '${NAME}'}, spec: {ports: [{port: 80}]}}
---
{apiVersion: extensions/v1beta1, kind: Ingress, metadata: {name: in}, spec: {backend: {serviceName: web, servicePort: 80}}}
";
    assert_eq!(
        linked_items(text, true),
        ["Ingress.default.in spec.backend -unknown-> Ingress.default.in spec.backend"]
    );
}

#[test]
fn peers_select_workloads_of_their_namespace() {
    let text = "\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: p, namespace: shop}
spec:
  podSelector: {matchLabels: {app: none}}
  ingress:
    - from:
        - {podSelector: {matchLabels: {app: web}}}
        - {podSelector: {matchLabels: {app: gone}}}
        - {podSelector: {matchLabels: {app: '${APP}'}}}
        - {podSelector: {}, namespaceSelector: {}}
        - {ipBlock: {cidr: 10.0.0.0/8}}
  egress: [{to: [{podSelector: {}}]}]
";
    let peer = "NetworkPolicy.shop.p spec.ingress[0].from";
    assert_eq!(
        linked(&[("web.yaml", WEB), ("p.yaml", text)])
            .into_iter()
            .filter(|link| link.contains("spec."))
            .collect::<Vec<_>>(),
        [
            format!("Deployment.shop.web -selects-> {peer}[0]"),
            "Deployment.shop.web -selects-> NetworkPolicy.shop.p spec.egress[0].to[0]".to_owned(),
            format!("{peer}[2] -unknown-> {peer}[2]"),
            format!("{peer}[3] -unknown-> {peer}[3]"),
            format!("{peer}[4] -unknown-> {peer}[4]"),
        ]
    );
}

#[test]
fn ports_of_services_target_declared_ports() {
    let pod = |name: &str, app: &str, container: &str| {
        let spec = format!("spec: {{containers: [{{name: x, image: y{container}}}]}}");
        format!("{{apiVersion: v1, kind: Pod, metadata: {{name: {name}, labels: {{app: {app}}}}}, {spec}}}\n---\n")
    };
    let service = |name: &str, selector: &str, ports: &str| {
        let spec = format!("spec: {{{selector}ports: [{ports}]}}");
        format!("{{apiVersion: v1, kind: Service, metadata: {{name: {name}}}, {spec}}}\n---\n")
    };
    let text = [
        pod("web", "web", ", ports: [{containerPort: 8080, name: http}]"),
        pod("silent", "silent", ""),
        service(
            "web",
            "selector: {app: web}, ",
            "{port: 80, targetPort: http}, {port: 81, targetPort: 8080}, {port: 8080}, {port: 82}, {port: 83, targetPort: '${P}'}",
        ),
        service("silent", "selector: {app: silent}, ", "{port: 80}"),
        service("maybe", "selector: {app: '${APP}'}, ", "{port: 80}"),
        service("gone", "selector: {app: gone}, ", "{port: 80}"),
        service("manual", "", "{port: 80}"),
    ]
    .concat();
    assert_eq!(
        linked_items(text.trim_end_matches("---\n"), false),
        [
            "Pod.default.web -targets-> Service.default.web spec.ports[0]",
            "Pod.default.web -targets-> Service.default.web spec.ports[1]",
            "Pod.default.web -targets-> Service.default.web spec.ports[2]",
            "Service.default.web spec.ports[4] -unknown-> Service.default.web spec.ports[4]",
            "Service.default.silent spec.ports[0] -unknown-> Service.default.silent spec.ports[0]",
            "Service.default.maybe spec.ports[0] -unknown-> Service.default.maybe spec.ports[0]",
            "Service.default.manual spec.ports[0] -unknown-> Service.default.manual spec.ports[0]",
        ]
    );
}

#[test]
fn past_the_bound_everything_may_be_linked() {
    let object = |number| {
        format!(
            "{{apiVersion: v1, kind: Pod, metadata: {{name: p{number}}}, spec: {{containers: []}}}},
             {{apiVersion: v1, kind: NetworkPolicy, metadata: {{name: n{number}}},
               spec: {{egress: [{{to: [{{podSelector: {{}}}}]}}]}}}},"
        )
    };
    let items: String = (0..1_200).map(object).collect();
    let source = source("a.yaml", &format!("{{apiVersion: v1, kind: List, items: [{items}]}}"));
    let mut resources = Vec::new();
    crate::framework::kubernetes::resources(0, &source, &mut resources);
    let links = links(std::slice::from_ref(&source), &resources);
    let cut = |index: usize| links[index].contains(&Link { relation: UNKNOWN, to: index });
    assert!(
        resources.iter().enumerate().filter(|(index, resource)| resource.object == *index).all(|(index, _)| cut(index))
    );
}
