//! Who controls a value: what gives one from outside, what hands it on, and what makes it harmless.

/// Functions that give what others control: their crate, their path in it, and who does.
const SOURCES: &[(&str, &str, &str)] = &[
    ("std", "env::args", "argument"),
    ("std", "env::args_os", "argument"),
    ("std", "env::var", "environment"),
    ("std", "env::var_os", "environment"),
    ("std", "env::vars", "environment"),
    ("std", "env::vars_os", "environment"),
    ("std", "io::stdin", "stdin"),
    ("tokio", "io::stdin", "stdin"),
    ("async_std", "io::stdin", "stdin"),
    ("std", "fs::read", "file"),
    ("std", "fs::read_to_string", "file"),
    ("std", "fs::read_link", "file"),
    ("std", "fs::File::open", "file"),
    ("tokio", "fs::read", "file"),
    ("tokio", "fs::read_to_string", "file"),
    ("tokio", "fs::File::open", "file"),
    ("async_std", "fs::read_to_string", "file"),
    ("std", "net::TcpStream::connect", "network"),
    ("tokio", "net::TcpStream::connect", "network"),
    ("std", "net::TcpListener::bind", "network"),
    ("tokio", "net::TcpListener::bind", "network"),
    ("std", "net::UdpSocket::bind", "network"),
    ("tokio", "net::UdpSocket::bind", "network"),
    ("reqwest", "get", "network"),
    ("reqwest", "blocking::get", "network"),
    ("ureq", "get", "network"),
];

/// Crates whose extractors and requests hold what a client sent.
const FRAMEWORKS: &[&str] = &[
    "actix_multipart",
    "actix_web",
    "axum",
    "axum_extra",
    "gotham",
    "http",
    "hyper",
    "iron",
    "ntex",
    "poem",
    "poem_openapi",
    "rocket",
    "salvo",
    "tide",
    "tower_http",
    "viz",
    "warp",
    "tiny_http",
    "rouille",
];

/// What a file holds in which something comes from `source`, such as `request`: one of these; `None` for a source that there is
/// none of.
#[must_use]
pub fn words_of_source(source: &str) -> Option<&'static [&'static str]> {
    Some(match source {
        "argument" => &["args"],
        "environment" => &["var"],
        "file" => &["fs", "File"],
        "network" => &["net", "reqwest", "ureq"],
        // A crate of a framework, or the attribute of a route whose crate another file names.
        "request" => REQUEST_WORDS,
        "stdin" => &["stdin"],
        _ => return None,
    })
}

/// The crates of [`FRAMEWORKS`], less those whose names hold another one, and what routes of Rocket begin with.
const REQUEST_WORDS: &[&str] = &[
    "actix_",
    "axum",
    "gotham",
    "http::",
    "hyper",
    "iron::",
    "ntex",
    "poem",
    "rocket",
    "salvo",
    "tide",
    "viz::",
    "warp",
    "tiny_http",
    "rouille",
    "[get",
    "[post",
    "[put",
    "[delete",
    "[patch",
    "[head",
    "[options",
    "[route",
];

/// Types of these crates that hold what a client sent.
const REQUEST_TYPES: &[&str] = &[
    "Bytes",
    "ConnectionInfo",
    "CookieJar",
    "Cookies",
    "Data",
    "Form",
    "Header",
    "HeaderMap",
    "Host",
    "HttpRequest",
    "Json",
    "JsonForm",
    "Multipart",
    "MatchedPath",
    "OriginalUri",
    "Path",
    "Payload",
    "Query",
    "RawForm",
    "RawPathParams",
    "RawQuery",
    "Request",
    "RequestParts",
    "Parts",
    "TempFile",
    "TypedHeader",
    "Uri",
    "Xml",
];

/// Methods whose result says nothing that a text of the caller's choice could be in.
const CUTTING: &[&str] = &[
    "as_bool",
    "as_f64",
    "as_i64",
    "as_u64",
    "canonicalize",
    "cmp",
    "components",
    "contains",
    "contains_key",
    "count",
    "duration_since",
    "ends_with",
    "eq",
    "exists",
    "extension",
    "file_name",
    "file_stem",
    "finalize",
    "find",
    "hash",
    "is_alphanumeric",
    "is_ascii",
    "is_dir",
    "is_empty",
    "is_err",
    "is_file",
    "is_match",
    "is_none",
    "is_ok",
    "is_some",
    "kind",
    "len",
    "metadata",
    "method",
    "ne",
    "parse",
    "partial_cmp",
    "peer_addr",
    "position",
    "read_dir",
    "starts_with",
    "status",
    "timestamp",
    "to_digit",
    "version",
    "app_data",
    "extensions",
    "body_limit",
];

/// Parts of names of functions that check or clean what they are given.
const CHECKING: &[&str] = &[
    "allow",
    "assert",
    "authoriz",
    "canonical",
    "check",
    "clean",
    "encode",
    "ensure",
    "escape",
    "hash",
    "is_safe",
    "normaliz",
    "quote",
    "safe",
    "saniti",
    "secure",
    "strip",
    "valid",
    "verify",
    "whitelist",
    "digest",
];

