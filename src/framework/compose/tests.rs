use std::fmt::Write;

use super::{resources as resources_of, *};
use crate::document::node::{Node, Value};
use crate::framework::Link;
use crate::framework::shown::show;

fn source(path: &str, text: &str) -> Source {
    Source {
        path: path.into(),
        text: text.into(),
        platform: Platform::Compose,
        document: read(path, text),
        hcl: None,
        rust: crate::framework::rust::Pieces::default(),
        part: None,
    }
}

fn all(sources: &[Source]) -> Vec<Resource<'_>> {
    let files = Files::new(sources);
    let mut resources = Vec::new();
    for index in 0..sources.len() {
        resources_of(index, &files, &mut resources);
    }
    resources
}

fn find<'r, 'a>(resources: &'r [Resource<'a>], address: &str) -> &'r Resource<'a> {
    resources.iter().find(|resource| &*resource.address == address).unwrap()
}

fn show_at(resource: &Resource<'_>, keys: &[&str]) -> String {
    resource.body.at(keys).map_or_else(|| "-".to_owned(), show)
}

fn text_at(source: &Source, span: Span) -> &str {
    &source.text[span.start..span.end]
}

const STACK: &str = r#"name: shop
services:
  web:
    image: "ghcr.io/acme/web:${TAG:-1.4}"
    build: ./web
    ports:
      - "127.0.0.1:8001:80/tcp"
      - "443:8443"
      - 3000-3005
      - target: 9000
        published: "9000"
        host_ip: 0.0.0.0
      - "127.0.0.1:${PORT}:81"
    environment:
      - MODE=production
      - DB_PASSWORD=${DB_PASSWORD}
      - HOME
    volumes:
      - assets:/srv/assets
      - /var/run/docker.sock:/var/run/docker.sock:ro
      - type: bind
        source: /etc/ssl/
        target: /etc/ssl
        read_only: true
    depends_on: [db]
    networks:
      front:
        aliases: [www]
    secrets:
      - source: token
        target: /run/token
    healthcheck:
      test: ["NONE"]
    user: $APP_USER
    command: ["serve", "--price", "$$5"]
  db:
    image: postgres:${PG_VERSION}
    environment:
      POSTGRES_PASSWORD: hunter2
      PGTZ:
    env_file: .env
    volumes:
      - assets:/backup
    networks: [front, back]
    deploy:
      resources:
        limits:
          memory: 512M
networks:
  front:
  back:
    internal: true
volumes:
  assets:
secrets:
  token:
    file: ./token.txt
"#;

#[test]
fn a_stack_lists_what_it_declares() {
    let sources = [source("docker-compose.yml", STACK)];
    let resources = all(&sources);
    let names: Vec<(&str, &str)> = resources.iter().map(|r| (&*r.kind, &*r.address)).collect();
    assert_eq!(
        names,
        [
            ("file", "compose"),
            ("service", "services.web"),
            ("service", "services.db"),
            ("network", "networks.front"),
            ("network", "networks.back"),
            ("volume", "volumes.assets"),
            ("secret", "secrets.token"),
        ]
    );
    let web = find(&resources, "services.web");
    assert_eq!(text_at(&sources[0], web.header), "web");
    assert!(text_at(&sources[0], web.extent).starts_with("web:\n    image"));
    assert_eq!(web.object, 1);
    assert_eq!(web.scopes[0].name, "file");
    assert_eq!(web.scopes[0].node.get("name").and_then(Node::as_str), Some("shop"));
}

