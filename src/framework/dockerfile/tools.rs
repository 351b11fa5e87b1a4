//! How common programs read their arguments: which options take a value, and whether there is a subcommand.

/// How a program reads its arguments.
pub(super) struct Tool {
    /// Its names.
    names: &'static [&'static str],
    /// Letters of short options that take a value.
    pub(super) short: &'static str,
    /// Long options whose value may be the next word.
    pub(super) long: &'static [&'static str],
    /// The first operand is a subcommand.
    pub(super) has_subcommand: bool,
    /// Options of several letters have one dash: `-name`.
    pub(super) has_long_words: bool,
}

const fn tool(
    names: &'static [&'static str],
    short: &'static str,
    long: &'static [&'static str],
    has_subcommand: bool,
) -> Tool {
    Tool { names, short, long, has_subcommand, has_long_words: false }
}

const TOOLS: &[Tool] = &[
    tool(
        &["apt-get", "apt", "aptitude", "apt-cache"],
        "otca",
        &["--option", "--target-release", "--default-release", "--config-file", "--host-architecture"],
        true,
    ),
    tool(
        &["apk"],
        "tXp",
        &[
            "--virtual",
            "--repository",
            "--root",
            "--arch",
            "--keys-dir",
            "--cache-dir",
            "--repositories-file",
            "--wait",
        ],
        true,
    ),
    tool(
        &["yum", "dnf", "dnf5", "microdnf", "tdnf"],
        "cdexR",
        &[
            "--setopt",
            "--enablerepo",
            "--disablerepo",
            "--installroot",
            "--releasever",
            "--exclude",
            "--repo",
            "--repoid",
            "--config",
        ],
        true,
    ),
    tool(
        &["zypper"],
        "cRDrtp",
        &["--config", "--root", "--reposd-dir", "--repo", "--from", "--type", "--plus-repo", "--releasever"],
        true,
    ),
    tool(
        &["pip"],
        "rcietfdb",
        &[
            "--requirement",
            "--constraint",
            "--upgrade-strategy",
            "--use-feature",
            "--build",
            "--config-settings",
            "--global-option",
            "--install-option",
            "--report",
            "--exists-action",
            "--keyring-provider",
            "--index-url",
            "--extra-index-url",
            "--editable",
            "--target",
            "--find-links",
            "--trusted-host",
            "--proxy",
            "--timeout",
            "--default-timeout",
            "--prefix",
            "--root",
            "--src",
            "--platform",
            "--python-version",
            "--cache-dir",
            "--only-binary",
            "--no-binary",
            "--progress-bar",
            "--retries",
            "--cert",
            "--client-cert",
            "--log",
            "--implementation",
            "--abi",
            "--root-user-action",
        ],
        true,
    ),
    tool(
        &["npm"],
        "wC",
        &["--registry", "--prefix", "--cache", "--loglevel", "--workspace", "--userconfig", "--tag"],
        true,
    ),
    tool(
        &["yarn", "pnpm"],
        "C",
        &["--registry", "--cwd", "--network-timeout", "--modules-folder", "--cache-folder", "--filter", "--dir"],
        true,
    ),
    tool(
        &["gem"],
        "vinsPp",
        &["--version", "--source", "--install-dir", "--bindir", "--platform", "--trust-policy", "--http-proxy"],
        true,
    ),
    tool(&["git"], "Ccbo", &["--branch", "--depth", "--origin", "--git-dir", "--work-tree", "--reference"], true),
    tool(
        &["cargo"],
        "FZjp",
        &[
            "--version",
            "--vers",
            "--git",
            "--tag",
            "--rev",
            "--branch",
            "--path",
            "--features",
            "--target",
            "--root",
            "--registry",
            "--index",
            "--package",
            "--bin",
        ],
        true,
    ),
    tool(&["conda", "mamba", "micromamba"], "ncp", &["--name", "--channel", "--prefix", "--file"], true),
    tool(
        &[
            "uv",
            "poetry",
            "pipenv",
            "composer",
            "bundle",
            "helm",
            "kubectl",
            "docker",
            "terraform",
            "aws",
            "gcloud",
            "az",
            "systemctl",
            "npx",
            "dotnet",
            "rustup",
            "apt-key",
        ],
        "",
        &["--keyserver", "--registry", "--region", "--profile"],
        true,
    ),
    Tool {
        names: &["go"],
        short: "",
        long: &["-ldflags", "-gcflags", "-tags", "-o", "-mod", "-modfile", "-C", "-p"],
        has_subcommand: true,
        has_long_words: true,
    },
    Tool { names: &["find", "java", "openssl"], short: "", long: &[], has_subcommand: false, has_long_words: true },
    tool(
        &["curl"],
        "AbcCdDeEFHKmoPQrtTuUwxXyYz",
        &[
            "--output",
            "--header",
            "--data",
            "--data-binary",
            "--data-raw",
            "--user",
            "--user-agent",
            "--url",
            "--request",
            "--max-time",
            "--retry",
            "--retry-delay",
            "--retry-max-time",
            "--connect-timeout",
            "--proto",
            "--ciphers",
            "--cacert",
            "--cert",
            "--key",
            "--form",
            "--config",
            "--proxy",
            "--referer",
            "--cookie",
            "--write-out",
            "--output-dir",
        ],
        false,
    ),
    tool(
        &["wget"],
        "oaeBiOPtTUwQADlI",
        &[
            "--output-document",
            "--output-file",
            "--header",
            "--directory-prefix",
            "--tries",
            "--timeout",
            "--user-agent",
            "--user",
            "--password",
            "--http-user",
            "--http-password",
            "--ca-certificate",
            "--input-file",
            "--execute",
            "--base",
        ],
        false,
    ),
    tool(
        &["useradd", "usermod", "groupadd", "groupmod"],
        "bcdefgGkKpsuZR",
        &[
            "--uid",
            "--gid",
            "--groups",
            "--home-dir",
            "--home",
            "--base-dir",
            "--shell",
            "--comment",
            "--password",
            "--expiredate",
            "--inactive",
            "--skel",
            "--key",
        ],
        false,
    ),
    tool(
        &["adduser", "addgroup"],
        "ugGhskS",
        &["--uid", "--gid", "--home", "--shell", "--gecos", "--ingroup", "--firstuid", "--conf"],
        false,
    ),
    tool(&["tar", "bsdtar"], "fCTXI", &["--file", "--directory", "--exclude-from", "--files-from"], false),
    tool(&["cp", "mv", "ln"], "tS", &["--target-directory", "--suffix"], false),
    tool(&["install"], "gmotS", &["--group", "--mode", "--owner", "--target-directory"], false),
    tool(&["sed", "grep", "egrep"], "ef", &["--expression", "--file", "--regexp"], false),
    tool(&["su"], "cgs", &["--command", "--group", "--shell"], false),
    tool(&["ssh", "scp"], "ipoFPlLRDJ", &[], false),
];

/// How a program without an entry reads its arguments.
const OTHER: Tool = tool(&[], "", &[], false);

/// How the program with this canonical name reads its arguments.
pub(super) fn of(name: &str) -> &'static Tool {
    TOOLS.iter().find(|tool| tool.names.contains(&name)).unwrap_or(&OTHER)
}

/// The canonical name of a program: `pip` for `pip3` and `pip3.11`, else the name itself.
pub(super) fn canonical(name: &str) -> &str {
    let is_version = |rest: &str| rest.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    match name.strip_prefix("pip") {
        Some(rest) if is_version(rest) => "pip",
        _ => name,
    }
}

/// Whether a program is a Python interpreter.
pub(super) fn is_python(name: &str) -> bool {
    name.strip_prefix("python").is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.'))
}
