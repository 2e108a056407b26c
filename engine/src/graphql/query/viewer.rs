//! Who is signed in.

use std::sync::Arc;

use async_graphql::{Context, Object};

use crate::graphql::errors::Fault;
use crate::graphql::types::viewer::Viewer;
use crate::graphql::viewer;

/// Who is signed in.
#[derive(Debug, Default)]
pub struct ViewerQuery;

#[Object]
impl ViewerQuery {
    /// Who is signed in, and what is theirs.
    async fn viewer(&self, ctx: &Context<'_>) -> Result<Option<Viewer>, Fault> {
        Ok(Some(Viewer(Arc::clone(viewer(ctx)?))))
    }
}