#[test]
fn short_forms_are_written_out() {
    let sources = [source("docker-compose.yml", STACK)];
    let resources = all(&sources);
    let web = find(&resources, "services.web");
    assert_eq!(show_at(web, &["image"]), "ghcr.io/acme/web:1.4");
    assert_eq!(show_at(web, &["image_parts"]), "{registry: ghcr.io, repository: acme/web, tag: 1.4}");
    assert_eq!(show_at(web, &["build"]), "{context: ./web}");
    assert_eq!(
        show_at(web, &["published_ports"]),
        "[{host_ip: 127.0.0.1, published: 8001, target: 80, protocol: tcp}, \
         {published: 443, target: 8443, protocol: tcp}, {target: 3000-3005, protocol: tcp}, \
         {target: 9000, published: 9000, host_ip: 0.0.0.0, protocol: tcp}, \
         {host_ip: 127.0.0.1, published: ?, target: 81, protocol: tcp}]"
    );
    assert_eq!(
        show_at(web, &["mounts"]),
        "[{type: volume, source: assets, target: /srv/assets, read_only: false}, \
         {type: bind, source: /var/run/docker.sock, target: /var/run/docker.sock, read_only: true}, \
         {type: bind, source: /etc/ssl, target: /etc/ssl, read_only: true}]"
    );
    assert_eq!(
        show_at(web, &["environment_entries"]),
        "[{name: MODE, value: production}, {name: DB_PASSWORD, value: ?}, {name: HOME, value: ?}]"
    );
    assert_eq!(show_at(web, &["network_names"]), "[front]");
    assert_eq!(show_at(web, &["secret_names"]), "[token]");
    assert_eq!(show_at(web, &["healthcheck", "disable"]), "true");
    assert_eq!(show_at(web, &["user"]), "?");
    assert_eq!(show_at(web, &["command"]), "[serve, --price, $5]");
    let port = &web.body.get("published_ports").and_then(Node::as_sequence).unwrap()[0];
    assert_eq!(text_at(&sources[0], port.span), "\"127.0.0.1:8001:80/tcp\"");

    let db = find(&resources, "services.db");
    assert_eq!(show_at(db, &["image_parts"]), "{repository: postgres, tag: ?, digest: ?}");
    assert_eq!(
        show_at(db, &["environment_entries"]),
        "[{name: POSTGRES_PASSWORD, value: hunter2}, {name: PGTZ, value: ?}, ?]"
    );
    assert_eq!(show_at(db, &["deploy", "resources", "limits", "memory"]), "512M");
}

#[test]
fn services_are_linked_from_both_ends() {
    let sources = [source("docker-compose.yml", STACK)];
    let resources = all(&sources);
    let links = links(&sources, &resources);
    let at = |address: &str| resources.iter().position(|r| &*r.address == address).unwrap();
    for (from, relation, to) in [
        ("services.web", "depends-on", "services.db"),
        ("services.web", "shares-volume", "services.db"),
        ("services.web", "uses", "networks.front"),
        ("services.db", "uses", "networks.back"),
        ("services.db", "uses", "volumes.assets"),
        ("services.web", "uses", "secrets.token"),
    ] {
        assert!(links.contains(&(at(from), Link { relation, to: at(to) })), "{from} {relation} {to}");
        assert!(links.contains(&(at(to), Link { relation, to: at(from) })), "{to} {relation} {from}");
    }
    assert!(!links.contains(&(at("services.web"), Link { relation: "uses", to: at("networks.back") })));
}

#[test]
fn files_do_not_share_their_volumes() {
    let text = "services:\n  a:\n    image: x\n    volumes: [data:/data]\nvolumes:\n  data:\n";
    let sources = [source("one/compose.yml", text), source("two/compose.yml", text)];
    let resources = all(&sources);
    assert!(links(&sources, &resources).iter().all(|(_, link)| link.relation == "uses"));
    assert_eq!(links(&sources, &resources).len(), 4);
}

#[test]
fn a_volume_of_many_services_is_linked_without_all_pairs() {
    let mut text = String::from("services:\n");
    for index in 0..2_000 {
        let _ = write!(text, "  s{index}:\n    image: x\n    volumes: ['/data:/data']\n");
    }
    let sources = [source("compose.yml", &text)];
    let resources = all(&sources);
    assert_eq!(links(&sources, &resources).len(), 2 * 1_999);
}

#[test]
fn a_service_takes_what_it_extends() {
    let text = r"services:
  base:
    image: acme/base:1
    cap_add: [SYS_ADMIN]
    command: [a, b]
    environment:
      A: '1'
      B: '2'
    volumes:
      - old:/data
      - /tmp:/tmp
    read_only: true
    build: ./base
    privileged: true
  middle:
    extends: base
    cap_add: [NET_ADMIN]
  web:
    extends:
      service: middle
    command: [c]
    environment:
      - B=3
      - C=4
    volumes:
      - new:/data
    privileged: !reset null
    build:
      target: prod
";
    let sources = [source("compose.yml", text)];
    let resources = all(&sources);
    let web = find(&resources, "services.web");
    assert_eq!(show_at(web, &["image"]), "acme/base:1");
    assert_eq!(show_at(web, &["cap_add"]), "[SYS_ADMIN, NET_ADMIN]");
    assert_eq!(show_at(web, &["command"]), "[c]");
    assert_eq!(show_at(web, &["environment"]), "{A: 1, B: 3, C: 4}");
    assert_eq!(show_at(web, &["volumes"]), "[/tmp:/tmp, new:/data]");
    assert_eq!(show_at(web, &["build"]), "{context: ./base, target: prod}");
    assert_eq!(show_at(web, &["privileged"]), "-");
    assert_eq!(show_at(web, &["read_only"]), "true");
    let image = web.body.get("image").unwrap();
    assert_eq!(text_at(&sources[0], image.span), "acme/base:1");
    assert_eq!(show_at(find(&resources, "services.base"), &["cap_add"]), "[SYS_ADMIN]");
}

