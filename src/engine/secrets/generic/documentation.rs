//! Hosts that are reserved for documentation: nobody has an account there.

use core::net::{IpAddr, Ipv6Addr};

/// Names reserved for documentation and tests (RFC 2606, sections 2 and 3).
const DOMAINS: &[&str] = &["example.com", "example.net", "example.org", "example", "test", "invalid"];

/// Whether `host`, with a port or without, lies in a domain (RFC 2606) or a network (RFC 5737, RFC 3849) for documentation.
/// `localhost` is a host like any other: what runs there has real passwords.
pub(super) fn is_documentation_host(host: &[u8]) -> bool {
    let host = host.strip_prefix(b"[").map_or_else(
        || host.split(|&byte| byte == b':').next().unwrap_or_default(),
        |inner| inner.split(|&byte| byte == b']').next().unwrap_or_default(),
    );
    let Ok(host) = std::str::from_utf8(host) else { return false };
    match host.parse::<IpAddr>() {
        Ok(IpAddr::V4(address)) => address.is_documentation(),
        Ok(IpAddr::V6(address)) => is_documentation_network(address),
        Err(_) => {
            let host = host.trim_end_matches('.').to_ascii_lowercase();
            DOMAINS
                .iter()
                .any(|domain| host.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.')))
        }
    }
}

/// `2001:db8::/32`
fn is_documentation_network(address: Ipv6Addr) -> bool {
    address.segments().starts_with(&[0x2001, 0xdb8])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_of_documentation_are_told() {
        for host in [
            "example.com",
            "db.example.org:5432",
            "EXAMPLE.NET.",
            "my.test",
            "host.example",
            "x.invalid",
            "192.0.2.7",
            "198.51.100.1:80",
            "203.0.113.255",
            "[2001:db8::1234]",
            "[2001:DB8:1::1]:5432",
        ] {
            assert!(is_documentation_host(host.as_bytes()), "{host}");
        }
    }

    #[test]
    fn other_hosts_are_not() {
        for host in [
            "localhost",
            "127.0.0.1",
            "example.com.evil.io",
            "myexample.com",
            "192.0.3.1",
            "[2001:db9::1]",
            "[::1]",
            "db",
            "contest",
            "",
            "[",
            "\u{fc}",
        ] {
            assert!(!is_documentation_host(host.as_bytes()), "{host}");
        }
    }
}
