//! What ranks say to each other, tried under a launcher: `mpirun -n 3 target/debug/examples/ranks`.
//! With a word, the last rank does what it says while the others wait: `panic`, `abort` or `hang`.
#![expect(clippy::print_stdout, reason = "an example speaks to whoever runs it")]
use numgrad_mpi::World;
use std::time::Duration;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let Some(world) = World::join()? else {
        println!("alone");
        return Ok(());
    };
    let comm = world.comm();
    let (rank, size) = (comm.rank(), comm.size());
    let is_last = rank + 1 == size;
    match std::env::args().nth(1).as_deref() {
        Some("panic") if is_last => panic!("as it was asked to"),
        Some("abort") if is_last => comm.abort(74),
        Some("hang") if is_last => std::thread::sleep(Duration::from_secs(600)),
        _ => {}
    }
    comm.barrier();
    // Part r has r + 1 bytes; −0 and NaNs are bytes like any others.
    let counts: Vec<usize> = (1..=size).collect();
    let expected: Vec<u8> = (0..size)
        .flat_map(|r| vec![0x80 + r as u8; r + 1])
        .collect();
    let mut all = vec![0; expected.len()];
    let start: usize = counts[..rank].iter().sum();
    all[start..start + counts[rank]].copy_from_slice(&expected[start..start + counts[rank]]);
    comm.all_gather(&mut all, &counts);
    assert_eq!(all, expected, "rank {rank}");
    let mut word = if rank == 0 { *b"from rank 0" } else { [0; 11] };
    comm.broadcast(0, &mut word);
    assert_eq!(&word, b"from rank 0", "rank {rank}");
    // Rank r has r + 1 times as many bytes for each as rank 0, and for rank s 2·s of them.
    let lengths: Vec<usize> = (0..size).map(|rank| 2 * rank).collect();
    let part = |from: usize, to: usize| vec![(16 * from + to) as u8; counts[from] * lengths[to]];
    let for_each: Vec<u8> = (0..size).flat_map(|to| part(rank, to)).collect();
    let expected: Vec<u8> = (0..size).flat_map(|from| part(from, rank)).collect();
    let mut found = vec![0; expected.len()];
    comm.all_to_all(&for_each, &mut found, &counts, &lengths);
    assert_eq!(found, expected, "rank {rank}");
    let scattered = for_each.len() - part(rank, rank).len();
    let own = (counts[rank] + scattered) as u64 + if rank == 0 { word.len() as u64 } else { 0 };
    assert_eq!(comm.sent(), if size > 1 { own } else { 0 });
    assert!(comm.waited() > 0.0 || size == 1);
    comm.barrier();
    if rank == 0 {
        println!("{size} ranks agree");
    }
    Ok(())
}
