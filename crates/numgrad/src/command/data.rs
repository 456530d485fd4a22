//! `numgrad data`: what can be done with data before training on them.
mod describe;
#[cfg(feature = "download")]
mod fetch;

use crate::args::{DataCommand, DataCommandArguments};
use crate::failure::Failure;
use crate::out::Out;

pub(crate) fn run(arguments: &DataCommandArguments, out: &mut Out) -> Result<(), Failure> {
    match &arguments.command {
        DataCommand::Describe(arguments) => describe::run(arguments, out),
        #[cfg(feature = "download")]
        DataCommand::Fetch(arguments) => fetch::run(arguments, out),
        #[cfg(not(feature = "download"))]
        DataCommand::Fetch(_) => Err(Failure::usage(
            "this numgrad was built without a road to the network: build it with cargo install --path \
             crates/numgrad --features download, or put the four files into a folder yourself and say \
             --data mnist:FOLDER",
        )),
    }
}
