//! The packages that a command installs, and their versions after the syntax of each package manager.

use super::command::Arguments;
use super::nodes::{Attributes, word};
use crate::document::excerpt::Word;
use crate::document::node::Node;
use crate::span::Span;

/// Whether `subcommand` installs the packages that it names.
pub(super) fn installs(tool: &str, subcommand: &str) -> bool {
    match tool {
        "apt-get" | "apt" | "aptitude" => matches!(subcommand, "install" | "reinstall" | "source-install"),
        "pip" | "cargo" | "uv" => subcommand == "install",
        "gem" => matches!(subcommand, "install" | "i"),
        "conda" | "mamba" | "micromamba" => matches!(subcommand, "install" | "create"),
        "apk" | "poetry" => subcommand == "add",
        "yum" | "microdnf" | "tdnf" => {
            matches!(subcommand, "install" | "localinstall" | "groupinstall" | "reinstall")
        }
        "dnf" | "dnf5" => {
            matches!(subcommand, "install" | "in" | "localinstall" | "groupinstall" | "reinstall" | "rei")
        }
        "zypper" => matches!(subcommand, "install" | "in" | "source-install" | "si"),
        "npm" => matches!(subcommand, "install" | "i" | "add" | "in" | "ins" | "isntall"),
        "yarn" | "pnpm" => matches!(subcommand, "add" | "install" | "i"),
        "go" => matches!(subcommand, "install" | "get" | "run"),
        _ => false,
    }
}

/// The list of packages; `None` when the command installs none by name.
pub(super) fn node(span: Span, arguments: &Arguments) -> Option<Node> {
    let (subcommand, operands) = arguments.subcommand();
    if !installs(arguments.tool, subcommand?.as_str()) {
        return None;
    }
    // `gem install -v 1.2 name`, `cargo install --version 1.2 name`.
    let common = match arguments.tool {
        "gem" => &["-v", "--version"][..],
        "cargo" => &["--version", "--vers", "--git", "--path"],
        _ => &[],
    };
    let common = arguments.options.iter().find(|(name, _)| common.contains(&name.as_str())).map(|(_, value)| value);
    let items = operands.iter().map(|operand| package(arguments.tool, operand, common)).collect();
    Some(Node::sequence(span, items))
}

fn package(tool: &str, operand: &Word, common: Option<&Node>) -> Node {
    let text = operand.as_str();
    let mut attributes = Attributes::new(operand.span);
    attributes.node("text", word(operand));
    let local = is_local(tool, text);
    let cut = if local { None } else { version(tool, text) };
    if let Some((name, operator, version)) = cut {
        let is_known = |part: &str| operand.is_known || !part.contains(['$', '`']);
        attributes.known("name", operand.span, is_known(name).then(|| name.to_owned()));
        attributes.text("operator", operand.span, operator);
        attributes.known("version", operand.span, is_known(version).then(|| version.to_owned()));
    } else {
        attributes.node("name", word(operand));
        if local {
            attributes.node("version", word(operand));
        } else if let Some(common) = common {
            attributes.node("version", common.clone());
        } else if !operand.is_known {
            // The version may stand in the variable.
            attributes.node("version", Node::unknown(operand.span));
        }
    }
    attributes.flag("is_local", operand.span, local);
    attributes.finish()
}

/// Whether it is a file, an address or a repository, which is what it is without a version.
fn is_local(tool: &str, text: &str) -> bool {
    let has_suffix = |suffixes: &[&str]| suffixes.iter().any(|suffix| text.ends_with(suffix));
    if text.contains("://") || text.starts_with(['/', '~']) || text.starts_with("./") || text.starts_with("../") {
        return true;
    }
    match tool {
        "apt-get" | "apt" | "aptitude" => has_suffix(&[".deb"]),
        "apk" => has_suffix(&[".apk"]),
        "yum" | "dnf" | "dnf5" | "microdnf" | "tdnf" | "zypper" => has_suffix(&[".rpm"]),
        "pip" => matches!(text, "." | "..") || text.starts_with(".[") || has_suffix(&[".whl", ".tar.gz", ".zip"]),
        "npm" | "yarn" | "pnpm" => {
            matches!(text, "." | "..")
                || text.starts_with("git+")
                || text.starts_with("file:")
                || text.starts_with("github:")
                || has_suffix(&[".tgz", ".tar.gz", ".git"])
        }
        "gem" => has_suffix(&[".gem"]),
        "go" => text == "." || text == "all",
        _ => false,
    }
}

/// A package as name, operator and version; `None` without a version.
fn version<'t>(tool: &str, text: &'t str) -> Option<(&'t str, &'t str, &'t str)> {
    let cut = |operators: &[&str]| {
        let at = text.find(|c| operators.iter().any(|operator| operator.starts_with(c)))?;
        let rest = text.get(at..)?;
        let operator = operators.iter().find(|operator| rest.starts_with(**operator))?;
        Some((text.get(..at)?, rest.get(..operator.len())?, rest.get(operator.len()..)?.trim()))
    };
    let found = match tool {
        "apt-get" | "apt" | "aptitude" => cut(&["=", "/"]),
        "apk" => cut(&["~=", ">=", "<=", "=", "~", ">", "<"]),
        "yum" | "dnf" | "dnf5" | "microdnf" | "tdnf" => {
            if text.starts_with('@') {
                cut(&[":"])
            } else {
                cut(&["=", ":"]).or_else(|| rpm_version(text))
            }
        }
        "zypper" => cut(&[">=", "<=", "=", ">", "<"]).or_else(|| rpm_version(text)),
        "pip" | "uv" | "poetry" => cut(&["===", "==", "~=", ">=", "<=", "!=", ">", "<", "@"]),
        "conda" | "mamba" | "micromamba" => cut(&["==", ">=", "<=", "=", ">", "<"]),
        "gem" => cut(&[":"]),
        "cargo" | "go" => cut(&["@"]),
        "npm" | "yarn" | "pnpm" => {
            let at = text.rfind('@').filter(|&at| at > 0)?;
            Some((text.get(..at)?, text.get(at..=at)?, text.get(at + 1..)?))
        }
        _ => None,
    };
    found.filter(|(_, _, version)| !version.is_empty())
}

/// `name-version` and `name-version-release`: a part behind a dash that begins with a digit, up to the end.
fn rpm_version(text: &str) -> Option<(&str, &str, &str)> {
    let begins = |part: &str| part.starts_with(|c: char| c.is_ascii_digit() || c == '$');
    let (front, last) = text.rsplit_once('-')?;
    if let Some((name, version)) = front.rsplit_once('-')
        && begins(version)
        && begins(last)
    {
        return Some((name, "-", text.get(name.len() + 1..)?));
    }
    begins(last).then_some((front, "-", last))
}
