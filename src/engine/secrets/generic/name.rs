//! What a name promises: does `dbPassword` name a password, `password_field` a form field, `tokenizer` neither?
//!
//! A name is split into words at separators and `camelCase` borders; its last telling word decides, the words before it
//! qualify.

use std::collections::HashMap;
use std::sync::OnceLock;

use super::Kind;

/// How strongly a name says that its value is a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Strength {
    /// `key`, `auth`: often something else. Only a value that looks machine-made counts.
    Weak,
    /// `pass`, `token`, `credentials`: usually.
    Medium,
    /// `password`, `clientSecret`, `api_key`.
    Strong,
}

/// What a name says of its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NameFacts {
    pub(super) kind: Kind,
    pub(super) strength: Strength,
}

/// Last words of names of passwords.
const PASSWORD: &str = "password passwd passwort passphrase passcode pwd pswd psw passw userpass dbpass userpwd rootpass keypass \
    storepass requirepass masterauth passwords adminpass pword passwrd pgpass";

/// Words in `pass` that are about passing.
const ORDINARY_PASS: &str =
    "bypass compass trespass surpass encompass onepass twopass multipass prepass postpass subpass renderpass overpass";

/// Words that make a following `key` a secret.
const SECRET_KEY: &str = "api access secret private priv encryption encrypt encrypted crypt crypto cipher aes hmac signing sign \
    signature master auth authentication authorization account shared storage service app application consumer \
    client license licence deploy webhook jwt session site server integration write read admin root security \
    subscription function instrumentation ingest project team bot developer dev user token ssl tls ssh rsa n \
    generated known symmetric preshared psk host validation machine decryption publishable s p merchant customer \
    partner vault unseal recovery base maps geo mail sms push";

/// Last words that make a name harmless whatever comes before.
const HARMLESS: &str = "field fields name names label labels id ids type types length len size min max policy policies file files \
    filename path paths url urls uri uris hint hints reset strength placeholder expiry expires expiration expire \
    ttl timeout count regex regexp pattern validator validation error errors message messages msg title \
    description desc header headers column prompt format hash hashed hasher digest sha sha1 sha256 sha512 md5 \
    checksum fingerprint algorithm alg algo provider class manager service enabled enable disabled required \
    visible show prefix suffix store endpoint scope scopes index ref arn version mode option options encoding \
    input form page link icon button action event route view role status state rule rules attempts retries age \
    date time at on by issuer audience location dir directory bucket table model schema selector css style kind \
    source target owner group groups env var variable vars limit limits usage cost bytes handler helper utils util \
    test tests spec mock factory builder parser reader writer generator resolver interceptor filter middleware \
    controller request response result results context config client server api listener callback func function \
    method property attribute attributes parameter param params argument arg args flag template list map set dict \
    array iterator stream buffer object exception tag tags alias plural question comment note text caption tooltip \
    info help doc docs example examples domain zone region host port protected only less free change changed \
    update rotation salt nonce iterations rounds bits charset chars characters lifetime validity period interval \
    delay";

/// Words anywhere in a name that make it harmless.
const HARMLESS_ANYWHERE: &str = "csrf xsrf authenticity antiforgery hash hashed digest checksum sha256 sha1 sha512 md5 fingerprint public pubkey pub i18n css placeholder label \
    regex commit revision etag integrity thumbprint";

/// Words before `key` that make it an ordinary key.
const PLAIN_KEY: &str = "primary foreign partition sort cache object map hot row range unique hash dict translation message i18n sorted \
    group idempotency routing binding lookup item option config json yaml metadata label tag attribute property \
    field column table index query event menu arrow keyboard enter escape registry cookie composite candidate \
    natural data state file storage redis kv websocket session param parameter env first last next previous start \
    end my this";

/// Words before `token` that make it a cursor or a piece of text.
const PLAIN_TOKEN: &str = "next page continuation sync start end first last current previous prev peek parse unexpected expected lex \
    lexer parser word sub stop eos bos pad unk mask separator delimiter keyword operator punctuation string number \
    close open invalid pagination cancellation cancel comment max min new old num total idempotency change lock \
    creation deduplication resume";

/// Words at the end that only qualify: the word before them decides.
const QUALIFIERS: &str = "value val str string b64 base64 plain plaintext raw default prod production dev development staging stage qa \
    uat old new previous current primary secondary live sandbox encoded v1 v2 v3 a b local here data hex";

