//! What can be asked of `numgrad scale`.
use super::{DataArguments, GradientArguments, NetworkArguments};
use clap::Args;
use numgrad_gradient::Split;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

const SCALE_EXAMPLES: &str = "\
Examples:
  numgrad scale --layers 64,128,10 --batch-size 1000 --ranks 1..64
  numgrad scale --data mnist:FOLDER --layers 784,128,64,10 --ranks 1..10000 --network-latency 2us \
--bandwidth 12.5GB/s
  numgrad scale --perturb directions --directions 4096 --ranks 1,8,64 --json";

#[derive(Debug, Args)]
#[command(after_help = SCALE_EXAMPLES)]
pub(crate) struct ScaleArguments {
    #[command(flatten)]
    pub(crate) data: DataArguments,
    #[command(flatten)]
    pub(crate) network: NetworkArguments,
    #[command(flatten)]
    pub(crate) gradient: GradientArguments,
    /// Samples of the batch
    #[arg(long, default_value_t = 100, value_name = "N")]
    pub(crate) batch_size: usize,
    /// Numbers of ranks: a list, or a range, of which the powers of two and the ends are taken
    #[arg(long, default_value = "1..1024", value_name = "1,2,4|1..N")]
    pub(crate) ranks: RankCounts,
    /// What each rank has a part of: coordinates, samples or directions [default: as train takes it]
    #[arg(long, value_name = "WHAT")]
    pub(crate) distribute: Option<Split>,
    /// The time that a message takes from one rank to another, however short it is
    #[arg(long, default_value = "2us", value_name = "TIME", value_parser = humantime::parse_duration)]
    pub(crate) network_latency: Duration,
    /// What a rank receives in a second: B/s, kB/s, MB/s or GB/s, or in bits Mb/s or Gb/s
    #[arg(long, default_value = "12.5GB/s", value_name = "RATE")]
    pub(crate) bandwidth: Bandwidth,
    /// Threads of a rank (0: all that the container allows)
    #[arg(long, default_value_t = 0, value_name = "N")]
    pub(crate) threads: usize,
    /// About how long to measure a number of ranks
    #[arg(long, default_value_t = 1.0, value_name = "SECONDS")]
    pub(crate) seconds: f64,
    /// One JSON object a line on standard output, and nothing else there
    #[arg(long)]
    pub(crate) json: bool,
}

/// Some numbers of ranks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RankCounts(pub(crate) Vec<usize>);

impl RankCounts {
    /// More ranks than any machine has.
    const MOST: usize = 1 << 24;
}

impl FromStr for RankCounts {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("'{text}' are no numbers of ranks: 1,2,4 or 1..10000, up to 2²⁴");
        let number = |text: &str| match text.trim().parse() {
            Ok(count) if (1..=Self::MOST).contains(&count) => Ok(count),
            _ => Err(wrong()),
        };
        let Some((first, last)) = text.split_once("..") else {
            let counts: Result<Vec<usize>, String> = text.split(',').map(number).collect();
            return counts.map(Self);
        };
        let (first, last) = (number(first)?, number(last.trim_start_matches('='))?);
        if first > last {
            return Err(wrong());
        }
        let powers = (0..=24).map(|k| 1 << k);
        let mut counts: Vec<usize> = powers.filter(|k| (first..=last).contains(k)).collect();
        counts.extend([first, last]);
        counts.sort_unstable();
        counts.dedup();
        Ok(Self(counts))
    }
}

/// Bytes a second.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Bandwidth(pub(crate) f64);

impl Bandwidth {
    const UNITS: [(&str, f64); 8] = [
        ("GB/s", 1e9),
        ("MB/s", 1e6),
        ("kB/s", 1e3),
        ("Gb/s", 1e9 / 8.0),
        ("Mb/s", 1e6 / 8.0),
        ("kb/s", 1e3 / 8.0),
        ("B/s", 1.0),
        ("", 1.0),
    ];
}

impl FromStr for Bandwidth {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::UNITS.into_iter().find_map(|(unit, size)| {
            let number: f64 = text.strip_suffix(unit)?.trim().parse().ok()?;
            Some(number * size)
        });
        let found = found.filter(|rate| rate.is_finite() && *rate > 0.0);
        found.map(Self).ok_or_else(|| {
            format!("'{text}' is no bandwidth: a number with a unit, as 12.5GB/s or 100Gb/s")
        })
    }
}

impl fmt::Display for Bandwidth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} GB/s", self.0 / 1e9)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_and_rates_are_read_as_they_are_written() {
        let counts = |text: &str| text.parse::<RankCounts>().map(|counts| counts.0);
        assert_eq!(counts("3..20"), Ok(vec![3, 4, 8, 16, 20]));
        assert_eq!(counts("1..1"), Ok(vec![1]));
        assert_eq!(counts("8,2"), Ok(vec![8, 2]));
        for wrong in ["0", "", "2..1", "1..", "x", "1..100000000"] {
            assert!(counts(wrong).is_err(), "{wrong}");
        }
        let rate = |text: &str| text.parse::<Bandwidth>().map(|rate| rate.0);
        assert_eq!(rate("100Gb/s"), Ok(12.5e9));
        assert_eq!(rate("12.5 GB/s"), Ok(12.5e9));
        assert_eq!(rate("1e6"), Ok(1e6));
        for wrong in ["", "GB/s", "-1GB/s", "1 TB", "infB/s"] {
            assert!(rate(wrong).is_err(), "{wrong}");
        }
    }
}
