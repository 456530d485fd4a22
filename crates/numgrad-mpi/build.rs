//! Says what to install where the feature `mpi` finds no MPI, before its bindings fail to build.
use std::env;
use std::process::{Command, Stdio};

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    // Where the bindings look before they ask a wrapper; what is wrong there they say themselves.
    let first = ["MPI_PKG_CONFIG", "CRAY_MPICH_DIR"];
    for name in ["MPICC", "PATH"].into_iter().chain(first) {
        println!("cargo::rerun-if-env-changed={name}");
    }
    if env::var_os("CARGO_FEATURE_MPI").is_none() {
        return;
    }
    if first.into_iter().any(|name| env::var_os(name).is_some()) {
        return;
    }
    let wrapper = env::var("MPICC").unwrap_or_else(|_| "mpicc".to_owned());
    let packages = ["ompi", "mpich"];
    let is_known = |package| succeeds("pkg-config", &["--exists", package]);
    if !succeeds(&wrapper, &["-show"]) && !packages.into_iter().any(is_known) {
        println!(
            "cargo::error=the feature `mpi` needs an MPI, and {wrapper} cannot be run: install one \
             (Debian: apt-get install libopenmpi-dev openmpi-bin libclang-dev, or libmpich-dev mpich \
             libclang-dev), or name its compiler in MPICC"
        );
    }
}

fn succeeds(program: &str, arguments: &[&str]) -> bool {
    let mut command = Command::new(program);
    command.args(arguments);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}
