//! What admins do to filters: check, upload, configure, put in a mode, roll back, release, limit.

use std::sync::Arc;

use async_graphql::{Context, InputObject, MaybeUndefined, Object, SimpleObject, Upload};

use crate::graphql::administered;
use crate::graphql::errors::{Fault, problems};
use crate::graphql::types::filter::{FailMode, Filter, FilterMode};
use crate::graphql::types::filter_version::{FilterGrant, FilterReport, FilterVersion};
use crate::graphql::types::user_error::{UserError, UserErrorCode};
use crate::release::{self, By, Mode, ReleaseError, SetMode};
use crate::store::FilterRow;

/// What admins do to filters.
#[derive(Debug, Default)]
pub struct FilterMutation;

/// A component to look at.
#[derive(Debug, InputObject)]
pub struct CheckFilterInput {
    /// The component, a `.wasm` file.
    component: Upload,
}

/// A component to keep, as a new version.
#[derive(Debug, InputObject)]
pub struct UploadFilterInput {
    /// The component, a `.wasm` file.
    component: Upload,
    /// Its configuration; if not given, that of the filter's live or newest version, or `{}` for a new filter.
    config: Option<serde_json::Value>,
    /// What it may call; if not given, what the filter's live or newest version may, or nothing for a new filter.
    grants: Option<Vec<FilterGrant>>,
    /// What is to be said about the version.
    note: Option<String>,
}

/// Another configuration or other grants, as a new version.
#[derive(Debug, InputObject)]
pub struct ConfigureFilterInput {
    /// The filter.
    name: String,
    /// The version whose component, and whatever is not given here, the new one takes over.
    base_version: u32,
    /// The configuration.
    config: Option<serde_json::Value>,
    /// What it may call.
    grants: Option<Vec<FilterGrant>>,
    /// What is to be said about the version.
    note: Option<String>,
}

/// A version and what it should do.
#[derive(Debug, InputObject)]
pub struct SetFilterModeInput {
    /// The filter.
    name: String,
    /// The version.
    version: u32,
    /// What it should do.
    mode: FilterMode,
    /// Share of conversations a canary judges, 0 to 100.
    canary_percent: Option<u8>,
    /// Why, for the audit log.
    reason: Option<String>,
    /// The filter's `revision` this is based on; if it changed since, nothing is done.
    expected_revision: Option<u64>,
}

/// A filter that should judge as before.
#[derive(Debug, InputObject)]
pub struct RollBackFilterInput {
    /// The filter.
    name: String,
    /// The version; the one that judged before if not given.
    version: Option<u32>,
    /// Why, for the audit log.
    reason: Option<String>,
    /// The filter's `revision` this is based on; if it changed since, nothing is done.
    expected_revision: Option<u64>,
}

/// A quarantined filter that should judge again.
#[derive(Debug, InputObject)]
pub struct ReleaseFilterInput {
    /// The filter.
    name: String,
    /// Why, for the audit log.
    reason: Option<String>,
}

/// When a filter is switched off; what is not given stays.
#[derive(Debug, InputObject)]
pub struct SetFilterLimitsInput {
    /// The filter.
    name: String,
    /// What becomes of a message it fails on.
    fail_mode: Option<FailMode>,
    /// Messages a day its signals may get masked or worse; null: as many as it likes.
    max_actions_per_day: MaybeUndefined<u64>,
    /// Share of an hour's messages its signals may get masked or worse, 0 to 1; null: the default.
    max_flagged_share: MaybeUndefined<f32>,
    /// Why, for the audit log.
    reason: Option<String>,
    /// The filter's `revision` this is based on; if it changed since, nothing is done.
    expected_revision: Option<u64>,
}

/// What was found out about a component.
#[derive(Debug, SimpleObject)]
pub struct CheckFilterPayload {
    /// What was found out, if it is a filter.
    report: Option<FilterReport>,
    /// Why it is refused; empty if it is not.
    user_errors: Vec<UserError>,
}