/// Free functions and constructors through which a value passes as it is.
const PASSING: &[&str] = &[
    "String::from",
    "Some",
    "Ok",
    "Box::new",
    "Arc::new",
    "Rc::new",
    "Cow::from",
    "Cow::Borrowed",
    "Cow::Owned",
    "Vec::from",
    "Path::new",
    "PathBuf::from",
    "OsString::from",
    "OsStr::new",
    "String::from_utf8",
    "String::from_utf8_lossy",
    "from_utf8",
    "str::from_utf8",
    "Url::parse",
    "Uri::from_str",
    "Zeroizing::new",
    "Secret::new",
    "SecretString::new",
    "SecretString::from",
    "Bytes::from",
    "Bytes::from_static",
    "GenericArray::from_slice",
    "GenericArray::clone_from_slice",
    "Key::from_slice",
    "Nonce::from_slice",
    "XNonce::from_slice",
    "Iv::from",
    "Key::from",
    "Nonce::from",
    "BufReader::new",
    "from_slice",
    "Wrapping",
    "Reverse",
    "read_to_string",
    "Mutex::new",
    "RwLock::new",
    "HeaderValue::from_static",
    "CString::new",
    "NonZeroU32::new",
    "NonZero::new",
    "Salt::from_b64",
    "SaltString::from_b64",
    "Into::into",
    "From::from",
];

/// Methods through which a value passes as it is, constants included.
const TRANSPARENT: &[&str] = &[
    "as_bytes",
    "as_deref",
    "as_mut",
    "as_mut_slice",
    "as_os_str",
    "as_path",
    "as_ref",
    "as_slice",
    "as_str",
    "borrow",
    "clone",
    "cloned",
    "copied",
    "deref",
    "expect",
    "into",
    "into_boxed_str",
    "into_bytes",
    "into_inner",
    "into_owned",
    "into_string",
    "into_vec",
    "iter",
    "into_iter",
    "ok",
    "ok_or",
    "ok_or_else",
    "map_err",
    "context",
    "with_context",
    "to_owned",
    "to_string",
    "to_string_lossy",
    "to_str",
    "to_vec",
    "try_into",
    "unwrap",
    "unwrap_or",
    "unwrap_or_default",
    "unwrap_or_else",
    "as_os_string",
    "as_array",
    "to_path_buf",
    "into_path_buf",
    "into_os_string",
    "by_ref",
    "lock",
    "await",
    "unwrap_unchecked",
    "lines",
    "chars",
    "bytes",
    "next",
    "last",
    "first",
    "trim",
    "trim_end",
    "trim_start",
    "collect",
    "peekable",
    "split_whitespace",
];

/// Methods that put their argument into the value that they are called on.
const ABSORBING: &[&str] =
    &["push_str", "push", "extend", "extend_from_slice", "insert_str", "write_str", "set_file_name"];

/// Methods whose result holds both the value and the argument.
const JOINING: &[&str] =
    &["join", "with_file_name", "with_extension", "chain", "replace", "concat", "unwrap_or", "or", "add"];

/// Methods that read from a value into a buffer.
pub(super) const READING: &[&str] = &[
    "read",
    "read_exact",
    "read_line",
    "read_to_end",
    "read_to_string",
    "read_until",
    "recv",
    "recv_from",
    "read_buf",
];

/// Who controls what the function at `path` gives.
pub(super) fn source(paths: &[String]) -> Option<(&'static str, &str)> {
    paths.iter().find_map(|path| {
        let (package, rest) = path.split_once("::")?;
        let is_it = |source: &&(&str, &str, &str)| source.0 == package && source.1 == rest;
        SOURCES.iter().find(is_it).map(|&(.., control)| (control, path.as_str()))
    })
}

/// Whether a value of the type at `path` holds what a client sent.
pub(super) fn is_request(path: &str) -> bool {
    let framework = path.split("::").next().unwrap_or_default();
    let name = path.rsplit("::").next().unwrap_or_default();
    FRAMEWORKS.contains(&framework) && REQUEST_TYPES.contains(&name) && !path.ends_with("web::Data")
}

/// Whether the name of a type says that no free text is in its values.
pub(super) fn is_harmless_type(name: &str) -> bool {
    matches!(
        name,
        "bool"
            | "char"
            | "f32"
            | "f64"
            | "i8"
            | "i16"
            | "i32"
            | "i64"
            | "i128"
            | "isize"
            | "u8"
            | "u16"
            | "u32"
            | "u64"
            | "u128"
            | "usize"
            | "Uuid"
            | "NonZeroU32"
            | "NonZeroU64"
            | "DateTime"
            | "NaiveDate"
            | "IpAddr"
            | "SocketAddr"
            | "Duration"
            | "Ulid"
    )
}

pub(super) fn is_cutting(method: &str) -> bool {
    CUTTING.contains(&method) || is_checking(method)
}

/// Whether a function of this name makes what it is given harmless, or says whether it is.
pub(super) fn is_checking(name: &str) -> bool {
    CHECKING.iter().any(|part| name.contains(part))
}

pub(super) fn is_transparent(method: &str) -> bool {
    TRANSPARENT.contains(&method)
}

/// Whether a transparent method gives a part of the value.
pub(super) fn is_deriving(method: &str) -> bool {
    matches!(
        method,
        "lines"
            | "chars"
            | "bytes"
            | "next"
            | "last"
            | "first"
            | "trim"
            | "trim_end"
            | "trim_start"
            | "collect"
            | "peekable"
            | "split_whitespace"
            | "iter"
            | "into_iter"
    )
}

pub(super) fn is_absorbing(method: &str) -> bool {
    ABSORBING.contains(&method)
}

pub(super) fn is_joining(method: &str) -> bool {
    JOINING.contains(&method)
}

/// Whether the function at `path` hands on what it is given.
pub(super) fn is_passing(path: &str) -> bool {
    PASSING
        .iter()
        .any(|passing| path.strip_suffix(passing).is_some_and(|before| before.is_empty() || before.ends_with("::")))
}
