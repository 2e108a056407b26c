//! What the command line says.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};

/// Drives conversations over WebSockets, checks that nothing is lost or doubled, and measures.
#[derive(Debug, Parser)]
#[command(name = "rialto-load", version)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub scenario: Scenario,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Scenario {
    /// Conversations of two who both listen and send.
    Chat(Chat),
    /// One sender, many subscribers of one conversation.
    Fanout(Fanout),
    /// Many subscriptions that nothing happens on: memory each.
    Idle(Idle),
    /// All clients lose their sockets at once and come back with `after`.
    Storm(Storm),
    /// Offers a multiple of the capacity, then little again.
    Overload(Overload),
    /// Conversations, histories, searches and staff streams side by side.
    Mixed(Mixed),
    /// Starts the server itself, kills it again and again under load, and looks for what is lost, doubled or missing.
    Crash(Crash),
    /// Measures two servers in turns and prints the ratios.
    Compare(Compare),
    /// Sends the messages of a file of `label TAB text` lines.
    Replay(Replay),
}

/// What every scenario needs to know.
#[derive(Debug, Clone, Args)]
pub struct Common {
    /// The server.
    #[arg(long, default_value = "http://127.0.0.1:4000")]
    pub url: String,
    /// The server's data directory, whose secret signs the tokens.
    #[arg(long, default_value = "data")]
    pub data_dir: PathBuf,
    /// GraphQL documents and a manifest that says where in the answers things are.
    #[arg(long, default_value = "benches/load/operations/rialto")]
    pub operations: PathBuf,
    /// A process of the server, measured with all its children; without any, what listens at the port.
    #[arg(long)]
    pub pid: Vec<u32>,
    /// Path of the server's Prometheus text, if it is not the manifest's.
    #[arg(long, value_name = "PATH")]
    pub metrics: Option<String>,
    /// Counts syncs with `perf stat`, which takes some rights, instead of by the server's own counters.
    #[arg(long)]
    pub trace_syncs: bool,
    /// The driver's threads.
    #[arg(long, default_value_t = 1)]
    pub threads: usize,
    /// Seconds before measuring begins.
    #[arg(long, default_value = "2", value_parser = seconds)]
    pub warmup: Duration,
    /// Seconds of a measurement.
    #[arg(long, default_value = "10", value_parser = seconds)]
    pub seconds: Duration,
    /// Measurements; more than one give medians.
    #[arg(long, default_value_t = 1)]
    pub repeat: usize,
    /// Also writes the figures here.
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
}

/// Conversations of two.
#[derive(Debug, Args)]
pub struct Chat {
    /// Everything else.
    #[command(flatten)]
    pub common: Common,
    /// Conversations.
    #[arg(long, default_value_t = 50)]
    pub conversations: usize,
    /// How many of a conversation's two send.
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u8).range(1..=2))]
    pub senders: u8,
    /// Messages that a sender has under way in a closed loop.
    #[arg(long, default_value_t = 1)]
    pub in_flight: usize,
    /// Offers so many messages a second instead of a closed loop; times count from when a message was due.
    #[arg(long)]
    pub rate: Option<f64>,
}

/// One sender, many subscribers.
#[derive(Debug, Args)]
pub struct Fanout {
    /// Everything else.
    #[command(flatten)]
    pub common: Common,
    /// Subscribers, each on its own socket; the sender is one of them.
    #[arg(long, default_value_t = 1_000)]
    pub subscribers: usize,
    /// Messages that the sender has under way in a closed loop.
    #[arg(long, default_value_t = 1)]
    pub in_flight: usize,
    /// Offers so many messages a second instead.
    #[arg(long)]
    pub rate: Option<f64>,
}

/// Many quiet subscriptions.
#[derive(Debug, Args)]
pub struct Idle {
    /// Everything else.
    #[command(flatten)]
    pub common: Common,
    /// Subscriptions, each on its own socket.
    #[arg(long, default_value_t = 5_000)]
    pub subscriptions: usize,
    /// Conversations they are spread over; half as many if not given.
    #[arg(long)]
    pub conversations: Option<usize>,
}

