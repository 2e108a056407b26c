//! From a request's parameters to answers: document, limits, execution, codes. Every transport goes through here.
//! Built around the schema rather than as extensions of it, because any extension slows down every field.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use async_graphql::parser::types::{
    ExecutableDocument, OperationDefinition, OperationType, Selection,
};
use async_graphql::{Request, ServerError, UploadValue, Variables};
use futures_util::FutureExt;
use futures_util::stream::{BoxStream, StreamExt};
use serde::Deserialize;

use super::answer::Answer;
use super::documents::{Documents, PersistedQuery};
use super::errors::{request_error, retry_error};
use super::following::Following;
use super::known::Document;
use super::limits::SendLimiter;
use super::sending::Sending;
use super::shape::{events_field, shape};
use super::{Caller, Rooms, Schemas, metering};
use crate::config::Limits;
use crate::telemetry::conversations::Bound;
use crate::telemetry::memory;
use crate::telemetry::operations::{Operations, Ticket};
use crate::telemetry::trace;

/// Seconds after which who was refused for want of time may try again.
const RETRY_AFTER: i32 = 1;
/// Mutations that are refused first when there is too much to do.
const POSTING: [&str; 4] = ["sendMessage", "editMessage", "startConversation", "contactSupport"];

/// The parameters of a GraphQL request, whichever way it came.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Params {
    /// The document's text; may be missing when a persisted query is named.
    pub query: Option<String>,
    /// Which of the document's operations.
    pub operation_name: Option<String>,
    /// Values of the operation's variables.
    #[serde(default)]
    pub variables: Variables,
    /// What clients and servers agreed on between them; only `persistedQuery` means something here.
    pub extensions: Option<BTreeMap<String, serde_json::Value>>,
}

/// A request that may be executed.
pub struct Prepared {
    /// What its operation is.
    pub kind: OperationType,
    /// What is counted of it.
    pub ticket: Ticket,
    request: Request,
    document: Arc<Document>,
    following: Option<Following>,
    sending: Option<Sending>,
    validity: Validity,
}

/// Whether the request is valid.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Validity {
    Known,
    /// To be found out; the document remembers it.
    Unknown,
    /// To be found out each time.
    Open,
}

/// Executes requests against the schema.
#[derive(Clone)]
pub struct Executor {
    schemas: Schemas,
    documents: Arc<Documents>,
    operations: Arc<Operations>,
}

impl Executor {
    /// `development`: whether introspection is answered.
    pub fn new(schemas: Schemas, limits: &Limits, development: bool) -> Self {
        let patience = std::time::Duration::from_secs(limits.request_seconds);
        let operations = metering::operations(&schemas.strict, patience);
        Self { schemas, documents: Arc::new(Documents::new(limits, development)), operations }
    }

    /// The rooms that requests are executed in, which every schema but the exported one has.
    pub fn rooms(&self) -> Option<&Rooms> {
        self.schemas.strict.data()
    }

    /// Figures of what was executed.
    pub fn operations(&self) -> &Operations {
        &self.operations
    }

    /// Finds the document, holds it against the limits and picks the operation.
    pub fn prepare(&self, params: Params, caller: Caller) -> Result<Prepared, Answer> {
        self.prepare_with(params, Vec::new(), caller)
    }

    /// The same with files, each with the place of the variable it stands for, such as `variables.input.component`.
    pub fn prepare_with(
        &self,
        params: Params,
        files: Vec<(String, UploadValue)>,
        caller: Caller,
    ) -> Result<Prepared, Answer> {
        self.read(params, files, caller).map_err(|error| {
            metering::refused(std::slice::from_ref(&error));
            Answer::refused(error)
        })
    }

    fn read(
        &self,
        mut params: Params,
        files: Vec<(String, UploadValue)>,
        caller: Caller,
    ) -> Result<Prepared, ServerError> {
        let persisted = persisted_query(&params)?;
        let (digest, document) =
            self.documents.resolve(params.query.as_deref(), persisted.as_ref())?;
        let operation = document.operation(params.operation_name.as_deref())?;
        complete(operation, &mut params.variables)?;
        let kind = operation.ty;
        let posting = kind == OperationType::Mutation && posts(operation);
        if (posting || kind == OperationType::Subscription) && memory::is_short() {
            return Err(short_of_memory());
        }
        if posting && self.is_busy() {
            Bound::Pressure.met();
            let message = "The engine has more to do than it can do in time. Try again shortly.";
            return Err(retry_error("BUSY", message, RETRY_AFTER));
        }
        let name = params.operation_name.as_deref();
        let (validity, laid) = if !files.is_empty() || kind == OperationType::Subscription {
            (Validity::Open, None)
        } else {
            match document.known_as(name, &params.variables) {
                Some(laid) => (Validity::Known, laid),
                None => (Validity::Unknown, None),
            }
        };
        let following = (kind == OperationType::Subscription)
            .then(|| following(&document, &digest, operation, &params))
            .flatten();
        let sending = Sending::of(laid, operation, &params.variables, &caller);
        let extensions = params.extensions.as_ref();
        let ticket = metering::ticket(&self.operations, &document, operation, extensions);
        let mut request = Request::new(String::new()).variables(params.variables).data(caller);
        if let Some(following) = &following {
            request = request.data(following.handover());
        }
        request.operation_name = params.operation_name;
        for (place, file) in files {
            request.set_upload(&place, file);
        }
        Ok(Prepared { kind, ticket, request, document, following, sending, validity })
    }

