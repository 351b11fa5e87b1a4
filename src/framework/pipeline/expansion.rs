//! What stands in a script for a value that only the run knows: `$NAME`, `$(name)`, `${{ … }}`, `<< … >>`, and who controls it.
//!
//! A shell variable is data to the script that names it. What the system itself puts into the text before a shell reads
//! it is code: a branch called `` $(…) `` runs.

/// Most expansions that are looked at in one text.
const MAX_EXPANSIONS: usize = 1000;
/// Longest expression between brackets.
const MAX_EXPRESSION: usize = 1024;

/// How a system writes expansions, and which of its names outsiders control.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::framework) enum Syntax {
    /// `$NAME`, `${NAME}`, `$[[ inputs.name ]]`.
    GitlabCi,
    /// `$(name)`, `${{ … }}`, `$[ … ]`, and `$NAME` in scripts.
    AzurePipelines,
    /// `<< … >>`, and `$NAME` in scripts.
    Circleci,
    /// `$NAME`, `${NAME}`.
    BitbucketPipelines,
    /// A string of Groovy in double quotes: `${…}` is put in before the shell reads it.
    JenkinsInterpolated,
    /// A string of Groovy in single quotes: `$NAME` is left to the shell.
    JenkinsVerbatim,
}

/// Who decides what an expansion becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::framework) enum Control {
    /// Whoever may push a branch, write a commit message or open a pull request.
    Untrusted,
    /// Nobody should: by its name it is a credential.
    Secret,
    /// The system, without influence of outsiders.
    Predefined,
    /// The file itself.
    Defined,
    /// It is not known.
    Unknown,
}

impl Control {
    /// The word for it in views.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Untrusted => "untrusted",
            Self::Secret => "secret",
            Self::Predefined => "predefined",
            Self::Defined => "defined",
            Self::Unknown => "unknown",
        }
    }
}

/// An expansion in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Expansion {
    /// Where it begins in the text.
    pub(super) start: usize,
    /// Where it ends.
    pub(super) end: usize,
    /// The name or the expression.
    pub(super) name: String,
    /// The system puts the value into the text before anything reads it.
    pub(super) is_substituted: bool,
    /// It stands in double quotes.
    pub(super) is_quoted: bool,
}

/// Names of GitLab that whoever pushes or opens a merge request decides on.
const GITLAB: &[&str] = &[
    "CI_COMMIT_AUTHOR",
    "CI_COMMIT_BRANCH",
    "CI_COMMIT_DESCRIPTION",
    "CI_COMMIT_MESSAGE",
    "CI_COMMIT_REF_NAME",
    "CI_COMMIT_TAG",
    "CI_COMMIT_TAG_MESSAGE",
    "CI_COMMIT_TITLE",
    "CI_BUILD_REF_NAME",
    "CI_BUILD_TAG",
    "CI_EXTERNAL_PULL_REQUEST_SOURCE_BRANCH_NAME",
    "CI_EXTERNAL_PULL_REQUEST_SOURCE_REPOSITORY",
    "CI_MERGE_REQUEST_DESCRIPTION",
    "CI_MERGE_REQUEST_LABELS",
    "CI_MERGE_REQUEST_MILESTONE",
    "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME",
    "CI_MERGE_REQUEST_TITLE",
    "GITLAB_USER_NAME",
];
/// The same of Azure Pipelines.
const AZURE: &[&str] = &[
    "Build.SourceBranch",
    "Build.SourceBranchName",
    "Build.SourceVersionMessage",
    "Build.SourceVersionAuthor",
    "Build.RequestedFor",
    "System.PullRequest.SourceBranch",
    "System.PullRequest.SourceRepositoryURI",
];
/// The same of CircleCI.
const CIRCLECI: &[&str] = &[
    "CIRCLE_BRANCH",
    "CIRCLE_PR_REPONAME",
    "CIRCLE_PR_USERNAME",
    "CIRCLE_PULL_REQUESTS",
    "CIRCLE_TAG",
    "CIRCLE_USERNAME",
    "pipeline.git.branch",
    "pipeline.git.tag",
    "pipeline.trigger_parameters",
    "pipeline.event.github.pull_request.title",
    "pipeline.event.github.pull_request.head.ref",
    "pipeline.event.context",
    "pipeline.event.name",
];
/// The same of Bitbucket.
const BITBUCKET: &[&str] = &["BITBUCKET_BRANCH", "BITBUCKET_BOOKMARK", "BITBUCKET_TAG"];
/// The same of Jenkins with its multibranch plugin.
const JENKINS: &[&str] = &[
    "BRANCH_NAME",
    "CHANGE_AUTHOR",
    "CHANGE_AUTHOR_DISPLAY_NAME",
    "CHANGE_AUTHOR_EMAIL",
    "CHANGE_BRANCH",
    "CHANGE_FORK",
    "CHANGE_TITLE",
    "GIT_AUTHOR_NAME",
    "GIT_BRANCH",
    "GIT_COMMITTER_NAME",
    "GIT_LOCAL_BRANCH",
    "TAG_NAME",
    "ghprbPullTitle",
    "ghprbPullLongDescription",
    "ghprbSourceBranch",
    "ghprbCommentBody",
    "ghprbActualCommitAuthor",
    "ghprbTriggerAuthor",
    "ghprbPullAuthorLogin",
];

