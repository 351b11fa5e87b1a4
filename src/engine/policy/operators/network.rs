//! `cidr_is_open`, `port_range_covers`: who may reach what.

// The addresses of `core` are values: it has no sockets to open.
use core::net::{IpAddr, Ipv6Addr};

use super::super::truth::Truth;
use super::any;
use crate::document::node::{Node, Value};

/// Longest prefix of an open range of IPv4: half of all addresses. Rules have been split into `0.0.0.0/1` and `128.0.0.0/1`
/// to look narrow.
const OPEN_PREFIX_V4: u8 = 1;
/// All global addresses of IPv6 are in `2000::/3` (RFC 4291, IANA); half of them are open, as with IPv4.
const GLOBAL_V6: Ipv6Addr = Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0);
/// Prefix of [`GLOBAL_V6`].
const GLOBAL_PREFIX_V6: u8 = 3;
/// Longest prefix of an open range of IPv6.
const OPEN_PREFIX_V6: u8 = GLOBAL_PREFIX_V6 + 1;
/// Bits in front of an IPv4 address that is mapped into IPv6 (`::ffff:0.0.0.0/96`).
const MAPPED_PREFIX: u8 = 96;

/// An operator on a scalar, on the parts of a text between commas, or on the items of a list: one of them is enough.
pub(super) enum Network {
    /// An address range that holds at least half of the internet, or a word that means all of it.
    CidrIsOpen(bool),
    /// A port or range of ports that includes one of these.
    PortRangeCovers(Vec<u16>),
}

impl Network {
    pub(super) fn on(&self, node: &Node) -> Truth {
        match self {
            Self::CidrIsOpen(true) => any_part(node, is_open),
            Self::CidrIsOpen(false) => !any_part(node, is_open),
            Self::PortRangeCovers(ports) => any_part(node, |part| {
                port_range(part)
                    .is_some_and(|(first, last)| ports.iter().any(|&port| (first..=last).contains(&u32::from(port))))
            }),
        }
    }
}

/// Whether `holds` for a part of a text, or of one of the texts in a list.
fn any_part(node: &Node, holds: impl Fn(&str) -> bool) -> Truth {
    let on_text = |text: &str| Truth::from(text.split(',').any(|part| holds(part.trim())));
    match &node.value {
        Value::Unknown => Truth::Unknown,
        Value::Scalar { text, .. } => on_text(text),
        Value::Sequence(items) => any(items.iter().map(|item| match &item.value {
            Value::Unknown => Truth::Unknown,
            Value::Scalar { text, .. } => on_text(text),
            Value::Sequence(_) | Value::Mapping(_) => Truth::False,
        })),
        Value::Mapping(_) => Truth::False,
    }
}

/// Whether a range holds at least half of the internet. An address without a prefix is one host, `0.0.0.0` too. `*`, `any` and
/// `Internet` are Azure's words for everybody.
fn is_open(range: &str) -> bool {
    if ["*", "any", "internet"].iter().any(|word| range.eq_ignore_ascii_case(word)) {
        return true;
    }
    let Some((address, prefix)) = range.split_once('/') else {
        return false;
    };
    // The library would take a sign.
    let prefix = prefix.bytes().all(|byte| byte.is_ascii_digit()).then(|| prefix.parse::<u8>().ok()).flatten();
    match (address.parse(), prefix) {
        (Ok(IpAddr::V4(_)), Some(prefix)) => is_open_v4(prefix),
        (Ok(IpAddr::V6(address)), Some(prefix)) => is_open_v6(address, prefix),
        _ => false,
    }
}

fn is_open_v4(prefix: u8) -> bool {
    prefix <= OPEN_PREFIX_V4
}

fn is_open_v6(address: Ipv6Addr, prefix: u8) -> bool {
    if let (Some(_), Some(prefix)) = (address.to_ipv4_mapped(), prefix.checked_sub(MAPPED_PREFIX)) {
        return is_open_v4(prefix);
    }
    // The bits that both prefixes fix are the same, so one of the ranges holds the other.
    let fixed = u32::from(prefix.min(GLOBAL_PREFIX_V6));
    let difference = (address.to_bits() ^ GLOBAL_V6.to_bits()).checked_shr(u128::BITS - fixed).unwrap_or_default();
    prefix <= OPEN_PREFIX_V6 && difference == 0
}