/// Everybody comes back at once.
#[derive(Debug, Args)]
pub struct Storm {
    /// Everything else.
    #[command(flatten)]
    pub common: Common,
    /// Conversations.
    #[arg(long, default_value_t = 500)]
    pub conversations: usize,
    /// Clients of each.
    #[arg(long, default_value_t = 4)]
    pub subscribers: usize,
    /// Messages each misses.
    #[arg(long, default_value_t = 5)]
    pub missed: usize,
    /// Clients that connect at once.
    #[arg(long, default_value_t = 1_000)]
    pub at_once: usize,
}

/// More than can be done.
#[derive(Debug, Args)]
pub struct Overload {
    /// Everything else.
    #[command(flatten)]
    pub common: Common,
    /// Conversations.
    #[arg(long, default_value_t = 50)]
    pub conversations: usize,
    /// How many times its capacity is offered.
    #[arg(long, default_value_t = 3.0)]
    pub times: f64,
    /// Messages that a sender has under way while the capacity is measured.
    #[arg(long, default_value_t = 4)]
    pub in_flight: usize,
    /// Seconds of light load afterwards.
    #[arg(long, default_value = "10", value_parser = seconds)]
    pub after: Duration,
    /// A second in which 99 of 100 messages took no longer, seconds, is one of a server that is well again.
    #[arg(long, default_value = "0.1", value_parser = seconds)]
    pub recovered: Duration,
}

/// Conversations and all else.
#[derive(Debug, Args)]
pub struct Mixed {
    /// The conversations.
    #[command(flatten)]
    pub chat: Chat,
    /// Histories read per second.
    #[arg(long, default_value_t = 50.0)]
    pub reads: f64,
    /// Searches per second.
    #[arg(long, default_value_t = 20.0)]
    pub searches: f64,
    /// Streams of the staff's.
    #[arg(long, default_value_t = 4)]
    pub staff: usize,
}

/// Killing.
#[derive(Debug, Args)]
pub struct Crash {
    /// Everything else.
    #[command(flatten)]
    pub common: Common,
    /// How often.
    #[arg(long, default_value_t = 200)]
    pub kills: usize,
    /// Conversations.
    #[arg(long, default_value_t = 50)]
    pub conversations: usize,
    /// Messages that a sender has under way in a closed loop.
    #[arg(long, default_value_t = 2)]
    pub in_flight: usize,
    /// Offers so many messages a second instead.
    #[arg(long)]
    pub rate: Option<f64>,
    /// Stops it softly, with SIGTERM, instead: no answer may be an error then.
    #[arg(long)]
    pub gently: bool,
    /// Shortest life after being ready, seconds.
    #[arg(long, default_value = "0.2", value_parser = seconds)]
    pub shortest: Duration,
    /// Longest life after being ready, seconds.
    #[arg(long, default_value = "2", value_parser = seconds)]
    pub longest: Duration,
    /// Decides when it is killed.
    #[arg(long, default_value_t = 42)]
    pub seed: u64,
    /// Where what the server prints goes.
    #[arg(long, value_name = "FILE")]
    pub log: Option<PathBuf>,
    /// The command that starts the server, behind `--`.
    #[arg(last = true, required = true)]
    pub command: Vec<String>,
}

/// Two servers.
#[derive(Debug, Args)]
pub struct Compare {
    /// The conversations, and the first server.
    #[command(flatten)]
    pub chat: Chat,
    /// The peer.
    #[arg(long, default_value = "http://127.0.0.1:4100")]
    pub peer_url: String,
    /// The peer's data directory.
    #[arg(long)]
    pub peer_data_dir: PathBuf,
    /// The peer's operations.
    #[arg(long, default_value = "benches/load/operations/peer")]
    pub peer_operations: PathBuf,
    /// A process of the peer, measured with all its children.
    #[arg(long)]
    pub peer_pid: Vec<u32>,
}

/// A labelled file.
#[derive(Debug, Args)]
pub struct Replay {
    /// The file: one message a line, `label TAB text`.
    pub file: PathBuf,
    /// Everything else.
    #[command(flatten)]
    pub common: Common,
    /// Conversations that run side by side.
    #[arg(long, default_value_t = 50)]
    pub conversations: usize,
    /// Go through the file this many times.
    #[arg(long, default_value_t = 1)]
    pub rounds: usize,
    /// Seconds it may take at most.
    #[arg(long, default_value = "600", value_parser = seconds)]
    pub limit: Duration,
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| format!("{text:?} is no number of seconds"))?;
    Duration::try_from_secs_f64(seconds).map_err(|error| error.to_string())
}