/// Parts of names of credentials, in capitals.
const SECRET_WORDS: &[&str] = &[
    "TOKEN",
    "SECRET",
    "PASSWORD",
    "PASSWD",
    "PASSPHRASE",
    "API_KEY",
    "APIKEY",
    "PRIVATE_KEY",
    "ACCESS_KEY",
    "CREDENTIAL",
    "_JWT",
    "ACCESSKEY",
];
/// Ends of names that only point at a credential, or count it.
const NO_SECRET_ENDS: &[&str] = &["_FILE", "_PATH", "_URL", "_NAME", "_ID", "_DIR", "_LENGTH", "_TYPE", "_TTL"];

/// Whether `name` is that of a credential.
pub(super) fn names_secret(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    SECRET_WORDS.iter().any(|word| name.contains(word)) && !NO_SECRET_ENDS.iter().any(|end| name.ends_with(end))
}

impl Syntax {
    fn untrusted(self) -> &'static [&'static str] {
        match self {
            Self::GitlabCi => GITLAB,
            Self::AzurePipelines => AZURE,
            Self::Circleci => CIRCLECI,
            Self::BitbucketPipelines => BITBUCKET,
            Self::JenkinsInterpolated | Self::JenkinsVerbatim => JENKINS,
        }
    }

    /// Who decides what the name of the system, or the names in an expression, stand for.
    pub(super) fn control(self, name: &str) -> Control {
        let mut words = words(name).peekable();
        if words.peek().is_none() {
            return Control::Unknown;
        }
        let mut control = Control::Unknown;
        for word in words {
            let is_untrusted = match self {
                // An environment variable is the name in capitals, with `_` for each dot.
                Self::AzurePipelines => AZURE.iter().any(|known| is_azure_name(known, word)),
                Self::Circleci => CIRCLECI
                    .iter()
                    .any(|known| word.strip_prefix(known).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))),
                _ => self.untrusted().contains(&word.strip_prefix("env.").unwrap_or(word)),
            };
            if is_untrusted {
                return Control::Untrusted;
            }
            if names_secret(word) {
                control = Control::Secret;
            } else if control == Control::Unknown && self.is_predefined(word) {
                control = Control::Predefined;
            }
        }
        control
    }

    fn is_predefined(self, word: &str) -> bool {
        let begins = |prefixes: &[&str]| prefixes.iter().any(|prefix| word.starts_with(prefix));
        match self {
            Self::GitlabCi => begins(&["CI_", "GITLAB_"]),
            Self::AzurePipelines => {
                let word = word.to_ascii_lowercase();
                ["build.", "system.", "agent.", "pipeline.", "build_", "system_", "agent_"]
                    .iter()
                    .any(|prefix| word.starts_with(prefix))
            }
            Self::Circleci => begins(&["CIRCLE_", "pipeline."]),
            Self::BitbucketPipelines => begins(&["BITBUCKET_"]),
            Self::JenkinsInterpolated | Self::JenkinsVerbatim => {
                begins(&["BUILD_", "JOB_", "NODE_", "WORKSPACE", "JENKINS_"])
            }
        }
    }

    /// The brackets around what is put into the text before anything reads it.
    fn brackets(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::GitlabCi => &[("$[[", "]]")],
            Self::AzurePipelines => &[("${{", "}}"), ("$[", "]"), ("$(", ")")],
            Self::Circleci => &[("<<", ">>")],
            Self::JenkinsInterpolated => &[("${", "}")],
            Self::BitbucketPipelines | Self::JenkinsVerbatim => &[],
        }
    }

    /// What is put into the text at its beginning: the expression, and its length with all brackets.
    fn substituted(self, text: &str) -> Option<(&str, usize)> {
        for (open, close) in self.brackets() {
            let Some(rest) = text.strip_prefix(open) else { continue };
            let window = rest.as_bytes().get(..rest.len().min(MAX_EXPRESSION)).unwrap_or_default();
            let Some(end) = memchr::memmem::find(window, close.as_bytes()) else { continue };
            let Some(inner) = rest.get(..end) else { continue };
            let name = inner.trim();
            let fits = match *open {
                // Anything else is a command of the shell.
                "$(" => is_macro(name),
                // A here-document is none.
                "<<" => is_macro(name) || name.contains("pipeline."),
                _ => !name.is_empty(),
            };
            if fits && !inner.contains('\n') {
                return Some((name, open.len() + end + close.len()));
            }
        }
        if self == Self::JenkinsInterpolated {
            let name = text.strip_prefix('$').map(dotted_name).filter(|name| !name.is_empty())?;
            return Some((name, name.len() + 1));
        }
        None
    }
}

