//! Configurations that extend others.

use super::*;

/// A configuration over others, by name.
fn extended(files: &[(&str, &str)]) -> Result<Config, String> {
    let (_, first) = files[0];
    let config = parse(first).unwrap();
    let read = &mut |what: &Extends, _: Option<&str>, _: &Config| {
        let Extends::File(name) = what else { return Err("is of a commit".to_owned()) };
        let file = files.iter().find(|(file, _)| file == name).ok_or("is not there")?;
        let base = Some(Path::new("").to_path_buf());
        Ok(Extended { bytes: file.1.as_bytes().to_vec(), file: name.clone(), base, identity: name.clone() })
    };
    config.with_extended(read).map_err(|errors| in_words(&errors))
}

#[test]
fn a_file_takes_over_what_it_extends_and_may_say_otherwise() {
    let base = "
        [scan]
        exclude = ['a']
        archive-depth = 2
        [rules]
        disable = ['x']
        [rules.severity]
        one = 'low'
        two = 'low'
        [gate]
        severity = 'high'
        confidence = 'high'
        unsuppressible = ['u']
        [gate.secret]
        severity = 'low'
        confidence = 'low'
        [[gate.policy]]
        name = 'base final'
        final = true
        [[gate.policy]]
        name = 'base'
        [[waiver]]
        rule = 'w'
        path = 'p'
        reason = 'r'";
    let own = "
        extends = 'base'
        [scan]
        exclude = ['b']
        [rules]
        disable = ['y']
        [rules.severity]
        two = 'high'
        [gate]
        severity = 'critical'
        unsuppressible = ['v']
        [gate.secret]
        confidence = 'high'
        [[gate.policy]]
        name = 'own'
        [[waiver]]
        rule = 'v'
        path = 'p'
        reason = 'r'";
    let config = extended(&[("own", own), ("base", base)]).unwrap();
    let settings = &config.settings;
    assert_eq!((&settings.scan.exclude[..], settings.scan.archive_depth), (&["a".to_owned(), "b".to_owned()][..], 2));
    assert_eq!(settings.rules.disable.iter().map(|one| one.value.as_str()).collect::<Vec<_>>(), ["x", "y"]);
    assert_eq!(
        (settings.rules.severity["one"].value, settings.rules.severity["two"].value),
        (Severity::Low, Severity::High)
    );
    let policy = settings.policy(None);
    assert_eq!(policy.default, Threshold { severity: Severity::Critical, confidence: Confidence::High });
    assert_eq!(policy.threshold(Category::Secret), Threshold { severity: Severity::Low, confidence: Confidence::High });
    assert!(policy.is_unsuppressible("u") && policy.is_unsuppressible("v"));
    assert_eq!(
        policy.entries.iter().map(|entry| entry.name.as_str()).collect::<Vec<_>>(),
        ["base final", "own", "base"]
    );
    let waivers = config.waivers(Path::new("/nowhere"));
    let named: Vec<(&str, &str)> = waivers.iter().map(|one| (one.rule.as_str(), &*one.location.path)).collect();
    assert_eq!(named, [("v", FILE_NAME), ("w", "base")]);
    // Unknown ids are told in the file that has them, once.
    let errors = in_words(&config.check_rule_ids(["x", "one", "two", "u", "v", "w"].into_iter()));
    assert!(
        errors.contains("lockgate.toml:6:20: unknown rule id `y`") && errors.matches("unknown").count() == 1,
        "{errors}"
    );
    let errors = in_words(&config.check_rule_ids(["y", "one", "two", "u", "v", "w"].into_iter()));
    assert!(errors.contains("base:6:20: unknown rule id `x`") && errors.matches("unknown").count() == 1, "{errors}");
}

#[test]
fn what_is_final_cannot_be_set_by_who_extends_it() {
    let cases = [
        (
            "final = ['gate']",
            "[gate]\nseverity = 'low'",
            Some("lockgate.toml:3:1: `gate.severity` is final in base; remove it here"),
        ),
        ("final = ['gate']", "[gate.secret]\nseverity = 'low'", Some("`gate.secret` is final")),
        ("final = ['gate.severity']", "[gate]\nconfidence = 'low'", None),
        ("final = ['gate.severity']", "[gate]\nseverity = 'low'", Some("`gate.severity` is final")),
        ("final = ['waiver']", "[[waiver]]\nrule = 'x'\npath = 'x'\nreason = 'x'", Some("`waiver` is final")),
        ("final = ['rules.disable']", "[rules]\nenable = ['x']", None),
        ("final = ['rules.disable']", "[rules]\ndisable = ['x']", Some("`rules.disable` is final")),
        ("", "[rules]\ndisable = ['x']", None),
    ];
    for (base, own, expected) in cases {
        let own = format!("extends = 'base'\n{own}");
        let middle = format!("extends = 'base2'\n{}", "[report]\nseverity = 'low'");
        // It makes no difference how many files lie in between.
        let own_far = own.replace("'base'", "'middle'");
        let far = extended(&[("own", &own_far), ("middle", &middle), ("base2", base)]);
        for found in [extended(&[("own", &own), ("base", base)]), far] {
            match (found, expected) {
                (Ok(_), None) => {}
                (Err(error), Some(words)) => {
                    assert!(error.contains(&words.replace(" in base; remove it here", "")), "{base} {own}: {error}");
                }
                (found, _) => panic!("{base} {own}: {found:?}"),
            }
        }
    }
}

#[test]
fn files_that_extend_each_other_have_an_end() {
    let error = extended(&[("own", "extends = 'a'"), ("a", "extends = 'b'"), ("b", "extends = 'a'")]).unwrap_err();
    assert!(error.contains("b:1:11: `a` extends itself in the end"), "{error}");
    let names = ["a", "b", "c", "d", "e", "f"];
    let texts: Vec<String> = names.iter().skip(1).map(|name| format!("extends = '{name}'")).collect();
    let mut files: Vec<(&str, &str)> = names.iter().copied().zip(texts.iter().map(String::as_str)).collect();
    files.push(("f", ""));
    assert!(extended(&files).unwrap_err().contains("at most 4 files extend each other"));
    assert!(extended(&files[1..]).is_ok());
    assert!(extended(&[("own", "extends = 'x'")]).unwrap_err().contains("lockgate.toml:1:11: `x` is not there"));
    let error = extended(&[("own", "extends = 'a'"), ("a", "[baseline]\npath = 'x'\n")]).unwrap_err();
    assert!(error.contains("a:2:1: `baseline.path` has no place in a file that others extend"), "{error}");
    let error = extended(&[("own", "extends = 'a'"), ("a", "foo = 1")]).unwrap_err();
    assert!(error.contains("a:1:1: unknown key `foo`"), "{error}");
}
