//! Which shard examines which file. Depends on nothing but the paths, sizes and units of the files.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use super::Walked;
use crate::framework::units::{Member, units};

/// What a file costs whatever its size, in bytes: opening it takes as long as looking at so many.
const COST_OF_A_FILE: u64 = 2 << 10;

/// A tree, divided.
pub(super) struct Divided {
    /// For each file the number of its shard, from 1.
    pub(super) shards: Vec<u32>,
    /// Identity of the tree and of its division, in hexadecimal digits.
    pub(super) tree: String,
}

/// Divides what was `walked` among `of` shards. `members` says which of the files may be of one unit with others; of a file,
/// no more than `most` bytes are examined.
pub(super) fn divide(walked: &Walked, members: &[Option<Member>], of: u32, most: u64) -> Divided {
    let sizes: Vec<u64> = walked.files.iter().map(crate::input::FileRef::size).collect();
    let costs: Vec<u64> = sizes.iter().map(|size| size.min(&most).saturating_add(COST_OF_A_FILE)).collect();
    let shards = distribute(&gather(members), &costs, of);
    let mut hasher = blake3::Hasher::new_derive_key("lockgate/v1 tree of shards");
    let mut part = |bytes: &[u8]| {
        hasher.update(&(bytes.len() as u64).to_le_bytes());
        hasher.update(bytes);
    };
    for ((file, size), shard) in walked.files.iter().zip(&sizes).zip(&shards) {
        part(file.path().as_bytes());
        part(&size.to_le_bytes());
        part(&shard.to_le_bytes());
    }
    for entry in &walked.entries {
        part(entry.path.as_bytes());
        part(entry.cause.name().as_bytes());
        part(entry.detail.as_bytes());
    }
    part(&walked.seen.to_le_bytes());
    Divided { shards, tree: hasher.finalize().to_hex().to_string() }
}

/// The files of each unit, by their index; a file that is of none is one by itself. In the order of their first files.
fn gather(members: &[Option<Member>]) -> Vec<Vec<usize>> {
    let (indices, present): (Vec<usize>, Vec<Member>) =
        members.iter().enumerate().filter_map(|(index, member)| Some((index, member.clone()?))).unzip();
    let unit_of: BTreeMap<usize, usize> = indices.into_iter().zip(units(&present)).collect();
    let mut place_of: BTreeMap<usize, usize> = BTreeMap::new();
    let mut gathered: Vec<Vec<usize>> = Vec::new();
    for index in 0..members.len() {
        let next = gathered.len();
        let place = unit_of.get(&index).map_or(next, |unit| *place_of.entry(*unit).or_insert(next));
        match gathered.get_mut(place) {
            Some(files) => files.push(index),
            None => gathered.push(vec![index]),
        }
    }
    gathered
}

/// Gives each unit, the costliest first, to the shard that has least to do (longest processing time first: Graham, "Bounds
/// on Multiprocessing Timing Anomalies", 1969).
fn distribute(units: &[Vec<usize>], costs: &[u64], of: u32) -> Vec<u32> {
    let cost = |unit: &[usize]| {
        unit.iter().filter_map(|&index| costs.get(index)).fold(0, |sum: u64, cost| sum.saturating_add(*cost))
    };
    let mut by_cost: Vec<(Reverse<u64>, usize)> =
        units.iter().enumerate().map(|(number, unit)| (Reverse(cost(unit)), number)).collect();
    by_cost.sort_unstable();
    let mut loads: BinaryHeap<Reverse<(u64, u32)>> = (1..=of.max(1)).map(|shard| Reverse((0, shard))).collect();
    let mut shards = vec![1; costs.len()];
    for (Reverse(cost), number) in by_cost {
        let Some(Reverse((load, shard))) = loads.pop() else { break };
        for &index in units.get(number).into_iter().flatten() {
            if let Some(place) = shards.get_mut(index) {
                *place = shard;
            }
        }
        loads.push(Reverse((load.saturating_add(cost), shard)));
    }
    shards
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::platform::Platform;

    fn member(path: &str, text: &str) -> Option<Member> {
        Member::of(Platform::Kubernetes, path, text)
    }

    #[test]
    fn units_stay_whole_and_files_without_one_stand_alone() {
        let members = [member("a.yaml", ""), None, member("b.yaml", ""), None];
        assert_eq!(gather(&members), [vec![0, 2], vec![1], vec![3]]);
    }

    proptest! {
        /// Every file has one shard, all files of a unit the same, and no shard has more than the fairest share and one unit.
        #[test]
        fn shards_are_even(sizes in prop::collection::vec((0_u64..10_000, 0_usize..20), 0..200), of in 1_u32..12) {
            let mut units: Vec<Vec<usize>> = vec![Vec::new(); 20];
            for (index, (_, unit)) in sizes.iter().enumerate() {
                units[*unit].push(index);
            }
            units.retain(|unit| !unit.is_empty());
            let costs: Vec<u64> = sizes.iter().map(|(cost, _)| *cost).collect();
            let shards = distribute(&units, &costs, of);
            prop_assert_eq!(shards.len(), sizes.len());
            let mut loads = vec![0; of as usize + 1];
            for unit in &units {
                prop_assert!(unit.iter().all(|index| shards[*index] == shards[unit[0]]));
                for index in unit {
                    prop_assert!((1..=of).contains(&shards[*index]));
                    loads[shards[*index] as usize] += costs[*index];
                }
            }
            let largest = units.iter().map(|unit| unit.iter().map(|index| costs[*index]).sum::<u64>()).max().unwrap_or(0);
            let share = costs.iter().sum::<u64>() / u64::from(of);
            prop_assert!(loads.iter().all(|load| *load <= share + largest));
        }
    }
}
