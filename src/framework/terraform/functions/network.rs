//! Functions of addresses (Terraform documentation, "IP Network Functions").

use core::net::Ipv4Addr;

use super::{Function, Takes};
use crate::document::node::Node;
use crate::framework::terraform::value::{as_number, as_text};
use crate::span::Span;

pub(super) fn function(name: &str) -> Option<(Takes, Function)> {
    Some(match name {
        "cidrhost" => (Takes::Known, cidrhost),
        "cidrnetmask" => (Takes::Known, cidrnetmask),
        "cidrsubnet" => (Takes::Known, cidrsubnet),
        "cidrsubnets" => (Takes::Known, cidrsubnets),
        _ => return None,
    })
}

/// Address and length of a prefix of IPv4. Prefixes of IPv6 are not computed with.
fn prefix(node: &Node) -> Option<(u32, u32)> {
    let text = as_text(node)?;
    let (address, length) = text.split_once('/')?;
    let length: u32 = length.parse().ok().filter(|length| *length <= 32)?;
    let address = u32::from(address.parse::<Ipv4Addr>().ok()?);
    Some((address & mask(length), length))
}

fn mask(length: u32) -> u32 {
    u32::MAX.checked_shl(32 - length).unwrap_or(0)
}

#[expect(clippy::cast_possible_truncation, reason = "the range is looked at first")]
fn whole(node: &Node) -> Option<i64> {
    as_number(node).filter(|value| value.fract() == 0.0 && value.abs() < 1e12).map(|value| value as i64)
}

fn cidrhost(arguments: &[Node], at: Span) -> Option<Node> {
    let [network, host] = arguments else { return None };
    let (address, length) = prefix(network)?;
    let size = 1_i64 << (32 - length);
    let host = whole(host)?;
    let host = if host < 0 { size + host } else { host };
    let host = u32::try_from(host).ok().filter(|_| host < size)?;
    Some(Node::text(at, Ipv4Addr::from(address | host).to_string()))
}

fn cidrnetmask(arguments: &[Node], at: Span) -> Option<Node> {
    let (_, length) = prefix(arguments.first()?)?;
    Some(Node::text(at, Ipv4Addr::from(mask(length)).to_string()))
}

fn cidrsubnet(arguments: &[Node], at: Span) -> Option<Node> {
    let [network, bits, number] = arguments else { return None };
    let (address, length) = prefix(network)?;
    let bits = u32::try_from(whole(bits)?).ok()?;
    let longer = length.checked_add(bits).filter(|longer| *longer <= 32)?;
    let number = u32::try_from(whole(number)?).ok().filter(|number| u64::from(*number) < 1_u64 << bits)?;
    let subnet = address | number.checked_shl(32 - longer).unwrap_or(0);
    Some(Node::text(at, format!("{}/{longer}", Ipv4Addr::from(subnet))))
}

fn cidrsubnets(arguments: &[Node], at: Span) -> Option<Node> {
    let (network, bits) = arguments.split_first()?;
    let (address, length) = prefix(network)?;
    let end = u64::from(address) + (1_u64 << (32 - length));
    let mut next = u64::from(address);
    let mut subnets = Vec::new();
    for bits in bits {
        let longer = length.checked_add(u32::try_from(whole(bits)?).ok()?).filter(|longer| *longer <= 32)?;
        let size = 1_u64 << (32 - longer);
        let start = next.div_ceil(size) * size;
        next = start + size;
        if next > end {
            return None;
        }
        subnets.push(Node::text(at, format!("{}/{longer}", Ipv4Addr::from(u32::try_from(start).ok()?))));
    }
    Some(Node::sequence(at, subnets))
}