/// Whether `word` is the name `known` of Azure, or the environment variable that has its value.
fn is_azure_name(known: &str, word: &str) -> bool {
    known.len() == word.len()
        && known.bytes().zip(word.bytes()).all(|(a, b)| a.eq_ignore_ascii_case(&b) || (a == b'.' && b == b'_'))
}

/// Whether it can be the name of a variable or parameter: words with dots between them.
fn is_macro(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-'))
}

/// The dotted names in an expression.
fn words(expression: &str) -> impl Iterator<Item = &str> {
    expression
        .split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-')))
        .map(|word| word.trim_matches('.'))
        .map(|word| word.strip_prefix("variables.").unwrap_or(word))
        .filter(|word| word.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_'))
}

/// The name that the text begins with, as Groovy reads it behind a `$`.
fn dotted_name(text: &str) -> &str {
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '.')).unwrap_or(text.len());
    let name = text.get(..end).unwrap_or_default().trim_end_matches('.');
    if name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') { name } else { "" }
}

/// The shell variable at the beginning of the text: its name, and the length of it all. Of `${NAME:-default}` only `${NAME`
/// counts, so that what stands in the default is seen too.
fn shell_variable(text: &str) -> Option<(&str, usize)> {
    let rest = text.strip_prefix('$')?;
    let (rest, mut length) = match rest.strip_prefix('{') {
        Some(rest) => (rest.strip_prefix(['#', '!']).unwrap_or(rest), text.len() - rest.len()),
        None => (rest, 1),
    };
    let bare = rest.strip_prefix("env:").unwrap_or(rest);
    length += rest.len() - bare.len();
    let end = bare.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(bare.len());
    let name = bare.get(..end).filter(|name| name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_'))?;
    length += name.len();
    let closed = text.starts_with("${") && bare.get(end..).is_some_and(|rest| rest.starts_with('}'));
    Some((name, length + usize::from(closed)))
}

/// The expansions in `text`, in order and apart from each other.
pub(super) fn find(text: &str, syntax: Syntax) -> Vec<Expansion> {
    let mut found = Vec::new();
    let bytes = text.as_bytes();
    let (mut at, mut in_single, mut in_double) = (0, false, false);
    while let Some(&byte) = bytes.get(at) {
        if found.len() >= MAX_EXPANSIONS {
            break;
        }
        if matches!(byte, b'$' | b'<')
            && let Some(rest) = text.get(at..)
        {
            let substituted = syntax.substituted(rest);
            let is_substituted = substituted.is_some();
            let variable = || (!in_single && byte == b'$').then(|| shell_variable(rest)).flatten();
            if let Some((name, length)) = substituted.or_else(variable) {
                found.push(Expansion {
                    start: at,
                    end: at + length,
                    name: name.to_owned(),
                    is_substituted,
                    is_quoted: in_double,
                });
                at += length;
                continue;
            }
        }
        match byte {
            b'\\' if !in_single => at += 1,
            b'\'' if !in_double => in_single = !in_single,
            b'"' if !in_single => in_double = !in_double,
            b'#' if !in_single && !in_double && begins_word(bytes, at) => {
                // A comment; the system still puts values into it, but no shell reads them.
                at = memchr::memchr(b'\n', bytes.get(at..).unwrap_or_default()).map_or(bytes.len(), |end| at + end);
            }
            _ => {}
        }
        at += 1;
    }
    found
}

fn begins_word(bytes: &[u8], at: usize) -> bool {
    at.checked_sub(1)
        .and_then(|before| bytes.get(before))
        .is_none_or(|byte| byte.is_ascii_whitespace() || *byte == b';')
}

/// Whether there is an expansion in `text`.
pub(super) fn has_any(text: &str, syntax: Syntax) -> bool {
    memchr::memchr2(b'$', b'<', text.as_bytes()).is_some() && !find(text, syntax).is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str, syntax: Syntax) -> Vec<(String, bool, bool)> {
        find(text, syntax).into_iter().map(|found| (found.name, found.is_substituted, found.is_quoted)).collect()
    }

    fn one(name: &str, is_substituted: bool, is_quoted: bool) -> (String, bool, bool) {
        (name.to_owned(), is_substituted, is_quoted)
    }

    #[test]
    fn a_shell_variable_is_not_put_into_the_text() {
        let text = "echo $A \"${B:-$C}\" '$D' \\$E # $F\necho $G";
        let expected = [one("A", false, false), one("B", false, true), one("C", false, true), one("G", false, false)];
        assert_eq!(names(text, Syntax::GitlabCi), expected);
    }

    #[test]
    fn what_a_system_puts_in_is() {
        assert_eq!(
            names("a '$[[ inputs.x | expand_vars ]]'", Syntax::GitlabCi),
            [one("inputs.x | expand_vars", true, false)]
        );
        assert_eq!(
            names("echo $(Build.SourceBranch) $(ls -l) ${{ parameters.x }} $A", Syntax::AzurePipelines),
            [one("Build.SourceBranch", true, false), one("parameters.x", true, false), one("A", false, false)]
        );
        assert_eq!(names("echo <<pipeline.git.branch>>\ncat <<EOF\n$A\nEOF", Syntax::Circleci).len(), 2);
        assert_eq!(names("echo ${env.A} $B.c", Syntax::JenkinsInterpolated)[1], one("B.c", true, false));
        assert_eq!(names("echo $B", Syntax::JenkinsVerbatim), [one("B", false, false)]);
    }

    #[test]
    fn who_controls_a_name() {
        for (syntax, name, control) in [
            (Syntax::GitlabCi, "CI_COMMIT_TITLE", Control::Untrusted),
            (Syntax::GitlabCi, "CI_JOB_TOKEN", Control::Secret),
            (Syntax::GitlabCi, "CI_PROJECT_DIR", Control::Predefined),
            (Syntax::GitlabCi, "DEPLOY_TO", Control::Unknown),
            (Syntax::AzurePipelines, "build.sourceBranchName", Control::Untrusted),
            (Syntax::AzurePipelines, "BUILD_SOURCEVERSIONMESSAGE", Control::Untrusted),
            (Syntax::AzurePipelines, "variables['Build.SourceBranch']", Control::Untrusted),
            (Syntax::AzurePipelines, "Build.BuildId", Control::Predefined),
            (Syntax::Circleci, "pipeline.git.branch", Control::Untrusted),
            (Syntax::Circleci, "pipeline.git.branch_is_default", Control::Predefined),
            (Syntax::BitbucketPipelines, "BITBUCKET_BRANCH", Control::Untrusted),
            (Syntax::JenkinsInterpolated, "env.CHANGE_TITLE", Control::Untrusted),
            (Syntax::JenkinsInterpolated, "CHANGE_ID", Control::Unknown),
        ] {
            assert_eq!(syntax.control(name), control, "{name}");
        }
        assert!(names_secret("npm_token") && !names_secret("TOKEN_FILE") && !names_secret("VERSION"));
    }

    #[test]
    fn hostile_texts_are_bounded() {
        assert_eq!(find(&"$A".repeat(100_000), Syntax::GitlabCi).len(), MAX_EXPANSIONS);
        assert!(find(&"${{".repeat(50_000), Syntax::AzurePipelines).is_empty());
        assert!(find(&"<<".repeat(100_000), Syntax::Circleci).is_empty());
    }
}