/// The first and the last port of `80`, `80-90`, `80/tcp`, `80-90/udp` or `80/90`. `*`, `any`, `all` and `-1` are every port. `0` is port
/// 0 and no more, because Kubernetes and Compose mean by it that there is none, or a random one; a rule for a platform where
/// it means every port says so.
fn port_range(text: &str) -> Option<(u32, u32)> {
    if ["*", "any", "all", "-1"].iter().any(|word| text.eq_ignore_ascii_case(word)) {
        return Some((0, u32::from(u16::MAX)));
    }
    let (first, last) = match text.split_once('/') {
        // Alibaba writes `22/80` for a range, and `-1/-1` for all ports.
        Some(("-1", "-1")) => return Some((0, u32::from(u16::MAX))),
        Some((first, last)) if !last.is_empty() && last.bytes().all(|byte| byte.is_ascii_digit()) => (first, last),
        Some((range, _protocol)) => range.split_once('-').unwrap_or((range, range)),
        None => text.split_once('-').unwrap_or((text, text)),
    };
    let port = |text: &str| {
        let digits = text.trim();
        digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse::<u32>().ok())?
    };
    Some((port(first)?, port(last)?))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{keys, list, outcomes, plain, text, unknown};
    use super::*;
    use crate::rules::condition::Test;
    use Truth::{False, True, Unknown};

    #[test]
    fn the_truth_table_of_open_ranges() {
        let tests = [Test::CidrIsOpen(true), Test::CidrIsOpen(false)];
        let (is_open, is_closed) = ([True, False], [False, True]);
        for (node, expected) in [
            (None, [False; 2]),
            (Some(unknown()), [Unknown; 2]),
            (Some(text("0.0.0.0/0")), is_open),
            (Some(text("10.0.0.0/8")), is_closed),
            (Some(text("10.0.0.0/8, 0.0.0.0/0")), is_open),
            (Some(list([])), is_closed),
            (Some(list([text("10.0.0.0/8"), text("::/0")])), is_open),
            (Some(list([unknown(), text("::/0")])), is_open),
            (Some(list([unknown(), text("10.0.0.0/8")])), [Unknown; 2]),
            (Some(list([list([text("::/0")])])), is_closed),
            (Some(keys(["0.0.0.0/0"])), is_closed),
        ] {
            assert_eq!(outcomes(&tests, node.as_ref()), expected, "{node:?}");
        }
    }

    #[test]
    fn a_range_is_open_from_half_of_the_internet() {
        for range in [
            "0.0.0.0/0",
            "10.0.0.0/0",
            "0.0.0.0/1",
            "128.0.0.0/1",
            "*",
            "Any",
            "Internet",
            "::/0",
            "0::0/0",
            "::/1",
            "2000::/3",
            "2000::/4",
            "3000::/4",
            "::ffff:0.0.0.0/96",
            "::ffff:0:0/97",
        ] {
            assert!(is_open(range), "{range}");
        }
        for range in [
            "",
            "/0",
            "0.0.0.0",
            "::",
            "0.0.0.0/2",
            "0.0.0.0/+0",
            "0.0.0.0/",
            "0.0.0/0",
            "10.0.0.0/8",
            "8000::/1",
            "fc00::/7",
            "2000::/5",
            "4000::/3",
            "4000::/4",
            "::ffff:10.0.0.0/104",
            "::ffff:1.2.3.4/128",
            "sg-1/0",
            "VirtualNetwork",
            "::/300",
        ] {
            assert!(!is_open(range), "{range}");
        }
    }

    #[test]
    fn the_truth_table_of_ports() {
        let test = [Test::PortRangeCovers(vec![22, 3389])];
        for (node, expected) in [
            (None, False),
            (Some(unknown()), Unknown),
            (Some(plain("22")), True),
            (Some(text("3389")), True),
            (Some(plain("23")), False),
            (Some(text("20-25")), True),
            (Some(text("20 - 22")), True),
            (Some(text("23-3388")), False),
            (Some(text("25-20")), False),
            (Some(text("0-65535")), True),
            (Some(text("0-99999")), True),
            (Some(text("80,22")), True),
            (Some(text("22/tcp")), True),
            (Some(text("20-30/udp")), True),
            (Some(text("20/30")), True),
            (Some(text("80/90")), False),
            (Some(text("-1/-1")), True),
            (Some(text("*")), True),
            (Some(plain("-1")), True),
            (Some(plain("0")), False),
            (Some(text("")), False),
            (Some(text("ssh")), False),
            (Some(text("+22")), False),
            (Some(text("22-")), False),
            (Some(text("4294967318")), False),
            (Some(list([plain("80"), plain("22")])), True),
            (Some(list([unknown(), plain("80")])), Unknown),
            (Some(list([])), False),
            (Some(keys(["22"])), False),
        ] {
            assert_eq!(outcomes(&test, node.as_ref()), [expected], "{node:?}");
        }
    }
}
