//! Which files are read as configurations, and which of those that they name.

use super::*;

#[test]
fn only_the_file_at_the_root_is_discovered() {
    let root = tempfile::tempdir().unwrap();
    let sub = root.path().join("sub");
    fs::create_dir(&sub).unwrap();
    fs::write(root.path().join(FILE_NAME), "[gate]\nseverity = 'high'").unwrap();
    assert_eq!(Config::discover(root.path()).unwrap().settings.gate.severity, Severity::High);
    assert_eq!(Config::discover(&sub).unwrap().settings, Settings::default());
    // A single file that is scanned has no configuration.
    assert_eq!(Config::discover(&root.path().join(FILE_NAME)).unwrap().settings, Settings::default());
}

#[test]
fn files_that_are_no_configuration_are_refused() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("big.toml");
    fs::write(&path, "#".repeat(1 << 20)).unwrap();
    assert!(Config::load(&path).is_ok());
    fs::write(&path, "#".repeat((1 << 20) + 1)).unwrap();
    assert_eq!(Config::load(&path).unwrap_err()[0].problem, Problem::TooLarge(ByteSize::mebibytes(1)));
    assert_eq!(Config::load(root.path()).unwrap_err()[0].problem, Problem::NotRegular);
    let missing = Config::load(&root.path().join("none.toml")).unwrap_err();
    assert!(matches!(missing[0].problem, Problem::Unreadable(_)));
    assert!(missing[0].to_string().contains("none.toml: cannot be read: "));
}

#[cfg(unix)]
#[test]
fn links_are_followed_inside_the_tree_only() {
    use std::os::unix::fs::symlink;

    let outside = tempfile::tempdir().unwrap();
    let root = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("x.toml"), "[gate]\nseverity = 'critical'").unwrap();
    let link = root.path().join(FILE_NAME);

    symlink(outside.path().join("x.toml"), &link).unwrap();
    assert_eq!(Config::discover(root.path()).unwrap_err()[0].problem, Problem::LinkOutside);
    // Its user may name it all the same.
    assert_eq!(Config::load(&link).unwrap().settings.gate.severity, Severity::Critical);
    fs::remove_file(&link).unwrap();

    symlink("missing.toml", &link).unwrap();
    assert!(matches!(Config::discover(root.path()).unwrap_err()[0].problem, Problem::Unreadable(_)));
    fs::remove_file(&link).unwrap();

    fs::write(root.path().join("real.toml"), "[gate]\nseverity = 'low'").unwrap();
    symlink("real.toml", &link).unwrap();
    assert_eq!(Config::discover(root.path()).unwrap().settings.gate.severity, Severity::Low);
}

#[cfg(unix)]
#[test]
fn packs_and_baseline_stay_beside_the_configuration() {
    use std::os::unix::fs::symlink;

    let outside = tempfile::tempdir().unwrap();
    let root = tempfile::tempdir().unwrap();
    fs::create_dir(root.path().join("packs")).unwrap();
    symlink(outside.path(), root.path().join("away")).unwrap();
    let config = |text: &str| Config::parse(text.as_bytes(), FILE_NAME, root.path()).unwrap();

    let good = config("[rules]\npacks = ['packs']\n[baseline]\npath = 'new/known.json'");
    assert_eq!(good.pack_paths(), Ok(vec![root.path().join("packs")]));
    assert_eq!(good.baseline_path(), Ok(root.path().join("new/known.json")));

    let bad = config("[rules]\npacks = ['none', 'away']\n[baseline]\npath = 'away/known.json'");
    let errors = bad.pack_paths().unwrap_err();
    assert!(errors[0].to_string().starts_with("lockgate.toml:2:10: `none` cannot be read: "), "{}", errors[0]);
    assert!(errors[1].to_string().starts_with("lockgate.toml:2:18: `away` is a symbolic link that leads out"));
    let error = bad.baseline_path().unwrap_err().to_string();
    assert!(error.starts_with("lockgate.toml:4:8: `away/known.json` is a symbolic link that leads out"), "{error}");

    assert_eq!(Config::default().baseline_path(), Ok(Path::new("lockgate-baseline.json").to_owned()));
}
