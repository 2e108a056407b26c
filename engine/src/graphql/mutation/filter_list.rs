//! What admins do to the operator's lists.

use async_graphql::{Context, InputObject, Object, SimpleObject};

use super::filter::{by, user_errors};
use crate::graphql::administered;
use crate::graphql::errors::Fault;
use crate::graphql::types::filter_list::FilterList;
use crate::graphql::types::user_error::UserError;
use crate::release::ChangeList;

/// What admins do to the operator's lists.
#[derive(Debug, Default)]
pub struct FilterListMutation;

/// Entries that come and go.
#[derive(Debug, InputObject)]
pub struct ChangeFilterListInput {
    /// The list; it is made if there is none.
    name: String,
    /// Entries to add, at most 5,000.
    #[graphql(default)]
    add: Vec<String>,
    /// Entries to remove, however they are written, at most 5,000.
    #[graphql(default)]
    remove: Vec<String>,
    /// What is to be said about the list.
    note: Option<String>,
}

/// A list that should go.
#[derive(Debug, InputObject)]
pub struct DeleteFilterListInput {
    /// The list.
    name: String,
    /// Why, for the audit log.
    reason: Option<String>,
}

/// A changed list.
#[derive(Debug, SimpleObject)]
pub struct ChangeFilterListPayload {
    /// The list, if it was done.
    list: Option<FilterList>,
    /// Why it was not done; empty if it was.
    user_errors: Vec<UserError>,
}

/// A deleted list.
#[derive(Debug, SimpleObject)]
pub struct DeleteFilterListPayload {
    /// Its name, if it was done.
    name: Option<String>,
    /// Why it was not done; empty if it was.
    user_errors: Vec<UserError>,
}

#[Object]
impl FilterListMutation {
    /// Adds and removes entries of a list, all or none, in effect with the next message. For admins.
    async fn change_filter_list(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The list and its entries.")] input: ChangeFilterListInput,
    ) -> Result<ChangeFilterListPayload, Fault> {
        let (releases, viewer) = administered(ctx)?;
        let ChangeFilterListInput { name, add, remove, note } = input;
        let by = by(viewer, note.clone());
        let result = releases.change_list(by, ChangeList { name, add, remove, note }).await;
        Ok(match result {
            Ok(row) => ChangeFilterListPayload { list: Some(FilterList(row)), user_errors: vec![] },
            Err(error) => ChangeFilterListPayload { list: None, user_errors: user_errors(error)? },
        })
    }

    /// Deletes a list with all its entries. For admins.
    async fn delete_filter_list(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The list.")] input: DeleteFilterListInput,
    ) -> Result<DeleteFilterListPayload, Fault> {
        let (releases, viewer) = administered(ctx)?;
        let result = releases.delete_list(by(viewer, input.reason), &input.name).await;
        Ok(match result {
            Ok(()) => DeleteFilterListPayload { name: Some(input.name), user_errors: vec![] },
            Err(error) => DeleteFilterListPayload { name: None, user_errors: user_errors(error)? },
        })
    }
}
