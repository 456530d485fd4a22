//! What an exchange between ranks takes.
use numgrad_gradient::Traffic;

/// A network by two numbers: Hockney's model.
#[derive(Debug, Clone, Copy)]
pub(in crate::command) struct Network {
    /// α: seconds of a message, however short.
    pub(in crate::command) latency: f64,
    /// Bytes a second that a rank receives: 1/β.
    pub(in crate::command) bandwidth: f64,
}

/// What an all-gather took.
#[derive(Debug, Clone, Copy)]
pub(in crate::command) struct Timed {
    /// Bytes of all ranks.
    pub(in crate::command) bytes: f64,
    pub(in crate::command) seconds: f64,
}

impl Network {
    /// Seconds of a step's all-gathers: ⌈log₂ R⌉·α each, and n·(R − 1)/R·β for n bytes in all, which
    /// recursive doubling and Bruck's algorithm reach (Thakur, Rabenseifner and Gropp, "Optimization
    /// of collective communication operations in MPICH", 2005, section 4.1); and of its all-to-alls:
    /// (R − 1)·α each and n/R·β, by exchanges of each rank with each (there, section 4.3).
    pub(in crate::command) fn seconds(&self, ranks: usize, traffic: Traffic) -> f64 {
        if ranks < 2 {
            return 0.0;
        }
        let gathered = (traffic.bytes - traffic.scattered) as f64 * received(ranks);
        let received = gathered + traffic.scattered as f64 / ranks as f64;
        let gathers = (traffic.exchanges - traffic.scatters) as f64 * doublings(ranks);
        let messages = gathers + (traffic.scatters * (ranks as u64 - 1)) as f64;
        messages * self.latency + received / self.bandwidth
    }

    /// The two numbers that come nearest to what at least two ranks took for all-gathers of several
    /// sizes: least squares of the relative errors, since the times differ by orders of magnitude.
    pub(in crate::command) fn through(ranks: usize, all: &[Timed]) -> Self {
        // Of a + b·n = t, divided by t.
        let of = |timed: &Timed| (1.0 / timed.seconds, timed.bytes / timed.seconds);
        let sum = |term: fn(f64, f64) -> f64| -> f64 {
            all.iter().map(of).map(|(u, v)| term(u, v)).sum()
        };
        let (u, v) = (sum(|u, _| u), sum(|_, v| v));
        let (uu, uv, vv) = (sum(|u, _| u * u), sum(|u, v| u * v), sum(|_, v| v * v));
        let determinant = uu * vv - uv * uv;
        let (a, b) = (
            (u * vv - v * uv) / determinant,
            (v * uu - u * uv) / determinant,
        );
        // Noise may tilt the line; neither number is negative.
        let (a, b) = match (a > 0.0, b > 0.0) {
            (true, true) => (a, b),
            (true, false) => (u / uu, 0.0),
            _ => (0.0, v / vv),
        };
        Self {
            latency: a / doublings(ranks),
            bandwidth: received(ranks) / b.max(f64::MIN_POSITIVE),
        }
    }
}

/// How often the known part doubles until it is everything.
fn doublings(ranks: usize) -> f64 {
    f64::from(usize::BITS - (ranks - 1).leading_zeros())
}

/// The share of all bytes that a rank does not have itself.
fn received(ranks: usize) -> f64 {
    (ranks - 1) as f64 / ranks as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exchange_takes_its_doublings_and_what_is_received() {
        let network = Network {
            latency: 1.0,
            bandwidth: 100.0,
        };
        let traffic = Traffic {
            bytes: 800,
            exchanges: 2,
            ..Traffic::default()
        };
        assert_eq!(network.seconds(1, traffic), 0.0);
        assert_eq!(network.seconds(2, traffic), 2.0 + 4.0);
        assert_eq!(network.seconds(4, traffic), 4.0 + 6.0);
        assert_eq!(network.seconds(5, traffic), 6.0 + 6.4);
        let traffic = Traffic {
            bytes: 800,
            exchanges: 2,
            scattered: 200,
            scatters: 1,
        };
        assert_eq!(network.seconds(2, traffic), 2.0 + 3.0 + 1.0);
        assert_eq!(network.seconds(4, traffic), 2.0 + 3.0 + 4.5 + 0.5);
    }

    #[test]
    fn what_was_measured_gives_the_two_numbers_back_and_neither_is_negative() {
        let network = Network {
            latency: 3e-6,
            bandwidth: 4e9,
        };
        for ranks in [2, 3, 8] {
            let timed = |bytes: u64| Timed {
                bytes: bytes as f64,
                seconds: network.seconds(
                    ranks,
                    Traffic {
                        bytes,
                        exchanges: 1,
                        ..Traffic::default()
                    },
                ),
            };
            let found = Network::through(ranks, &[16, 1 << 10, 1 << 16, 1 << 22].map(timed));
            assert!((found.latency / network.latency - 1.0).abs() < 1e-9);
            assert!((found.bandwidth / network.bandwidth - 1.0).abs() < 1e-9);
        }
        let timed = |(bytes, seconds)| Timed { bytes, seconds };
        let falling = Network::through(2, &[(1.0, 2.0), (100.0, 1.0)].map(timed));
        assert!(falling.latency > 1.0 && falling.bandwidth > 1e100);
        let steep = Network::through(2, &[(1.0, 0.1), (100.0, 20.0)].map(timed));
        assert!(steep.latency == 0.0 && steep.bandwidth > 2.5 && steep.bandwidth < 5.0);
    }
}
