//! What the driver can do, a file each.

pub mod chat;
pub mod compare;
pub mod crash;
pub mod fanout;
pub mod idle;
pub mod mixed;
pub mod overload;
pub mod replay;
pub mod storm;

use std::sync::Arc;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::arguments::{Chat, Common};
use crate::driver::Pace;
use crate::error::LoadError;
use crate::fleet::Phase;
use crate::market::Market;
use crate::operations::Operations;
use crate::server::Server;

/// The server and everything about it.
pub fn meet(common: &Common) -> Result<(Arc<Market>, Server), LoadError> {
    let mut operations = Operations::open(&common.operations)?;
    if let Some(path) = &common.metrics {
        operations.metrics.path.clone_from(path);
    }
    let market = Market::open(operations, &common.url, &common.data_dir)?;
    let counters = &market.operations.metrics;
    let server = Server::find(&common.pid, market.server, counters, common.trace_syncs)?;
    raise_file_limit();
    Ok((Arc::new(market), server))
}

/// Conversations of two that talk: the figures of one measurement on a fleet of its own.
pub fn talk(
    market: &Arc<Market>,
    server: &Server,
    asked: &Chat,
    pace: Pace,
) -> Result<Phase, LoadError> {
    let mut fleet = chat::fleet(market, asked)?;
    let common = &asked.common;
    let mut all = fleet.run(server, pace, common.warmup, "warming up")?.stats;
    let phase = fleet.run(server, pace, common.seconds, &market.operations.name)?;
    all.add(&phase.stats);
    all.add(&fleet.drain()?);
    all.check()?;
    Ok(phase)
}

/// Every socket is a file. Where the limit can't be raised, connecting says so.
pub fn raise_file_limit() {
    let limit = getrlimit(Resource::Nofile);
    let wanted = limit.maximum.map_or(1 << 20, |most| most.max(1 << 20));
    for maximum in [Some(wanted), limit.maximum] {
        let raised = Rlimit { current: maximum, maximum };
        if setrlimit(Resource::Nofile, raised).is_ok() {
            return;
        }
    }
}
