//! The workspace's tests live in `it/`; this library is empty.
