//! What kind of text a file is, by its path: how values are written in it, and what it is for.

/// How values stand in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Syntax {
    /// Program code and JSON: text values are quoted, everything else is an expression.
    Quoted,
    /// YAML, INI, properties, environment files and the like: what follows the separator is the value.
    Plain,
    /// Shell scripts and Dockerfiles: `NAME=value` without blanks, command lines.
    Shell,
    /// Markdown and other text for readers, with code of any kind in it.
    Prose,
    /// XML and HTML.
    Markup,
}

/// What a file is for, as far as its path tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// Texts for translation: names stand before words of a natural language.
    Locale,
    /// Tests, fixtures, examples, documentation.
    Sample,
    /// Settings: configuration, environment, deployment.
    Settings,
    /// Anything else.
    Other,
}

/// The kind of text in the file at `path`.
pub(super) fn syntax(path: &str) -> Syntax {
    let name = file_name(path);
    let extension = extension(name);
    if is_name(name, &["dockerfile", "containerfile", "makefile", "vagrantfile"]) {
        return Syntax::Shell;
    }
    match extension.as_str() {
        "sh" | "bash" | "zsh" | "fish" | "ksh" | "ps1" | "psm1" | "bat" | "cmd" | "dockerfile" | "containerfile"
        | "bats" => Syntax::Shell,
        "md" | "markdown" | "mdx" | "rst" | "adoc" | "asciidoc" | "txt" | "text" | "rdoc" | "org" | "textile"
        | "log" | "rsp" | "tex" => Syntax::Prose,
        "xml" | "html" | "htm" | "xhtml" | "csproj" | "config" | "xaml" | "plist" | "jsp" | "aspx" | "cshtml"
        | "pom" | "vcxproj" | "props" | "targets" | "nuspec" | "resx" | "svg" | "wsdl" | "xsd" | "xsl" | "ftl"
        | "rdp" => Syntax::Markup,
        "yml" | "yaml" | "ini" | "cfg" | "conf" | "cnf" | "env" | "properties" | "example" | "sample" | "dist"
        | "template" | "tpl" | "tmpl" | "j2" | "creds" | "credentials" | "netrc" | "npmrc" | "pypirc" | "pgpass"
        | "toml" | "desktop" | "service" | "local" | "development" | "production" | "staging" | "test" | "cf"
        | "default" | "defaults" | "secret" | "private" | "key" | "prefs" | "reg" | "inf" | "ovpn" | "csv" | "tsv"
        | "oracle" | "eyaml" | "" => Syntax::Plain,

        _ if name.starts_with(".env") => Syntax::Plain,

        _ => Syntax::Quoted,
    }
}

/// What the file at `path` is for.
pub(super) fn role(path: &str) -> Role {
    let lower = path.to_ascii_lowercase();
    let name = file_name(&lower);
    let has_part = |parts: &[&str]| {
        lower.split('/').any(|segment| segment.split(['.', '-', '_']).any(|part| parts.contains(&part)))
    };
    if has_part(&["locale", "locales", "i18n", "l10n", "lang", "langs", "translations", "translation", "languages"])
        || matches!(extension(name).as_str(), "po" | "pot" | "arb" | "resx" | "strings" | "xlf" | "xliff")
        || name == "strings.xml"
        || is_language_file(name)
    {
        return Role::Locale;
    }
    if has_part(&[
        "test",
        "tests",
        "testing",
        "testdata",
        "spec",
        "specs",
        "fixture",
        "fixtures",
        "mock",
        "mocks",
        "example",
        "examples",
        "sample",
        "samples",
        "demo",
        "docs",
        "doc",
        "readme",
        "changelog",
        "testcases",
        "e2e",
        "cassettes",
    ]) {
        return Role::Sample;
    }
    let settings =
        has_part(&["env", "config", "conf", "settings", "deploy", "credentials", "secrets", "values", "compose"]);
    if settings || matches!(syntax(path), Syntax::Plain) {
        return Role::Settings;
    }
    Role::Other
}

/// `messages_de.properties`, `en.json`, `pt-BR.yml`.
fn is_language_file(name: &str) -> bool {
    let Some((stem, extension)) = name.rsplit_once('.') else { return false };
    if !matches!(extension, "json" | "yml" | "yaml" | "properties" | "js" | "ts" | "php") {
        return false;
    }
    let languages = [
        "en", "de", "fr", "es", "it", "pt", "nl", "pl", "ru", "ja", "ko", "zh", "cs", "sv", "da", "fi", "nb", "tr",
        "ar", "he", "hu", "uk", "ro", "vi", "id", "el", "bg", "ca",
    ];
    let stem = stem.split_once('-').map_or(stem, |(language, _)| language);
    languages.contains(&stem) || (name.starts_with("messages_") && stem.len() <= 14)
}

fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// The lower-case text behind the last dot of `name`; of `.env` it is `env`.
fn extension(name: &str) -> String {
    name.rsplit_once('.').map_or_else(String::new, |(_, extension)| extension.to_ascii_lowercase())
}

fn is_name(name: &str, names: &[&str]) -> bool {
    let lower = name.to_ascii_lowercase();
    names
        .iter()
        .any(|known| lower.strip_prefix(known).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '-'])))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn syntax_follows_the_name() {
        assert_eq!(syntax("src/main.go"), Syntax::Quoted);
        assert_eq!(syntax("a/package.json"), Syntax::Quoted);
        assert_eq!(syntax("deploy/values.yaml"), Syntax::Plain);
        assert_eq!(syntax(".env"), Syntax::Plain);
        assert_eq!(syntax(".env.local"), Syntax::Plain);
        assert_eq!(syntax("Dockerfile"), Syntax::Shell);
        assert_eq!(syntax("Dockerfile.alpine"), Syntax::Shell);
        assert_eq!(syntax("README.md"), Syntax::Prose);
        assert_eq!(syntax("web.config"), Syntax::Markup);
        assert_eq!(syntax("LICENSE"), Syntax::Plain);
    }

    #[test]
    fn roles_follow_the_path() {
        assert_eq!(role("src/i18n/strings.ts"), Role::Locale);
        assert_eq!(role("res/messages_de.properties"), Role::Locale);
        assert_eq!(role("public/pt-BR.json"), Role::Locale);
        assert_eq!(role("src/foo_test.go"), Role::Sample);
        assert_eq!(role("docs/setup.md"), Role::Sample);
        assert_eq!(role("config/app.yml"), Role::Settings);
        assert_eq!(role("src/lib.rs"), Role::Other);
    }
}