/// Longest name that is looked at, in words.
const MOST_WORDS: usize = 12;

/// What `name` says of its value, or `None` when it names no secret.
pub(super) fn facts(name: &[u8]) -> Option<NameFacts> {
    // A type of a resource, such as `AWS::IAM::AccessKey`.
    if memchr::memmem::find_iter(name, b"::").nth(1).is_some() {
        return None;
    }
    let words = words(name);
    let (last, before) = telling(&words).split_last()?;
    let last = last.trim_end_matches(|c: char| c.is_ascii_digit());
    if means(last, Meaning::Harmless)
        || words.iter().any(|word| {
            means(word.trim_end_matches(|c: char| c.is_ascii_digit()), Meaning::HarmlessAnywhere)
                || means(word, Meaning::HarmlessAnywhere)
        })
    {
        return None;
    }
    let previous = before.last().map_or("", String::as_str);
    if matches!(
        before.first().map(String::as_str),
        Some("is" | "has" | "no" | "use" | "show" | "allow" | "enable" | "require" | "should")
    ) {
        return None;
    }
    let found = |kind, strength| Some(NameFacts { kind, strength });
    if means(last, Meaning::Password)
        || last.ends_with("password")
        || last.ends_with("passwd")
        || last.ends_with("passphrase")
    {
        return found(Kind::Password, Strength::Strong);
    }
    if matches!(last, "pass" | "pw") {
        return found(Kind::Password, Strength::Strong);
    }
    if last.ends_with("pwd") || (last.ends_with("pass") && !means(last, Meaning::OrdinaryPass)) {
        return found(Kind::Password, Strength::Medium);
    }
    match last {
        "secret" => found(Kind::Secret, Strength::Strong),
        "secrets" | "tokens" | "creds" | "credential" | "credentials" => found(Kind::Secret, Strength::Medium),
        "token" if means(previous, Meaning::PlainToken) => None,
        "token" => found(Kind::Secret, if before.is_empty() { Strength::Medium } else { Strength::Strong }),

        "sid" if matches!(previous, "auth" | "session") => found(Kind::Secret, Strength::Medium),
        "apikey" | "apikeys" => found(Kind::ApiKey, Strength::Strong),
        "key" | "keys" => key(previous, before),
        "auth" if previous == "basic" => found(Kind::Password, Strength::Medium),
        "auth" | "authorization" | "authentication" => found(Kind::Secret, Strength::Weak),
        _ if last.ends_with("apikey") => found(Kind::ApiKey, Strength::Strong),
        _ if last.ends_with("secretkey")
            || last.ends_with("privatekey")
            || last.ends_with("accesskey")
            || last.ends_with("cipherkey") =>
        {
            found(Kind::Secret, Strength::Strong)
        }
        // The name of a technology.
        "jsonwebtoken" | "webtoken" => None,
        _ if last.ends_with("secret") || last.ends_with("token") => found(Kind::Secret, Strength::Medium),
        _ if last.strip_suffix("key").is_some_and(|stem| means(stem, Meaning::SecretKey)) => {
            found(Kind::Secret, Strength::Medium)
        }
        _ if last.ends_with("key") => found(Kind::Secret, Strength::Weak),
        _ => None,
    }
}

/// `words` without those at the end that only qualify: the last one decides.
pub(super) fn telling(words: &[String]) -> &[String] {
    let mut rest = words;
    while let [before @ .., last] = rest {
        let qualifies = matches!(last.trim_end_matches(|c: char| c.is_ascii_digit()), "" | "v")
            || (!before.is_empty() && means(last, Meaning::Qualifier));
        if !qualifies {
            break;
        }
        rest = before;
    }
    rest
}

/// Whether `word` makes a following `key` a secret.
pub(super) fn qualifies_secret_key(word: &str) -> bool {
    means(word, Meaning::SecretKey)
}

/// What a name that ends in `key` says.
fn key(previous: &str, before: &[String]) -> Option<NameFacts> {
    let kind = if before.iter().any(|word| word.ends_with("api")) { Kind::ApiKey } else { Kind::Secret };
    if previous.ends_with("api")
        || matches!(previous, "access" | "secret" | "private" | "encryption" | "signing" | "master")
    {
        return Some(NameFacts { kind, strength: Strength::Strong });
    }
    if means(previous, Meaning::SecretKey) {
        return Some(NameFacts { kind, strength: Strength::Medium });
    }
    (!means(previous, Meaning::PlainKey)).then_some(NameFacts { kind, strength: Strength::Weak })
}

