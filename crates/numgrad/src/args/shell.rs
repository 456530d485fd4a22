//! What can be asked of the commands about the command line itself.
use clap::Args;
use clap_complete::Shell;
use std::path::PathBuf;

const COMPLETIONS_EXAMPLES: &str = "\
Examples:
  numgrad completions bash > ~/.local/share/bash-completion/completions/numgrad
  numgrad completions zsh > ~/.zfunc/_numgrad
  numgrad completions fish > ~/.config/fish/completions/numgrad.fish";

const MAN_EXAMPLES: &str = "\
Examples:
  numgrad man | man -l -
  numgrad man train | man -l -
  numgrad man data-describe | man -l -
  numgrad man --output ~/.local/share/man/man1";

#[derive(Debug, Args)]
#[command(after_help = COMPLETIONS_EXAMPLES)]
pub(crate) struct CompletionsArguments {
    /// The shell
    pub(crate) shell: Shell,
}

#[derive(Debug, Args)]
#[command(after_help = MAN_EXAMPLES)]
pub(crate) struct ManArguments {
    /// The command whose page to print [default: the program's own page]
    #[arg(value_name = "COMMAND", conflicts_with = "output")]
    pub(crate) command: Option<String>,
    /// Write every page into this folder instead
    #[arg(long, short, value_name = "DIR")]
    pub(crate) output: Option<PathBuf>,
    /// One JSON object on standard output, and nothing else there
    #[arg(long, requires = "output")]
    pub(crate) json: bool,
}
