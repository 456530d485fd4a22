//! The program's commands, a file each.
pub(crate) mod bench;
pub(crate) mod check;
pub(crate) mod compare;
pub(crate) mod descend;
pub(crate) mod differentiate;
pub(crate) mod evaluate;
pub(crate) mod inspect;
pub(crate) mod minimize;
pub(crate) mod train;