/// What single words mean in names; a word may have several meanings.
#[derive(Clone, Copy)]
enum Meaning {
    Password,
    OrdinaryPass,
    SecretKey,
    Harmless,
    HarmlessAnywhere,
    PlainKey,
    PlainToken,
    Qualifier,
}

/// Whether `word` has `meaning`.
fn means(word: &str, meaning: Meaning) -> bool {
    static MEANINGS: OnceLock<HashMap<&'static str, u8>> = OnceLock::new();
    let meanings = MEANINGS.get_or_init(|| {
        let mut meanings: HashMap<&'static str, u8> = HashMap::new();
        for (list, meaning) in [
            (PASSWORD, Meaning::Password),
            (ORDINARY_PASS, Meaning::OrdinaryPass),
            (SECRET_KEY, Meaning::SecretKey),
            (HARMLESS, Meaning::Harmless),
            (HARMLESS_ANYWHERE, Meaning::HarmlessAnywhere),
            (PLAIN_KEY, Meaning::PlainKey),
            (PLAIN_TOKEN, Meaning::PlainToken),
            (QUALIFIERS, Meaning::Qualifier),
        ] {
            for word in list.split_ascii_whitespace() {
                *meanings.entry(word).or_default() |= 1 << meaning as u8;
            }
        }
        meanings
    });
    meanings.get(word).is_some_and(|known| known & (1 << meaning as u8) != 0)
}

/// The last words of `name`, in lower case.
pub(super) fn words(name: &[u8]) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut word = String::new();
    for (at, &byte) in name.iter().enumerate() {
        if !byte.is_ascii_alphanumeric() {
            if !word.is_empty() {
                words.push(std::mem::take(&mut word));
            }
            continue;
        }
        let before = at.checked_sub(1).and_then(|at| name.get(at)).copied().unwrap_or(b'_');
        let after = name.get(at + 1).copied().unwrap_or(b'_');
        // `apiKey` splits before K; `APIKey` splits before the capital that starts a word.
        let starts = byte.is_ascii_uppercase()
            && (before.is_ascii_lowercase()
                || before.is_ascii_digit()
                || (before.is_ascii_uppercase() && after.is_ascii_lowercase()));
        if starts && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        word.push(char::from(byte.to_ascii_lowercase()));
    }
    if !word.is_empty() {
        words.push(word);
    }
    let surplus = words.len().saturating_sub(MOST_WORDS);
    words.drain(..surplus);
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_split_into_words() {
        assert_eq!(words(b"spring.datasource.userPassword"), ["spring", "datasource", "user", "password"]);
        assert_eq!(words(b"EnvAPIPassword"), ["env", "api", "password"]);
        assert_eq!(words(b"AWS_SECRET-KEY2"), ["aws", "secret", "key2"]);
    }

    #[test]
    fn the_last_word_decides() {
        let strength = |name: &str| facts(name.as_bytes()).map(|facts| facts.strength);
        for name in [
            "password",
            "DB_PASSWORD",
            "db.password",
            "userPasswd",
            "clientSecret",
            "api_key",
            "apikey",
            "accessToken",
            "newPassword2",
            "password_prod",
            "X-Api-Key",
            "secretAccessKey",
            "trustStorePassword",
            "rootpassword",
        ] {
            assert_eq!(strength(name), Some(Strength::Strong), "{name}");
        }
        for name in ["token", "credentials", "smtppass", "consumer_key", "masterkey"] {
            assert_eq!(strength(name), Some(Strength::Medium), "{name}");
        }
        for name in ["key", "auth", "xkey"] {
            assert_eq!(strength(name), Some(Strength::Weak), "{name}");
        }
        for name in [
            "password_field",
            "passwordLength",
            "tokenType",
            "nextToken",
            "idempotency-token",
            "AWS::IAM::AccessKey",
            "primary_key",
            "secretName",
            "publicKey",
            "passwordHash",
            "access_key_id",
            "compass",
            "monkeyPatch",
            "isSecret",
            "use_token",
            "token_url",
            "author",
            "",
        ] {
            assert_eq!(strength(name), None, "{name}");
        }
    }
}