    /// Whether messages would be refused: asked before anything is spent on executing them.
    fn is_busy(&self) -> bool {
        self.rooms().is_some_and(|rooms| rooms.conversations.is_busy())
    }

    /// Executes a query or a mutation.
    pub async fn execute(&self, prepared: Prepared) -> Answer {
        let Prepared { mut ticket, mut request, document, sending, validity, .. } = prepared;
        ticket.begin();
        if let Some(sending) = sending {
            match self.send(sending, request, ticket.trace()).await {
                ControlFlow::Continue(rest) => request = rest,
                ControlFlow::Break(answer) => {
                    ticket.answered(metering::codes(answer.errors()));
                    return answer;
                }
            }
        }
        let schema = match validity {
            Validity::Known => &self.schemas.fast,
            Validity::Open | Validity::Unknown => &self.schemas.strict,
        };
        let asked = (validity == Validity::Unknown)
            .then(|| (request.operation_name.clone(), request.variables.clone()));
        request.set_parsed_query(ExecutableDocument::clone(&document));
        let work = AssertUnwindSafe(schema.execute(request)).catch_unwind();
        let answer = trace::within(ticket.trace(), work)
            .await
            .map_or_else(|panic| Answer::panicked(&*panic), Answer::from);
        if let Some((name, variables)) = asked.filter(|_| !answer.is_refused()) {
            document.remember(name.as_deref(), &variables);
        }
        ticket.answered(metering::codes(answer.errors()));
        answer
    }

    /// Posts a message; goes on with the request, and what became of the message, if only executing it can say that.
    async fn send(
        &self,
        sending: Sending,
        request: Request,
        trace: Option<trace::Context>,
    ) -> ControlFlow<Answer, Request> {
        let pace = self.schemas.strict.data::<Arc<SendLimiter>>();
        let (Some(rooms), Some(pace)) = (self.rooms(), pace) else {
            return ControlFlow::Continue(request);
        };
        let work = AssertUnwindSafe(sending.send(rooms, pace)).catch_unwind();
        match trace::within(trace, work).await {
            Ok(Ok(text)) => ControlFlow::Break(Answer::ready(text)),
            Ok(Err(done)) => ControlFlow::Continue(request.data(done)),
            Err(panic) => ControlFlow::Break(Answer::panicked(&*panic)),
        }
    }

    /// Executes any operation; a query or mutation gives one answer.
    pub fn stream(&self, prepared: Prepared) -> BoxStream<'static, Answer> {
        let Prepared { mut ticket, mut request, document, following, .. } = prepared;
        ticket.begin();
        request.set_parsed_query(ExecutableDocument::clone(&document));
        let answers = AssertUnwindSafe(self.schemas.strict.execute_stream(request))
            .catch_unwind()
            .map(|item| item.map_or_else(|panic| Answer::panicked(&*panic), Answer::from))
            .boxed();
        let answers = match following {
            Some(following) => following.after(answers, self.schemas.fast.clone()),
            None => answers,
        };
        // Counted here, so that what others made counts too.
        let counted = answers.inspect(move |answer| {
            ticket.answered(metering::codes(answer.errors()));
        });
        counted.boxed()
    }
}

fn following(
    document: &Arc<Document>,
    digest: &[u8; 32],
    operation: &OperationDefinition,
    params: &Params,
) -> Option<Following> {
    events_field(operation)?;
    let shape = shape(document, digest, operation, &params.variables);
    let shape = shape.map(|shape| document.share(shape));
    let name = params.operation_name.clone();
    Following::new(Arc::clone(document), name, &params.variables, shape)
}

fn persisted_query(params: &Params) -> Result<Option<PersistedQuery>, ServerError> {
    let value = params.extensions.as_ref().and_then(|extensions| extensions.get("persistedQuery"));
    value.map(PersistedQuery::deserialize).transpose().map_err(|error| {
        request_error(
            "BAD_REQUEST",
            format!("The extension `persistedQuery` is malformed: {error}."),
        )
    })
}

/// What who wants more of the engine is told while it holds more memory than it may.
pub fn short_of_memory() -> ServerError {
    Bound::Memory.met();
    retry_error("BUSY", "The engine is short of memory. Try again shortly.", RETRY_AFTER)
}

/// Gives variables their defaults and asks for those that are missing, as the specification says; the library does not where
/// `@skip` and `@include` name them.
fn complete(operation: &OperationDefinition, variables: &mut Variables) -> Result<(), ServerError> {
    for definition in operation.variable_definitions.iter().map(|definition| &definition.node) {
        let name = &definition.name.node;
        if variables.contains_key(name) {
            continue;
        }
        if let Some(default) = &definition.default_value {
            variables.insert(name.clone(), default.node.clone());
        } else if !definition.var_type.node.nullable {
            let message = format!("The variable `${name}` is required.");
            return Err(request_error("GRAPHQL_VALIDATION_FAILED", message));
        }
    }
    Ok(())
}

/// Whether all that the mutation does is to post messages.
fn posts(operation: &OperationDefinition) -> bool {
    operation.selection_set.node.items.iter().all(|selection| {
        matches!(&selection.node, Selection::Field(field) if POSTING.contains(&field.node.name.node.as_str()))
    })
}
