use super::*;

const OLD: Owner = Owner::Rdd(0);
const NEW: Owner = Owner::Rdd(1);

/// Twenty kilobytes of rows.
fn block(seed: u64) -> Block {
    Block::from_rows((0..2_500).map(|n| n ^ seed).collect::<Vec<u64>>())
}

fn store(kilobytes: usize) -> Store {
    let store = Store::new(kilobytes * 1_000, 2, None);
    store.register(OLD);
    store.register(NEW);
    store
}

fn rows(block: &Block) -> Vec<u64> {
    block.rows::<u64>().unwrap().to_vec()
}

#[test]
fn what_was_not_used_for_the_longest_time_makes_room() -> Result<()> {
    let store = store(70);
    for index in 0..3 {
        store.put(OLD, index, StorageLevel::MEMORY_ONLY, false, block(7))?;
    }
    assert!(store.get(OLD, 0).is_some());
    store.put(NEW, 0, StorageLevel::MEMORY_ONLY, false, block(7))?;
    // Partition 1 was used before 2, and 0 last.
    assert_eq!(store.missing(OLD, 3), [1]);
    assert_eq!(store.holdings(NEW).entries, 1);
    Ok(())
}

#[test]
fn levels_with_disk_go_there_and_come_back_whole() -> Result<()> {
    let store = store(50);
    for index in 0..2 {
        store.put(OLD, index, StorageLevel::MEMORY_AND_DISK, false, block(index as u64))?;
    }
    store.put(NEW, 0, StorageLevel::MEMORY_ONLY, false, block(9))?;
    assert_eq!(store.holdings(OLD), Holdings { entries: 2, on_disk: 1, bytes: 20_000 });
    for index in 0..2 {
        assert_eq!(rows(&store.get(OLD, index).unwrap()), rows(&block(index as u64)));
    }
    assert_eq!(store.spilled().0, 1);
    store.remove(OLD);
    assert_eq!((store.spilled().0, store.used().0), (0, 20_000));
    Ok(())
}

#[test]
fn a_partition_never_makes_room_for_another_of_its_own_rdd() -> Result<()> {
    let store = store(50);
    for index in 0..4 {
        store.put(OLD, index, StorageLevel::MEMORY_ONLY, false, block(1))?;
    }
    assert_eq!(store.missing(OLD, 4), [2, 3]);
    for index in 0..4 {
        store.put(NEW, index, StorageLevel::MEMORY_ONLY, true, block(1))?;
    }
    // Nothing brings these back, so they are all there, wherever.
    assert_eq!(store.holdings(NEW).entries, 4);
    Ok(())
}

#[test]
fn what_is_being_read_stays() -> Result<()> {
    let store = store(50);
    store.put(OLD, 0, StorageLevel::MEMORY_ONLY, false, block(1))?;
    store.put(OLD, 1, StorageLevel::MEMORY_ONLY, false, block(1))?;
    let read = store.get(OLD, 0).unwrap();
    store.put(NEW, 0, StorageLevel::MEMORY_ONLY, false, block(1))?;
    assert_eq!(store.missing(OLD, 2), [1]);
    drop(read);
    Ok(())
}

#[test]
fn what_comes_after_its_owner_has_gone_is_let_go() -> Result<()> {
    let store = store(50);
    store.remove(OLD);
    store.put(OLD, 0, StorageLevel::MEMORY_AND_DISK, false, block(1))?;
    store.put(OLD, 1, StorageLevel::DISK_ONLY, false, block(1))?;
    assert_eq!((store.entry_count(), store.used().0, store.spilled().0), (0, 0, 0));
    Ok(())
}

#[test]
fn outputs_come_by_map_task_and_tell_the_first_that_is_missing() -> Result<()> {
    let store = store(30);
    let shuffle = Owner::Shuffle(0);
    store.register(shuffle);
    store.put_outputs(shuffle, 1, vec![(0, block(1)), (4, block(2))], Eviction::ToDisk)?;
    assert_eq!(store.outputs(shuffle, 2, 4).unwrap_err(), 0);
    store.put_outputs(shuffle, 0, vec![(4, block(3))], Eviction::ToDisk)?;
    let found = store.outputs(shuffle, 2, 4).unwrap();
    let maps: Vec<_> = found.iter().map(|(map, _)| *map).collect();
    assert_eq!(maps, [0, 1]);
    assert_eq!(rows(&found[0].1), rows(&block(3)));
    assert_eq!(rows(&found[1].1), rows(&block(2)));
    assert!(store.outputs(shuffle, 2, 3).unwrap().is_empty());
    Ok(())
}

#[test]
fn what_is_released_for_a_reducer_is_lost_to_it_and_not_to_others() -> Result<()> {
    let store = store(70);
    let shuffle = Owner::Shuffle(0);
    store.register(shuffle);
    store.put_outputs(shuffle, 0, vec![(0, block(1)), (4, block(2))], Eviction::ToDisk)?;
    store.put_outputs(shuffle, 1, vec![(4, block(3))], Eviction::ToDisk)?;
    store.release_reduced(shuffle, 0);
    assert_eq!(store.used().0, 2 * block(2).bytes());
    // Nothing of the second task's was freed, but it is not what the first one had.
    assert_eq!(store.outputs(shuffle, 2, 4).unwrap().len(), 2);
    assert_eq!(store.outputs(shuffle, 2, 0).unwrap_err(), 0);
    assert_eq!(store.missing(shuffle, 2), [0]);
    assert_eq!(store.used().0, block(3).bytes());
    Ok(())
}

#[test]
fn damage_is_found_when_the_rows_are_read() -> Result<()> {
    let store = store(100);
    store.put(OLD, 0, StorageLevel::MEMORY_ONLY, false, block(1))?;
    store.damage(OLD, 0)?;
    assert!(store.get(OLD, 0).unwrap().rows::<u64>().is_err());
    Ok(())
}
