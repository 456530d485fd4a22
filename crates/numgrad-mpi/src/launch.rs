//! Whether a process was started as one rank of several.

/// What launchers tell a process of their number: Open MPI, MPICH and Slurm by PMI, MVAPICH.
const SIZES: [&str; 3] = ["OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "MV2_COMM_WORLD_SIZE"];

/// What PMIx tells a process, and Slurm's number beside it.
const OF_PMIX: (&str, &str) = ("PMIX_RANK", "SLURM_STEP_NUM_TASKS");

/// How many ranks the launcher of this process has started; `None` if it was started alone, or by
/// something that is no launcher. It asks the environment, and no MPI.
pub fn launched() -> Option<usize> {
    launched_in(|name| std::env::var(name).ok())
}

fn launched_in(variable: impl Fn(&str) -> Option<String>) -> Option<usize> {
    let number = |name| variable(name)?.parse().ok();
    let by_pmix = || {
        variable(OF_PMIX.0)?;
        number(OF_PMIX.1)
    };
    SIZES.into_iter().find_map(number).or_else(by_pmix)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_launcher_is_known_by_what_it_sets() {
        let found = |set: &[(&str, &str)]| {
            launched_in(|name| {
                let variable = set.iter().find(|variable| variable.0 == name)?;
                Some(variable.1.to_owned())
            })
        };
        assert_eq!(found(&[]), None);
        assert_eq!(found(&[("OMPI_COMM_WORLD_SIZE", "4")]), Some(4));
        assert_eq!(found(&[("PMI_SIZE", "2")]), Some(2));
        // A job script of Slurm is no rank.
        assert_eq!(found(&[("SLURM_STEP_NUM_TASKS", "8")]), None);
        let by_pmix = [("PMIX_RANK", "3"), ("SLURM_STEP_NUM_TASKS", "8")];
        assert_eq!(found(&by_pmix), Some(8));
    }
}
