//! Functions of addresses, version 4 and 6 (Terraform documentation, "IP Network Functions"; OpenTofu documentation,
//! "cidrcontains").

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::{Function, Takes};
use crate::document::node::Node;
use crate::framework::terraform::value::{as_number, as_text, boolean};
use crate::span::Span;

pub(super) fn function(name: &str) -> Option<(Takes, Function)> {
    Some(match name {
        "cidrcontains" => (Takes::Known, cidrcontains),
        "cidrhost" => (Takes::Known, cidrhost),
        "cidrnetmask" => (Takes::Known, cidrnetmask),
        "cidrsubnet" => (Takes::Known, cidrsubnet),
        "cidrsubnets" => (Takes::Known, cidrsubnets),
        _ => return None,
    })
}

/// A block of addresses. Addresses are numbers of `width` bits.
#[derive(Clone, Copy)]
struct Block {
    address: u128,
    length: u32,
    /// 32 or 128.
    width: u32,
}

impl Block {
    fn of(node: &Node) -> Option<Self> {
        let text = as_text(node)?;
        let (address, length) = text.split_once('/')?;
        let (address, width) = number(address.parse().ok()?);
        let length: u32 = length.parse().ok().filter(|length| *length <= width)?;
        Some(Self { address, length, width }.cut())
    }

    /// Without the bits behind its length.
    fn cut(self) -> Self {
        Self { address: self.address & !self.hosts(), ..self }
    }

    /// The largest number of a host in it: all bits behind its length.
    fn hosts(self) -> u128 {
        let bits = self.width - self.length;
        1_u128.checked_shl(bits).map_or(u128::MAX, |size| size - 1)
    }

    /// One that is longer by `bits`, with the number `number` among them.
    fn part(self, bits: u32, number: u128) -> Option<Self> {
        let length = self.length.checked_add(bits).filter(|length| *length <= self.width)?;
        let longer = Self { length, ..self };
        let is_there = 1_u128.checked_shl(bits).is_none_or(|count| number < count);
        let offset = number.checked_shl(self.width - length).unwrap_or(0);
        is_there.then_some(Self { address: self.address | offset, ..longer })
    }

    fn contains(self, other: Self) -> bool {
        self.width == other.width && self.length <= other.length && other.address & !self.hosts() == self.address
    }

    fn shown(self, address: u128) -> IpAddr {
        match u32::try_from(address) {
            Ok(address) if self.width == 32 => Ipv4Addr::from(address).into(),
            _ => Ipv6Addr::from(address).into(),
        }
    }

    fn node(self, at: Span) -> Node {
        Node::text(at, format!("{}/{}", self.shown(self.address), self.length))
    }
}

/// The number that an address is, and of how many bits.
fn number(address: IpAddr) -> (u128, u32) {
    match address {
        IpAddr::V4(address) => (u32::from(address).into(), 32),
        IpAddr::V6(address) => (address.into(), 128),
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the range is looked at first")]
fn whole(node: &Node) -> Option<i128> {
    as_number(node).filter(|value| value.fract() == 0.0 && value.abs() < 1e15).map(|value| value as i128)
}

fn bits(node: &Node) -> Option<u32> {
    u32::try_from(whole(node)?).ok()
}

/// Whether the block holds an address or all of another block.
fn cidrcontains(arguments: &[Node], at: Span) -> Option<Node> {
    let [outer, inner] = arguments else { return None };
    let outer = Block::of(outer)?;
    let inner = match as_text(inner)?.parse() {
        Ok(address) => {
            let (address, width) = number(address);
            Block { address, length: width, width }
        }
        Err(_) => Block::of(inner)?,
    };
    (outer.width == inner.width).then(|| boolean(at, outer.contains(inner)))
}

/// A negative number counts from the end.
fn cidrhost(arguments: &[Node], at: Span) -> Option<Node> {
    let [network, host] = arguments else { return None };
    let block = Block::of(network)?;
    let host = whole(host)?;
    let host = match u128::try_from(host) {
        Ok(host) => host,
        Err(_) => block.hosts().checked_sub(host.unsigned_abs() - 1)?,
    };
    (host <= block.hosts()).then(|| Node::text(at, block.shown(block.address | host).to_string()))
}

/// There is none for version 6.
fn cidrnetmask(arguments: &[Node], at: Span) -> Option<Node> {
    let block = Block::of(arguments.first()?).filter(|block| block.width == 32)?;
    let mask = !u32::try_from(block.hosts()).ok()?;
    Some(Node::text(at, Ipv4Addr::from(mask).to_string()))
}

fn cidrsubnet(arguments: &[Node], at: Span) -> Option<Node> {
    let [network, longer, number] = arguments else { return None };
    let part = Block::of(network)?.part(bits(longer)?, u128::try_from(whole(number)?).ok()?)?;
    Some(part.node(at))
}

fn cidrsubnets(arguments: &[Node], at: Span) -> Option<Node> {
    let (network, longer) = arguments.split_first()?;
    let block = Block::of(network)?;
    let mut next = Some(block.address);
    let mut subnets = Vec::new();
    for longer in longer {
        let length = block.length.checked_add(bits(longer)?).filter(|length| *length <= block.width)?;
        let part = Block { length, ..block };
        // It begins at the next address that is a multiple of its size.
        let start = next?.checked_add(part.hosts())? & !part.hosts();
        let part = Block { address: start, ..part };
        if !block.contains(part) {
            return None;
        }
        next = start.checked_add(part.hosts()).and_then(|last| last.checked_add(1));
        subnets.push(part.node(at));
    }
    Some(Node::sequence(at, subnets))
}
