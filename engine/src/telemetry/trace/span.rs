//! Spans as values: begun, handed on, and sent off when dropped.

use std::time::Duration;

use super::context::Context;
use super::otlp::Finished;
use super::{TRACING, ago};

tokio::task_local! {
    static CURRENT: Context;
}

/// A fact about a span: numbers and words of the engine's own, never what people said or who they are.
#[derive(Debug, Clone, PartialEq)]
pub enum Attribute {
    /// A word.
    Word(&'static str, String),
    /// A number.
    Number(&'static str, u64),
}

/// A stretch of work, or nothing at all if it is not followed.
#[derive(Debug, Default)]
pub struct Span(Option<Box<Finished>>);

impl Span {
    /// Not followed.
    pub fn none() -> Self {
        Self(None)
    }

    pub(super) fn begin(
        context: Context,
        parent: Option<u64>,
        name: String,
        from_outside: bool,
        began: u64,
    ) -> Self {
        Self(Some(Box::new(Finished {
            context,
            parent,
            name,
            from_outside,
            began,
            ended: began,
            attributes: Vec::new(),
            links: Vec::new(),
            failed: false,
        })))
    }

    pub(super) fn part_of(parent: Context, name: &'static str) -> Self {
        let (context, began) = (Context::child_of(parent), crate::telemetry::now());
        Self::begin(context, Some(parent.span), name.to_owned(), false, began)
    }

    /// What its parts are parts of; `None` if it is not followed.
    pub fn context(&self) -> Option<Context> {
        self.0.as_ref().map(|it| it.context)
    }

    /// Adds facts, which are asked for only if it is followed.
    pub fn say<const N: usize>(&mut self, facts: impl FnOnce() -> [Attribute; N]) {
        if let Some(it) = &mut self.0 {
            it.attributes.extend(facts());
        }
    }

    /// It came to nothing.
    pub fn fail(&mut self) {
        if let Some(it) = &mut self.0 {
            it.failed = true;
        }
    }

    /// Names another span that has to do with it.
    pub fn link(&mut self, other: Context) {
        if let Some(it) = &mut self.0 {
            it.links.push(other);
        }
    }
}

impl Drop for Span {
    fn drop(&mut self) {
        if let Some(mut finished) = self.0.take() {
            finished.ended = crate::telemetry::now();
            send(*finished);
        }
    }
}

fn send(finished: Finished) {
    if let Some(tracing) = TRACING.get() {
        // If the collector does not keep up, spans go rather than memory.
        if tracing.spans.try_send(finished).is_err() {
            super::otlp::lost(1);
        }
    }
}

/// Sends off a part of something that took so long and is over now. Costs a comparison if that is not followed.
pub fn record<const N: usize>(
    parent: Option<Context>,
    name: &'static str,
    took: Duration,
    facts: impl FnOnce() -> [Attribute; N],
) {
    let Some(parent) = parent else { return };
    let ended = crate::telemetry::now();
    stretch(parent, name, (ago(ended, took), ended), facts().into(), None);
}

/// Sends off a part with known ends.
pub(super) fn stretch(
    parent: Context,
    name: &str,
    (began, ended): (u64, u64),
    attributes: Vec<Attribute>,
    link: Option<Context>,
) {
    send(Finished {
        context: Context::child_of(parent),
        parent: Some(parent.span),
        name: name.to_owned(),
        from_outside: false,
        began,
        ended,
        attributes,
        links: link.into_iter().collect(),
        failed: false,
    });
}

/// What the running task is about.
pub fn current() -> Option<Context> {
    TRACING.get()?;
    CURRENT.try_with(|context| *context).ok()
}

/// Runs this as part of a span, so that `current` gives it.
pub async fn within<F: Future>(context: Option<Context>, work: F) -> F::Output {
    match context {
        None => work.await,
        Some(context) => Box::pin(CURRENT.scope(context, work)).await,
    }
}

/// The same as a part of its own.
pub async fn within_child<F: Future>(
    parent: Option<Context>,
    name: &'static str,
    work: F,
) -> F::Output {
    let span = match parent {
        None => return work.await,
        Some(parent) => Span::part_of(parent, name),
    };
    within(span.context(), work).await
}
