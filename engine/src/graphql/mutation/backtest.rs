//! Starting and stopping backtests.

use super::filter::user_errors;
use async_graphql::{Context, Enum, ID, InputObject, Object, OneofObject, SimpleObject, Upload};
use chrono::{DateTime, Utc};

use crate::backtest::{FileFormat, HistoryRange, Request, RequestedSource, UnderTest};
use crate::graphql::errors::Fault;
use crate::graphql::types::backtest::Backtest;
use crate::graphql::types::user_error::{UserError, UserErrorCode};
use crate::graphql::{administered, rooms};

/// Share of a core a backtest takes unless told otherwise.
const DEFAULT_SHARE: f64 = 0.25;
/// Messages of the history unless told otherwise.
const DEFAULT_LIMIT: usize = 100_000;

/// A version of a filter.
#[derive(Debug, InputObject)]
pub struct BacktestFilterInput {
    /// The filter's name.
    name: String,
    /// Its version.
    version: u32,
}

/// What is tried, in place of what judges now.
#[derive(Debug, OneofObject)]
pub enum BacktestCandidateInput {
    /// A version of a filter.
    Filter(BacktestFilterInput),
    /// A saved policy, by its version.
    PolicyVersion(u32),
    /// A policy that need not be saved, TOML.
    PolicyText(String),
}

/// Messages that were sent here, the latest first to count.
#[derive(Debug, InputObject)]
pub struct BacktestHistoryInput {
    /// Not before.
    from: Option<DateTime<Utc>>,
    /// Not after.
    to: Option<DateTime<Utc>>,
    /// The latest so many, at most 1,000,000; 100,000 if not given.
    limit: Option<u32>,
}

/// How a file of messages is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "FileFormat")]
pub enum BacktestFileFormat {
    /// `label TAB text` lines.
    Tsv,
    /// `{"text": "…", "label": "spam", "context": {…}}` lines.
    JsonLines,
}

/// Messages of a file; the live filters judge them as well, for comparison.
#[derive(Debug, InputObject)]
pub struct BacktestFileInput {
    /// The file, UTF-8.
    upload: Upload,
    /// How it is written.
    format: BacktestFileFormat,
}

/// What it is tried on.
#[derive(Debug, OneofObject)]
pub enum BacktestSourceInput {
    /// Messages that were sent here.
    History(BacktestHistoryInput),
    /// Messages of a file.
    File(BacktestFileInput),
}

/// What is to be tried on what.
#[derive(Debug, InputObject)]
pub struct StartBacktestInput {
    /// What is tried.
    candidate: BacktestCandidateInput,
    /// On what.
    source: BacktestSourceInput,
    /// Share of one core it may take, 0.01 to 1; a quarter if not given.
    share: Option<f64>,
}

/// The backtest to stop.
#[derive(Debug, InputObject)]
pub struct CancelBacktestInput {
    /// Its id.
    id: ID,
}

/// A backtest, or why there is none.
#[derive(SimpleObject)]
pub struct BacktestPayload {
    /// The backtest, if it was done.
    backtest: Option<Backtest>,
    /// Why it was not done; empty if it was.
    user_errors: Vec<UserError>,
}

/// Starting and stopping backtests.
#[derive(Debug, Default)]
pub struct BacktestMutation;

#[Object]
impl BacktestMutation {
    /// Judges messages of the past by a draft and tells what would have changed; live traffic doesn't notice. For admins.
    async fn start_backtest(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be tried on what.")] input: StartBacktestInput,
    ) -> Result<BacktestPayload, Fault> {
        let (_, viewer) = administered(ctx)?;
        let under_test = match input.candidate {
            BacktestCandidateInput::Filter(BacktestFilterInput { name, version }) => {
                UnderTest::Filter { name, version }
            }
            BacktestCandidateInput::PolicyVersion(version) => UnderTest::Policy { version },
            BacktestCandidateInput::PolicyText(text) => UnderTest::PolicyText(text),
        };
        let source = match source(ctx, input.source)? {
            Ok(source) => source,
            Err(error) => return Ok(refused(vec![error])),
        };
        let share = input.share.unwrap_or(DEFAULT_SHARE);
        let request = Request { under_test, source, share };
        match rooms(ctx)?.backtests.request(&viewer.id, request).await {
            Ok(backtest) => {
                Ok(BacktestPayload { backtest: Some(Backtest(backtest)), user_errors: vec![] })
            }
            Err(error) => Ok(refused(user_errors(error)?)),
        }
    }

    /// Stops a backtest; what it had judged is reported. For admins.
    async fn cancel_backtest(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] input: CancelBacktestInput,
    ) -> Result<BacktestPayload, Fault> {
        let (_, viewer) = administered(ctx)?;
        let backtests = &rooms(ctx)?.backtests;
        if !backtests.cancel(&viewer.id, &input.id).await? {
            let message = "There is no such backtest, or it is over.";
            return Ok(refused(vec![UserError::new(UserErrorCode::NotFound, "input.id", message)]));
        }
        let backtest = backtests.get(&input.id).await?.map(Backtest);
        Ok(BacktestPayload { backtest, user_errors: vec![] })
    }
}

fn refused(user_errors: Vec<UserError>) -> BacktestPayload {
    BacktestPayload { backtest: None, user_errors }
}

fn source(
    ctx: &Context<'_>,
    source: BacktestSourceInput,
) -> Result<Result<RequestedSource, UserError>, Fault> {
    let BacktestFileInput { upload, format } = match source {
        BacktestSourceInput::History(BacktestHistoryInput { from, to, limit }) => {
            let limit = limit.map_or(DEFAULT_LIMIT, |limit| limit as usize);
            return Ok(Ok(RequestedSource::History(HistoryRange { from, to, limit })));
        }
        BacktestSourceInput::File(file) => file,
    };
    let upload = upload.value(ctx).map_err(|error| Fault::BadUserInput(error.to_string()))?;
    let name = upload.filename.clone();
    Ok(match String::from_utf8(upload.content.to_vec()) {
        Ok(text) => Ok(RequestedSource::File { name, format: format.into(), text }),
        Err(error) => {
            let message = format!("The file can't be read as UTF-8: {error}.");
            Err(UserError::new(UserErrorCode::Invalid, "input.source.file.upload", message))
        }
    })
}