#[test]
fn anchors_and_fragments_are_merged_in() {
    let text = r"x-defaults: &defaults
  restart: always
  cap_drop: [ALL]
x-environment: &environment
  MODE: ${MODE:-prod}
services:
  web:
    <<: *defaults
    image: acme/web:1
    cap_drop: [NET_RAW]
    environment:
      <<: *environment
      PORT: '80'
";
    let sources = [source("compose.yml", text)];
    let resources = all(&sources);
    let web = find(&resources, "services.web");
    assert_eq!(show_at(web, &["restart"]), "always");
    assert_eq!(show_at(web, &["cap_drop"]), "[NET_RAW]");
    let entries = web.body.get("environment_entries").and_then(Node::as_sequence).unwrap();
    let mut entries: Vec<String> = entries.iter().map(show).collect();
    entries.sort();
    assert_eq!(entries, ["{name: MODE, value: prod}", "{name: PORT, value: 80}"]);
    let restart = web.body.get("restart").unwrap();
    assert_eq!(text_at(&sources[0], restart.span), "always");
}

#[test]
fn what_comes_from_another_file_stands_at_extends() {
    let sources = [
        source(
            "app/compose.yml",
            "services:\n  web:\n    extends:\n      file: ../shared/base.yml\n      service: base\n    image: web\n",
        ),
        source(
            "shared/base.yml",
            "services:\n  base:\n    image: base\n    privileged: true\n    ports: ['80:80']\n    environment: ['A=${B}']\n",
        ),
    ];
    let resources = all(&sources);
    let web = find(&resources, "services.web");
    assert_eq!(show_at(web, &["image"]), "web");
    assert_eq!(show_at(web, &["published_ports"]), "[{published: 80, target: 80, protocol: tcp}]");
    assert_eq!(show_at(web, &["environment_entries"]), "[?]");
    let privileged = web.body.entry("privileged").unwrap();
    assert!(text_at(&sources[0], privileged.value.span).starts_with("extends:\n      file: ../shared"));
    assert_eq!(privileged.key.span, privileged.value.span);
    let Value::Mapping(body) = &web.body.value else { panic!("a service is a mapping") };
    assert!(!body.is_open);
}

#[test]
fn what_cannot_be_taken_leaves_a_service_open() {
    for text in [
        "services:\n  web:\n    extends: {file: ../../outside.yml, service: x}\n    image: a\n",
        "services:\n  web:\n    extends: {file: /etc/x.yml, service: x}\n    image: a\n",
        "services:\n  web:\n    extends: {file: \"${FILE}\", service: x}\n    image: a\n",
        "services:\n  web:\n    extends: nothing\n    image: a\n",
        "services:\n  web:\n    extends: web\n    image: a\n",
        "services:\n  web:\n    extends: b\n    image: a\n  b:\n    extends: web\n",
    ] {
        let sources = [source("a/compose.yml", text)];
        let resources = all(&sources);
        let web = find(&resources, "services.web");
        assert_eq!(show_at(web, &["image"]), "a", "{text}");
        assert!(show(&web.body).ends_with("…}"), "{text}");
    }
}

#[test]
fn services_that_extend_a_heavy_one_do_not_multiply_it() {
    let mut text = String::from("services:\n  heavy:\n    cap_add:\n");
    text += &"      - NET_ADMIN\n".repeat(20_000);
    for index in 0..1_000 {
        let _ = write!(text, "  s{index}:\n    extends: heavy\n");
    }
    let sources = [source("compose.yml", &text)];
    let resources = all(&sources);
    assert_eq!(resources.len(), 1_002);
    assert_eq!(find(&resources, "services.s0").body.at(&["cap_add"]).unwrap().as_sequence().unwrap().len(), 20_000);
    assert_eq!(show(&find(&resources, "services.s999").body), "{extends: heavy, …}");
}

#[test]
fn odd_shapes_are_no_trouble() {
    for text in [
        "",
        "services:\n",
        "services: [a, b]\n",
        "services:\n  web:\n",
        "services:\n  web: text\n",
        "services:\n  web: {ports: 80, volumes: {a: b}, environment: 3, networks: x, build: [], extends: [], image: []}\n",
        "services:\n  1: {image: x}\n  ? [a]\n  : {image: y}\n",
        "a: 'open\n",
        "services:\n  web: {extends: {}, healthcheck: {test: []}, depends_on: {a: {}}}\n",
    ] {
        let sources = [source("compose.yml", text)];
        let resources = all(&sources);
        let _ = links(&sources, &resources);
        for resource in &resources {
            assert!(resource.extent.end <= text.len(), "{text}");
        }
    }
    assert_eq!(read("compose.yml", "a: 'open\n").errors.len(), 1);
}
