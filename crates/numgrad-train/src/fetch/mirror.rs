//! One address that may have a file: asked for what is missing, by HTTP ranges (RFC 9110, section 14).
use std::io::{self, Read};
use std::time::Duration;
use ureq::http::{Response, StatusCode, header};
use ureq::{Agent, Body, Error};

/// How long a mirror may take to connect, and to send anything at all.
const CONNECT: Duration = Duration::from_secs(20);
const SILENCE: Duration = Duration::from_secs(60);

/// An address to which files' names are added.
pub(super) struct Mirror<'a> {
    address: &'a str,
    agent: Agent,
}

/// Why a file is not fetched.
pub(super) enum Refusal {
    /// What the mirror did: the next one may do better.
    Mirror(String),
    /// The part cannot be written.
    Disk(io::Error),
}

impl<'a> Mirror<'a> {
    pub(super) fn new(address: &'a str) -> Self {
        let mut settings = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_resolve(Some(CONNECT))
            .timeout_connect(Some(CONNECT))
            .timeout_recv_response(Some(SILENCE))
            .timeout_per_read(Some(SILENCE))
            .user_agent(concat!("numgrad/", env!("CARGO_PKG_VERSION")))
            // The files are packed as they are: the bytes have to be those of the checksum.
            .accept_encoding("identity");
        // A proxy of the environment is for what is elsewhere.
        if ["://127.0.0.1", "://localhost"]
            .iter()
            .any(|here| address.contains(here))
        {
            settings = settings.proxy(None);
        }
        Self {
            address: address.trim_end_matches('/'),
            agent: settings.build().into(),
        }
    }

    /// The bytes of a file from `start` on, or, of a mirror without ranges, from its beginning: with
    /// where they begin.
    pub(super) fn ask(&self, name: &str, start: u64) -> Result<(u64, impl Read + use<>), Refusal> {
        let mut request = self.agent.get(format!("{}/{name}", self.address));
        if start > 0 {
            request = request.header(header::RANGE, format!("bytes={start}-"));
        }
        let response = request.call().map_err(|error| refusal(&error))?;
        let begins = match response.status() {
            StatusCode::OK => 0,
            StatusCode::PARTIAL_CONTENT if begin(&response) == Some(start) => start,
            status => {
                let why = format!("answers {status}");
                return Err(Refusal::Mirror(why));
            }
        };
        Ok((begins, response.into_body().into_reader()))
    }
}

/// Where the bytes of a part begin, by its header Content-Range.
fn begin(response: &Response<Body>) -> Option<u64> {
    let range = response.headers().get(header::CONTENT_RANGE)?;
    let range = range.to_str().ok()?.strip_prefix("bytes ")?;
    range.split('-').next()?.parse().ok()
}

fn refusal(error: &Error) -> Refusal {
    let is_far = matches!(
        error,
        Error::HostNotFound | Error::ConnectionFailed | Error::Io(_) | Error::Timeout(_)
    );
    Refusal::Mirror(if is_far {
        format!("cannot be reached ({error})")
    } else {
        format!("fails ({error})")
    })
}
