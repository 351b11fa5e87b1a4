//! Which files are templates of CloudFormation.

use memchr::memmem;

/// Ends of names of files that may hold templates.
const EXTENSIONS: &[&str] = &[".yaml", ".yml", ".json", ".template", ".cfn", ".cform"];
/// One of these stands in every template.
const WORDS: &[&str] = &["AWSTemplateFormatVersion", "AWS::", "Custom::", "Alexa::"];
/// How the type of a resource begins.
const TYPES: &[&str] = &["AWS::", "Custom::", "Alexa::"];

/// Whether the file at `path` is a template: by `AWSTemplateFormatVersion`, by the transform of the Serverless Application
/// Model, or by resources of its types, all of which have to stand at the top of the document.
#[must_use]
pub fn is_cloudformation(path: &str, text: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    if !EXTENSIONS.iter().any(|extension| name.ends_with(extension)) {
        return false;
    }
    // The cheap look first: most files have none of these words.
    if !WORDS.iter().any(|word| memmem::find(text.as_bytes(), word.as_bytes()).is_some()) {
        return false;
    }
    let text = text.trim_start_matches('\u{feff}');
    if text.trim_start().starts_with('{') { is_json_template(text) } else { is_yaml_template(text) }
}

fn is_yaml_template(text: &str) -> bool {
    let indentation = indentation(text);
    let mut section = "";
    for line in text.lines() {
        if let Some((key, value)) = line.strip_prefix(indentation).and_then(top_key) {
            if key == "AWSTemplateFormatVersion" || (key == "Transform" && value.contains("AWS::Serverless")) {
                return true;
            }
            section = key;
            continue;
        }
        let content = line.trim_start();
        match section {
            "Transform" if content.starts_with('-') && content.contains("AWS::Serverless") => return true,
            "Resources" => {
                let content = content.trim_start_matches(['"', '\'']);
                if let Some(rest) = content.strip_prefix("Type")
                    && is_type(rest)
                {
                    return true;
                }
            }
            _ => {}
        }
    }
    false
}

/// What stands in front of the first line with content: all of the document may be indented.
fn indentation(text: &str) -> &str {
    let is_content = |line: &&str| !line.trim_start().is_empty() && !line.trim_start().starts_with(['#', '-', '%']);
    let line = text.lines().find(is_content).unwrap_or_default();
    line.get(..line.len() - line.trim_start().len()).unwrap_or_default()
}

/// The key that a line begins with, without its quotes, and what stands behind its colon. `None` for lines inside of a
/// section.
fn top_key(line: &str) -> Option<(&str, &str)> {
    let (key, rest) = line.split_once(':')?;
    let is_key = !key.is_empty() && !key.starts_with([' ', '\t', '#', '-', '}']);
    is_key.then(|| (key.trim_end().trim_matches(['"', '\'']), rest))
}

/// Whether what follows the key `Type` is the type of a resource.
fn is_type(rest: &str) -> bool {
    let value = rest.trim_start_matches(['"', '\'']).trim_start();
    let value = value.strip_prefix(':').map(|value| value.trim_start().trim_start_matches(['"', '\'']));
    value.is_some_and(|value| TYPES.iter().any(|start| value.starts_with(start)))
}

/// Looks at the keys of the outermost object.
fn is_json_template(text: &str) -> bool {
    let bytes = text.as_bytes();
    let (mut at, mut depth) = (0, 0_usize);
    let mut section = "";
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            b'"' => {
                let end = string_end(bytes, at + 1);
                let string = text.get(at + 1..end).unwrap_or_default();
                let rest = text.get(end + 1..).unwrap_or_default();
                at = end;
                if depth == 1 && rest.trim_start().starts_with(':') {
                    if string == "AWSTemplateFormatVersion" {
                        return true;
                    }
                    section = string;
                    at += 1;
                    continue;
                }
                let is_resource = section == "Resources" && depth == 3 && string == "Type" && is_type(rest);
                if is_resource || (section == "Transform" && string.starts_with("AWS::Serverless")) {
                    return true;
                }
            }
            _ => {}
        }
        at += 1;
    }
    false
}

/// Where the string that begins at `at` has its closing quote.
fn string_end(bytes: &[u8], mut at: usize) -> usize {
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'"' => break,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_are_known_by_what_stands_at_their_top() {
        for (path, text) in [
            ("a.yaml", "AWSTemplateFormatVersion: '2010-09-09'\nResources: {}\n"),
            ("a.yml", "# comment\n---\n\"AWSTemplateFormatVersion\": 2010-09-09\n"),
            ("a.yaml", "  Resources:\n    A:\n      Type: AWS::S3::Bucket\n"),
            ("a.template", "{\n \"AWSTemplateFormatVersion\" : \"2010-09-09\" }"),
            ("a.template", "\u{feff}AWSTemplateFormatVersion: 2010-09-09\r\n"),
            ("a.yaml", "Transform: AWS::Serverless-2016-10-31\nResources: {}\n"),
            ("a.yaml", "Transform:\n  - AWS::LanguageExtensions\n  - AWS::Serverless-2016-10-31\n"),
            ("a.yaml", "Resources:\n  Logs:\n    Type: AWS::S3::Bucket\n"),
            ("a.yaml", "Resources:\n  Mine:\n    \"Type\": 'Custom::Thing'\n"),
            ("cdk.out/a.template.json", "{\"Resources\": {\"A\": {\"Type\": \"AWS::S3::Bucket\"}}}"),
            (
                "a.json",
                "{\"Parameters\": {\"A\": {\"Type\": \"String\"}}, \"Resources\": {\"A\": {\"Properties\": {}, \"Type\":\"Alexa::ASK::Skill\"}}}",
            ),
        ] {
            assert!(is_cloudformation(path, text), "{path}: {text}");
        }
    }

    #[test]
    fn other_files_are_not() {
        for (path, text) in [
            ("a.md", "AWSTemplateFormatVersion: '2010-09-09'\n"),
            ("serverless.yml", "service: a\nresources:\n  Resources:\n    A:\n      Type: AWS::S3::Bucket\n"),
            ("serverless.json", "{\"resources\": {\"Resources\": {\"A\": {\"Type\": \"AWS::S3::Bucket\"}}}}"),
            ("a.yaml", "stack:\n  AWSTemplateFormatVersion: '2010-09-09'\n"),
            ("a.json", "{\"template\": {\"AWSTemplateFormatVersion\": \"2010-09-09\"}}"),
            ("a.json", "{\"text\": \"{\\\"AWSTemplateFormatVersion\\\": 1}\"}"),
            ("a.json", "{\"text\": \"AWSTemplateFormatVersion\""),
            ("iam.json", "{\"Statement\": [{\"Resource\": \"*\", \"Type\": \"AWS::x\"}]}"),
            ("a.yaml", "Parameters:\n  Type: AWS::EC2::VPC::Id\n"),
            ("rules.yaml", "Rules:\n  - Type: AWS::S3::Bucket\n"),
        ] {
            assert!(!is_cloudformation(path, text), "{path}: {text}");
        }
    }
}