/// A new version.
#[derive(Debug, SimpleObject)]
pub struct UploadFilterPayload {
    /// The filter, if it was done.
    filter: Option<Filter>,
    /// The version; the newest one if that was the same already.
    version: Option<FilterVersion>,
    /// What was found out about the component.
    report: Option<FilterReport>,
    /// Why it was not done; empty if it was.
    user_errors: Vec<UserError>,
}

/// A new version.
#[derive(Debug, SimpleObject)]
pub struct ConfigureFilterPayload {
    /// The filter, if it was done.
    filter: Option<Filter>,
    /// The version.
    version: Option<FilterVersion>,
    /// Why it was not done; a problem's `field` is `config` and a JSON pointer.
    user_errors: Vec<UserError>,
}

/// Defines payloads that carry a filter.
macro_rules! filter_payloads {
    ($($(#[$meta:meta])* $name:ident)*) => {
        $(
            $(#[$meta])*
            #[derive(Debug, SimpleObject)]
            pub struct $name {
                /// The filter, if it was done.
                filter: Option<Filter>,
                /// Why it was not done; empty if it was.
                user_errors: Vec<UserError>,
            }

            impl $name {
                fn of(result: Result<FilterRow, ReleaseError>) -> Result<Self, Fault> {
                    Ok(match result {
                        Ok(row) => Self { filter: Some(Filter(row)), user_errors: vec![] },
                        Err(error) => Self { filter: None, user_errors: user_errors(error)? },
                    })
                }
            }
        )*
    };
}
filter_payloads! {
    /// A filter whose version does something else now.
    SetFilterModePayload
    /// A filter that judges as before.
    RollBackFilterPayload
    /// A filter that judges again.
    ReleaseFilterPayload
    /// A filter with other limits.
    SetFilterLimitsPayload
}

/// What a person can mend, as payloads carry it.
pub(super) fn user_errors(error: ReleaseError) -> Result<Vec<UserError>, Fault> {
    Ok(problems(error)?.into_iter().map(UserError::from).collect())
}

pub(super) fn by(viewer: &crate::domain::Viewer, reason: Option<String>) -> By {
    By { actor: viewer.id.clone(), reason }
}

fn component(ctx: &Context<'_>, upload: Upload) -> Result<Arc<[u8]>, Fault> {
    let missing = |_| Fault::BadUserInput("The file was not sent along.".into());
    Ok(Arc::from(&*upload.value(ctx).map_err(missing)?.content))
}

fn config(config: Option<serde_json::Value>) -> Option<String> {
    config.map(|config| config.to_string())
}

#[Object]
impl FilterMutation {
    /// Finds out whether a component is a filter the engine can run, and keeps nothing. For admins.
    async fn check_filter(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The component.")] input: CheckFilterInput,
    ) -> Result<CheckFilterPayload, Fault> {
        let (releases, _) = administered(ctx)?;
        Ok(match releases.check(component(ctx, input.component)?).await {
            Ok(report) => {
                CheckFilterPayload { report: Some((&*report).into()), user_errors: vec![] }
            }
            Err(error) => CheckFilterPayload { report: None, user_errors: user_errors(error)? },
        })
    }

    /// Keeps a component with its configuration as the filter's next version, a draft. For admins.
    async fn upload_filter(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The component, its configuration and its grants.")]
        input: UploadFilterInput,
    ) -> Result<UploadFilterPayload, Fault> {
        let (releases, viewer) = administered(ctx)?;
        let upload = release::Upload {
            component: component(ctx, input.component)?,
            config: config(input.config),
            grants: input.grants.as_deref().map(FilterGrant::grants),
            note: input.note.clone(),
        };
        Ok(match releases.upload(by(viewer, input.note), upload).await {
            Ok(uploaded) => UploadFilterPayload {
                filter: releases.filter(&uploaded.version.filter).map(Filter),
                version: Some(FilterVersion::load(ctx, uploaded.version).await?),
                report: Some((&*uploaded.report).into()),
                user_errors: vec![],
            },
            Err(error) => UploadFilterPayload {
                filter: None,
                version: None,
                report: None,
                user_errors: user_errors(error)?,
            },
        })
    }

    /// Makes a new version, a draft, of another configuration or other grants. For admins.
    async fn configure_filter(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What the version takes over, and what is different.")]
        input: ConfigureFilterInput,
    ) -> Result<ConfigureFilterPayload, Fault> {
        let (releases, viewer) = administered(ctx)?;
        let by = by(viewer, input.note.clone());
        let configure = release::Configure {
            name: input.name,
            base: input.base_version,
            config: config(input.config),
            grants: input.grants.as_deref().map(FilterGrant::grants),
            note: input.note,
        };
        Ok(match releases.configure(by, configure).await {
            Ok(version) => ConfigureFilterPayload {
                filter: releases.filter(&version.filter).map(Filter),
                version: Some(FilterVersion::load(ctx, version).await?),
                user_errors: vec![],
            },
            Err(error) => ConfigureFilterPayload {
                filter: None,
                version: None,
                user_errors: user_errors(error)?,
            },
        })
    }

    /// Lets a version do something else, from the next message on. For admins.
    async fn set_filter_mode(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The version and what it should do.")] input: SetFilterModeInput,
    ) -> Result<SetFilterModePayload, Fault> {
        let (releases, viewer) = administered(ctx)?;
        let wrong = |field: &str, message: &str| {
            let error = UserError::new(UserErrorCode::Invalid, field, message);
            Ok(SetFilterModePayload { filter: None, user_errors: vec![error] })
        };
        let mode = match (input.mode, input.canary_percent) {
            (FilterMode::Canary, Some(percent)) => Mode::Canary(percent),
            (FilterMode::Canary, None) => {
                return wrong("canaryPercent", "A canary needs its share of conversations.");
            }
            (_, Some(_)) => return wrong("canaryPercent", "Only a canary has a share."),
            (FilterMode::Draft, None) => Mode::Draft,
            (FilterMode::Shadow, None) => Mode::Shadow,
            (FilterMode::Live, None) => Mode::Live,
            (FilterMode::Quarantined, None) => {
                return wrong("mode", "Only the engine quarantines; use DRAFT to switch off.");
            }
        };
        let (name, version, seen) = (input.name, input.version, input.expected_revision);
        let set = SetMode { name, version, mode, seen };
        SetFilterModePayload::of(releases.set_mode(by(viewer, input.reason), set).await)
    }

    /// Lets an earlier version judge again, from the next message on. For admins.
    async fn roll_back_filter(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The filter, and to which version.")] input: RollBackFilterInput,
    ) -> Result<RollBackFilterPayload, Fault> {
        let (releases, viewer) = administered(ctx)?;
        let RollBackFilterInput { name, version, reason, expected_revision } = input;
        let by = by(viewer, reason);
        let result = releases.roll_back(by, &name, version, expected_revision).await;
        RollBackFilterPayload::of(result)
    }

    /// Lets a quarantined filter judge again. For admins.
    async fn release_filter(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The filter, and why.")] input: ReleaseFilterInput,
    ) -> Result<ReleaseFilterPayload, Fault> {
        let (releases, viewer) = administered(ctx)?;
        let result = releases.release_quarantine(by(viewer, input.reason), &input.name).await;
        ReleaseFilterPayload::of(result)
    }

    /// Sets when a filter is switched off, and what becomes of messages it fails on. For admins.
    async fn set_filter_limits(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The filter and its limits.")] input: SetFilterLimitsInput,
    ) -> Result<SetFilterLimitsPayload, Fault> {
        let (releases, viewer) = administered(ctx)?;
        let by = by(viewer, input.reason);
        let (fail_mode, actions, share) =
            (input.fail_mode, input.max_actions_per_day, input.max_flagged_share);
        let change = move |mut limits: release::Limits| {
            limits.fail_mode = fail_mode.map_or(limits.fail_mode, Into::into);
            if !actions.is_undefined() {
                limits.max_actions_per_day = actions.value().copied();
            }
            if !share.is_undefined() {
                limits.max_flagged_share = share.value().copied();
            }
            limits
        };
        let result = releases.set_limits(by, &input.name, change, input.expected_revision).await;
        SetFilterLimitsPayload::of(result)
    }
}
