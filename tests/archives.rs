//! Secrets inside of archives and container images: found, named by their place, within bounds.

#![allow(clippy::unwrap_used, reason = "a helper that panics fails its test, as it should")]

#[allow(dead_code, reason = "each test file uses its part")]
#[path = "common/cli.rs"]
mod cli;

use std::io::{Cursor, Read, Write};

use cli::{Sandbox, cause, places, token};
use serde_json::{Value, json};
use zip::write::SimpleFileOptions;

const NOTHING: [&str; 0] = [];

fn leak(seed: u64) -> Vec<u8> {
    format!("x = '{}'\n", token(seed)).into_bytes()
}

fn tar(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, content) in members {
        let mut header = tar::Header::new_ustar();
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        if name.ends_with('/') {
            header.set_entry_type(tar::EntryType::Directory);
        }
        builder.append_data(&mut header, name, *content).unwrap();
    }
    builder.into_inner().unwrap()
}

fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in members {
        writer.start_file(*name, SimpleFileOptions::default()).unwrap();
        writer.write_all(content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut packed = Vec::new();
    flate2::read::GzEncoder::new(content, flate2::Compression::best()).read_to_end(&mut packed).unwrap();
    packed
}

fn bzip2(content: &[u8]) -> Vec<u8> {
    let mut packed = Vec::new();
    bzip2::read::BzEncoder::new(content, bzip2::Compression::best()).read_to_end(&mut packed).unwrap();
    packed
}

fn xz(content: &[u8]) -> Vec<u8> {
    let mut writer = lzma_rust2::XzWriter::new(Vec::new(), lzma_rust2::XzOptions::with_preset(6)).unwrap();
    writer.write_all(content).unwrap();
    writer.finish().unwrap()
}

fn zstandard(content: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(content, ruzstd::encoding::CompressionLevel::Fastest)
}

/// The findings and the coverage of a scan of one file.
fn scan(name: &str, content: &[u8], arguments: &[&str]) -> Value {
    let sandbox = Sandbox::new();
    sandbox.write(name, content);
    sandbox.scan_json(arguments).1
}

/// What coverage says of `path`, by cause.
fn details(report: &Value, path: &str, cause: &str) -> Vec<String> {
    let entries = report["coverage"]["entries"].as_array().unwrap();
    let of_cause = entries.iter().filter(|entry| entry["path"] == path && entry["cause"] == cause);
    of_cause.map(|entry| entry["detail"].as_str().unwrap().to_owned()).collect()
}

fn facts(report: &Value, index: usize) -> Vec<&str> {
    let facts = report["findings"][index]["evidence"]["facts"].as_array().unwrap();
    facts.iter().map(|fact| fact.as_str().unwrap()).filter(|fact| fact.contains("layer")).collect()
}

#[test]
fn every_form_is_opened_whatever_its_name() {
    let members: &[(&str, &[u8])] = &[("dir/a.py", &leak(1)), ("logo.png", &[0, 1, 2, 3])];
    let archive = tar(members);
    for (form, content) in [
        ("zip", zip(members)),
        ("tar", archive.clone()),
        ("gzip", gzip(&archive)),
        ("bzip2", bzip2(&archive)),
        ("xz", xz(&archive)),
        ("zstandard", zstandard(&archive)),
        (
            "frames",
            [zstandard(&archive[..512]), vec![0x50, 0x2A, 0x4D, 0x18, 1, 0, 0, 0, 9], zstandard(&archive[512..])]
                .concat(),
        ),
        ("streams", [gzip(&archive[..700]), gzip(&archive[700..])].concat()),
    ] {
        let report = scan("some.data", &content, &[]);
        assert_eq!(places(&report), ["some.data!/dir/a.py:1"], "{form}");
        assert_eq!(details(&report, "some.data", "binary"), ["1 member is not text"], "{form}");
        assert_eq!(report["coverage"]["scanned"], 1, "{form}");
        assert_eq!(report["coverage"]["seen"], 3, "{form}");
    }
}

#[test]
fn a_compressed_file_has_one_member() {
    for (name, content, place) in [
        ("x.log.gz", gzip(&leak(1)), "x.log.gz!/x.log:1"),
        ("x.log.xz", xz(&leak(1)), "x.log.xz!/x.log:1"),
        ("x.log.zst", zstandard(&leak(1)), "x.log.zst!/x.log:1"),
        ("x.log.bz2", bzip2(&leak(1)), "x.log.bz2!/x.log:1"),
        ("backup", gzip(&leak(1)), "backup!/backup:1"),
    ] {
        assert_eq!(places(&scan(name, &content, &[])), [place]);
    }
}

#[test]
fn archives_in_archives_are_opened_up_to_the_depth() {
    let inner = zip(&[("c.py", &leak(3))]);
    let middle = gzip(&tar(&[("b.py", &leak(2)), ("c.jar", &inner)]));
    let outer = zip(&[("a.py", &leak(1)), ("lib/b.tgz", &middle)]);
    let found = ["a.zip!/a.py:1", "a.zip!/lib/b.tgz!/b.py:1", "a.zip!/lib/b.tgz!/c.jar!/c.py:1"];
    for (depth, count) in [("4", 3), ("3", 3), ("2", 2), ("1", 1), ("0", 0)] {
        let report = scan("a.zip", &outer, &["--archive-depth", depth]);
        assert_eq!(places(&report), found[..count], "{depth}");
        let too_deep = details(&report, "a.zip", "bound");
        assert_eq!(too_deep.len(), usize::from(matches!(count, 1 | 2)), "{depth}: {too_deep:?}");
    }
    assert_eq!(cause(&scan("a.zip", &outer, &["--archive-depth", "0"]), "a.zip"), Some("binary"));
    let sandbox = Sandbox::new();
    sandbox.write("a.zip", &outer).write("lockgate.toml", "[scan]\narchive-depth = 1\n");
    assert_eq!(places(&sandbox.scan_json(NOTHING).1), found[..1]);
    sandbox.write("lockgate.toml", "[scan]\narchive-depth = 17\n");
    sandbox.scan(NOTHING).expect_error("`scan.archive-depth` must be a number from 0 to 16");
}

#[test]
fn comments_and_baselines_work_on_members() {
    let silenced = format!("x = '{}' # lockgate: ignore[github-personal-access-token] an example\n", token(1));
    let sandbox = Sandbox::new();
    sandbox.write("a.zip", zip(&[("a.py", silenced.as_bytes())])).scan(NOTHING).expect_code(0);
    sandbox.write("a.zip", zip(&[("a.py", &leak(1))])).scan(NOTHING).expect_code(1);
    sandbox.run(["baseline", "create"]);
    sandbox.scan(NOTHING).expect_code(0);
    // Another form of the same content.
    sandbox.write("a.zip", zip(&[("b.py", b"y = 1\n"), ("a.py", &leak(1))])).scan(NOTHING).expect_code(0);
    sandbox.write("a.zip", zip(&[("a.py", &leak(2))])).scan(NOTHING).expect_code(1);
}

#[test]
fn manifests_in_archives_are_examined_for_secrets_alone() {
    let pod = b"apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {hostNetwork: true, containers: [{name: a, image: a}]}\n";
    assert_eq!(places(&scan("a.zip", &zip(&[("pod.yaml", pod)]), &[])), NOTHING);
}

#[test]
fn names_of_members_act_nowhere() {
    let mut archive = tar(&[("aaaaaaaaaaaaaaaaaaaaaaaaa", &leak(1))]);
    archive[..25].copy_from_slice(b"../../\x1b[2J/etc\n/../shadow");
    let sum: u32 = archive[..512]
        .iter()
        .enumerate()
        .map(|(at, &byte)| if (148..156).contains(&at) { 32 } else { u32::from(byte) })
        .sum();
    archive[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    let report = scan("a.tar", &archive, &[]);
    assert_eq!(places(&report), ["a.tar!/\u{fffd}[2J/etc\u{fffd}/shadow:1"]);
}

#[test]
fn what_is_broken_encrypted_or_cut_off_is_said() {
    let mut random = cli::Random(7);
    let noise: Vec<u8> = (0..5000).flat_map(|_| random.next().to_le_bytes()).collect();
    let archive = tar(&[("a.py", &leak(1)), ("noise", &noise), ("b.py", &leak(2))]);
    for content in [archive[..20_000].to_vec(), gzip(&archive)[..20_000].to_vec()] {
        let report = scan("a.tar", &content, &[]);
        assert_eq!(places(&report), ["a.tar!/a.py:1"]);
        assert_eq!(details(&report, "a.tar", "unparsed").len(), 1, "{report:#}");
    }
    let whole = zip(&[("a.py", &leak(1)), ("noise", &noise), ("b.py", &leak(2))]);
    let report = scan("a.zip", &whole[..20_000], &[]);
    assert_eq!(places(&report), ["a.zip!/a.py:1"]);
    assert!(details(&report, "a.zip", "unparsed")[0].contains("no valid central directory"), "{report:#}");
    // The flag of encryption, in the directory.
    let mut encrypted = zip(&[("a.py", &leak(1))]);
    let at = encrypted.windows(4).position(|bytes| bytes == b"PK\x01\x02").unwrap();
    encrypted[at + 8] |= 1;
    let report = scan("a.zip", &encrypted, &[]);
    assert_eq!(details(&report, "a.zip", "unparsed"), ["1 member is encrypted: a.py"]);
    assert_eq!(places(&report), NOTHING);
}

#[test]
fn a_stream_of_zeros_ends_at_the_bound() {
    let mut header = tar::Header::new_gnu();
    header.set_path("zeros").unwrap();
    header.set_size(5 << 30);
    header.set_cksum();
    let mut content = gzip(header.as_bytes());
    let zeros = gzip(&vec![0; 16 << 20]);
    for _ in 0..8 {
        content.extend(&zeros);
    }
    let report = scan("a.tgz", &content, &[]);
    assert_eq!(details(&report, "a.tgz", "bound").len(), 1, "{report:#}");
}

#[test]
fn zips_in_zips_end_at_the_depth() {
    let mut bomb = zip(&[("zeros", &vec![0; 1 << 20])]);
    for _ in 0..7 {
        let copies: Vec<String> = (0..6).map(|copy| format!("{copy}.zip")).collect();
        bomb = zip(&copies.iter().map(|name| (name.as_str(), &bomb[..])).collect::<Vec<_>>());
    }
    let report = scan("42.zip", &bomb, &[]);
    assert_eq!(details(&report, "42.zip", "bound").len(), 1, "{report:#}");
    assert!(report["coverage"]["seen"].as_u64().unwrap() < 3000);
}

/// All members of the directory have the same data.
#[test]
fn members_that_overlap_end_at_the_bound() {
    let line = b"nothing to see\n";
    let mut bomb = zip(&[("member", &line.repeat((12 << 20) / line.len()))]);
    let directory = bomb.windows(4).position(|bytes| bytes == b"PK\x01\x02").unwrap();
    let end = bomb.windows(4).rposition(|bytes| bytes == b"PK\x05\x06").unwrap();
    let (entry, mut record) = (bomb[directory..end].to_vec(), bomb[end..].to_vec());
    bomb.truncate(directory);
    bomb.extend(entry.repeat(100));
    record[12..16].copy_from_slice(&u32::try_from(entry.len() * 100).unwrap().to_le_bytes());
    bomb.extend(record);
    let report = scan("a.zip", &bomb, &[]);
    assert_eq!(details(&report, "a.zip", "bound").len(), 1, "{report:#}");
    assert!(report["coverage"]["bytes"].as_u64().unwrap() <= 100 << 20, "{report:#}");
}

fn configuration(seed: u64) -> Vec<u8> {
    json!({"config": {"Env": [format!("TOKEN={}", token(seed))]}, "rootfs": {"diff_ids": ["sha256:aaaaaaaaaaaaaaaaaaaaaaaa", "sha256:bb", "sha256:cc"]}})
        .to_string()
        .into_bytes()
}

#[test]
fn what_a_later_layer_of_docker_save_deletes_is_found() {
    let base = tar(&[("app/", b""), ("app/.env", &leak(1)), ("app/key.py", &leak(2)), ("opt/x.py", &leak(3))]);
    let middle = tar(&[("app/key.py", &leak(2)), ("opt/.wh..wh..opq", b""), ("opt/y.py", &leak(4))]);
    let last = gzip(&tar(&[("app/.wh..env", b"")]));
    let manifest =
        json!([{"Config": "c.json", "RepoTags": ["a:1"], "Layers": ["1/layer.tar", "2/layer.tar", "3/layer.tar"]}]);
    let image = tar(&[
        // In another order than that of the layers.
        ("3/layer.tar", &last),
        ("2/layer.tar", &middle),
        ("1/layer.tar", &base),
        ("c.json", &configuration(5)),
        ("notes.txt", &leak(6)),
        ("manifest.json", manifest.to_string().as_bytes()),
    ]);
    for content in [image.clone(), gzip(&image)] {
        let report = scan("image.tar", &content, &[]);
        assert_eq!(
            places(&report),
            [
                "image.tar!/app/.env:1",
                "image.tar!/app/key.py:1",
                "image.tar!/config.json:1",
                "image.tar!/notes.txt:1",
                "image.tar!/opt/x.py:1",
                "image.tar!/opt/y.py:1",
            ]
        );
        assert_eq!(facts(&report, 0), ["layer 1 of 3 (sha256:aaaaaaaaaaaa…)", "deleted in layer 3"]);
        assert_eq!(facts(&report, 1), ["layer 1 of 3 (sha256:aaaaaaaaaaaa…)", "replaced in layer 2"]);
        assert_eq!(facts(&report, 4), ["layer 1 of 3 (sha256:aaaaaaaaaaaa…)", "deleted in layer 2"]);
        assert_eq!(facts(&report, 5), ["layer 2 of 3 (sha256:bb)"]);
    }
}

#[test]
fn the_layers_of_an_oci_layout_are_read() {
    let first = gzip(&tar(&[("etc/a.py", &leak(1))]));
    let second = zstandard(&tar(&[("etc/.wh.a.py", b"")]));
    let layer = |digest: &str, form: &str| json!({"mediaType": format!("application/vnd.oci.image.layer.v1.tar+{form}"), "digest": format!("sha256:{digest}")});
    let manifest = json!({"schemaVersion": 2, "config": {"digest": "sha256:cf"},
        "layers": [layer("01", "gzip"), layer("02", "zstd"), layer("03", "gzip")]});
    let index = |digest: &str, kind: &str| {
        let media_type = format!("application/vnd.oci.image.{kind}.v1+json");
        json!({"schemaVersion": 2, "manifests": [{"mediaType": media_type, "digest": format!("sha256:{digest}")}]})
            .to_string()
    };
    let image = tar(&[
        ("oci-layout", br#"{"imageLayoutVersion": "1.0.0"}"#),
        ("index.json", index("1d", "index").as_bytes()),
        ("blobs/sha256/1d", index("3f", "manifest").as_bytes()),
        ("blobs/sha256/3f", manifest.to_string().as_bytes()),
        ("blobs/sha256/cf", &configuration(2)),
        ("blobs/sha256/01", &first),
        ("blobs/sha256/02", &second),
    ]);
    let report = scan("image.tar", &image, &[]);
    assert_eq!(places(&report), ["image.tar!/config.json:1", "image.tar!/etc/a.py:1"]);
    assert_eq!(facts(&report, 1), ["layer 1 of 3 (sha256:01)", "deleted in layer 2"]);
    assert_eq!(details(&report, "image.tar", "missing"), ["1 layer is not in the archive: blobs/sha256/03"]);
}
