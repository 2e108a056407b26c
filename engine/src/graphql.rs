//! The API: a schema of thin resolvers over the rooms, and the executor every transport uses.

mod answer;
mod cast;
pub mod documents;
pub mod errors;
pub mod execute;
mod feed;
mod following;
pub mod ids;
mod known;
mod layout;
pub mod limits;
mod log;
pub mod metering;
pub mod mutation;
pub mod query;
mod replay;
mod sending;
mod shape;
pub mod subscription;
pub mod types;

use std::sync::Arc;

use async_graphql::{Context, Schema, SchemaBuilder, ValidationMode};

use crate::backtest::Backtests;
use crate::config::Limits;
use crate::conversation::Conversations;
use crate::domain::{Clock, Viewer, access};
use crate::inbox::Inbox;
use crate::insight::Insight;
use crate::outbox::Outbox;
use crate::release::Releases;
use crate::search::Search;
use crate::staff::Staff;
use crate::store::Store;
use crate::trust::Moderation;
pub use answer::Answer;
use errors::Fault;
pub use execute::{Executor, Params, Prepared, short_of_memory};
use limits::SendLimiter;
pub use mutation::Mutation;
pub use query::Query;
pub use subscription::Subscription;

/// The schema's Rust type.
pub type ApiSchema = Schema<Query, Mutation, Subscription>;

/// The schema over the same rooms, twice: what is known to be valid is not validated each time.
#[derive(Clone)]
pub struct Schemas {
    /// Validates.
    pub strict: ApiSchema,
    /// Only looks at size and depth.
    pub fast: ApiSchema,
}

/// The rooms resolvers call.
#[derive(Clone)]
pub struct Rooms {
    /// Users, listings, messages.
    pub store: Store,
    /// Everything done in conversations.
    pub conversations: Conversations,
    /// What follows the log, and how far it is.
    pub outbox: Outbox,
    /// Viewers' lists.
    pub inbox: Inbox,
    /// Finds messages and conversations.
    pub search: Search,
    /// Filters, policies, the operator's lists.
    pub releases: Releases,
    /// Drafts tried on the past.
    pub backtests: Backtests,
    /// Held messages.
    pub moderation: Moderation,
    /// Live figures.
    pub insight: Insight,
    /// Accounts of staff.
    pub staff: Staff,
    /// The time of day.
    pub clock: Clock,
}

/// Who asks; request data. `None`: nobody is signed in.
#[derive(Debug, Clone, Default)]
pub struct Caller(pub Option<Arc<Viewer>>);

/// The schema over the rooms. `development`: whether introspection is answered.
pub fn build_schema(rooms: &Rooms, limits: &Limits, development: bool) -> Schemas {
    let pace = Arc::new(SendLimiter::new(limits));
    let build = |mode| {
        let mut builder = builder()
            .validation_mode(mode)
            .data(rooms.clone())
            .data(limits.clone())
            .data(Arc::clone(&pace))
            .limit_depth(limits.depth)
            .limit_complexity(limits.complexity);
        if !development {
            builder = builder.disable_introspection().disable_suggestions();
        }
        builder.finish()
    };
    Schemas { strict: build(ValidationMode::Strict), fast: build(ValidationMode::Fast) }
}

/// The schema in its definition language, as committed in `schema/schema.graphql`.
pub fn sdl() -> String {
    let options = async_graphql::SDLExportOptions::new()
        .prefer_single_line_descriptions()
        .include_specified_by()
        .use_space_ident();
    let sdl = builder().finish().sdl_with_options(options);
    let lines: Vec<&str> = sdl.lines().map(str::trim_end).collect();
    format!("{}\n", lines.join("\n").trim_end())
}

fn builder() -> SchemaBuilder<Query, Mutation, Subscription> {
    types::describe(Schema::build(Query::default(), Mutation::default(), Subscription::default()))
}

/// The signed-in viewer, or the fault that nobody is.
pub(crate) fn viewer<'a>(ctx: &Context<'a>) -> Result<&'a Arc<Viewer>, Fault> {
    ctx.data_opt::<Caller>().and_then(|caller| caller.0.as_ref()).ok_or(Fault::Unauthenticated)
}

/// The rooms, which every schema but the exported one has.
pub(crate) fn rooms<'a>(ctx: &Context<'a>) -> Result<&'a Rooms, Fault> {
    ctx.data_opt().ok_or(Fault::Internal)
}

/// The releases, for whoever may see filters, policies and lists.
pub(crate) fn releases<'a>(ctx: &Context<'a>) -> Result<&'a Releases, Fault> {
    if !access::may_see_filters(viewer(ctx)?.role) {
        return Err(Fault::Forbidden("Only moderators and admins see filters and policies."));
    }
    Ok(&rooms(ctx)?.releases)
}

/// The same, and the viewer, for whoever may change them.
pub(crate) fn administered<'a>(
    ctx: &Context<'a>,
) -> Result<(&'a Releases, &'a Arc<Viewer>), Fault> {
    let viewer = viewer(ctx)?;
    if !access::may_change_filters(viewer.role) {
        return Err(Fault::Forbidden("Only admins change filters, policies and lists."));
    }
    Ok((&rooms(ctx)?.releases, viewer))
}

/// The configured limits.
pub(crate) fn limits<'a>(ctx: &Context<'a>) -> Result<&'a Limits, Fault> {
    ctx.data_opt().ok_or(Fault::Internal)
}

#[cfg(test)]
mod tests;
