//! Joining the other ranks, and leaving them.
use numgrad_gradient::Comm;
use std::sync::Arc;
use thiserror::Error;

/// Why a rank cannot join the others.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum JoinError {
    /// A launcher started several ranks of a program that knows no MPI.
    #[error(
        "{ranks} ranks were started, but this numgrad was built without MPI, and each would do the \
         same: build it with --features mpi"
    )]
    WithoutMpi {
        /// How many were started.
        ranks: usize,
    },
    /// The MPI lets one thread alone call it.
    #[error(
        "this MPI lets only the main thread call it, but numgrad's ranks have several: use one with \
         MPI_THREAD_SERIALIZED, as Open MPI and MPICH are"
    )]
    Threads,
    /// Somebody else has started MPI in this process.
    #[error("MPI has been started before in this process: a process joins once")]
    Twice,
}

/// The ranks that a launcher started, as long as this value lives: it leaves them when it is
/// dropped, which the main thread should do last, and which waits until every rank does. A launcher
/// ends all ranks at the first that exits with an error: what is to be printed, be it printed
/// before.
#[derive(Debug)]
pub struct World {
    comm: Arc<dyn Comm>,
    #[cfg(feature = "mpi")]
    _universe: crate::rank::Universe,
}

impl World {
    /// Joins the ranks that a launcher started; `None` if this process was started alone. From then
    /// on a panic in any thread ends all ranks, with status 70: the others would wait for it for
    /// ever.
    ///
    /// # Errors
    /// [`JoinError`], of a build without the feature `mpi` where there is more than one rank.
    pub fn join() -> Result<Option<Self>, JoinError> {
        match crate::launched() {
            None => Ok(None),
            #[cfg(not(feature = "mpi"))]
            Some(0 | 1) => Ok(None),
            #[cfg(not(feature = "mpi"))]
            Some(ranks) => Err(JoinError::WithoutMpi { ranks }),
            #[cfg(feature = "mpi")]
            Some(_) => {
                let (universe, rank) = crate::rank::join()?;
                Ok(Some(Self {
                    comm: Arc::new(rank),
                    _universe: universe,
                }))
            }
        }
    }

    /// The ranks.
    pub fn comm(&self) -> &Arc<dyn Comm> {
        &self.comm
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.comm.barrier();
    }
}
