//! The workspace's benchmarks live beside this folder; this library is empty.
