//! From a request's parameters to answers: document, limits, execution, codes. Every transport goes through here.
//! Built around the schema rather than as extensions of it, because any extension slows down every field.

use std::any::Any;
use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use async_graphql::parser::types::{
    DocumentOperations, ExecutableDocument, OperationDefinition, OperationType, Selection,
};
use async_graphql::{Request, Response, ServerError, UploadValue, Value, Variables};
use futures_util::FutureExt;
use futures_util::stream::{BoxStream, StreamExt};
use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::value::RawValue;

use super::documents::{Documents, PersistedQuery};
use super::errors::{Fault, RETRY_AFTER_SECONDS, request_error, retry_error, with_code};
use super::following::Following;
use super::known::Document;
use super::limits::SendLimiter;
use super::sending::Sending;
use super::shape::{root, shape};
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

/// An answer; serializes as the GraphQL specification says, without `data` if nothing was executed.
#[derive(Debug)]
pub struct Answer {
    data: Option<Value>,
    errors: Vec<ServerError>,
    /// The whole of it, if somebody else had the same.
    text: Option<Arc<RawValue>>,
}

impl Answer {
    /// The answer to a request that was not executed.
    pub fn refused(error: ServerError) -> Self {
        Self { data: None, errors: vec![error], text: None }
    }

    /// An answer without errors that is serialized already.
    pub(super) fn ready(text: Arc<RawValue>) -> Self {
        Self { data: None, errors: Vec::new(), text: Some(text) }
    }

    /// Whether nothing was executed.
    pub fn is_refused(&self) -> bool {
        self.data.is_none() && self.text.is_none()
    }

    /// Whether something was executed and nothing came of it.
    pub fn is_failed(&self) -> bool {
        matches!(self.data, None | Some(Value::Null)) && !self.errors.is_empty()
    }

    /// Whether it was no well-formed GraphQL request to begin with.
    pub fn is_bad_request(&self) -> bool {
        let code = self.errors.first().and_then(|error| error.extensions.as_ref()?.get("code"));
        self.is_refused() && code == Some(&Value::from("BAD_REQUEST"))
    }

    /// Whether nothing was executed for want of time or room, and the client is told when to come again.
    pub fn is_for_later(&self) -> bool {
        let extensions = self.errors.first().and_then(|error| error.extensions.as_ref());
        self.is_refused() && extensions.is_some_and(|it| it.get(RETRY_AFTER_SECONDS).is_some())
    }

    /// What went wrong.
    pub fn errors(&self) -> &[ServerError] {
        &self.errors
    }
}

impl From<Response> for Answer {
    fn from(response: Response) -> Self {
        let refused = response.data == Value::Null
            && !response.errors.is_empty()
            && response.errors.iter().all(|error| error.path.is_empty());
        let errors = response.errors.into_iter().map(with_code).collect();
        Self { data: (!refused).then_some(response.data), errors, text: None }
    }
}

impl Serialize for Answer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if let Some(text) = &self.text {
            return text.serialize(serializer);
        }
        let mut map = serializer.serialize_map(None)?;
        if !self.errors.is_empty() {
            map.serialize_entry("errors", &self.errors)?;
        }
        if let Some(data) = &self.data {
            map.serialize_entry("data", data)?;
        }
        map.end()
    }
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
        let operation = operation(&document, params.operation_name.as_deref())?;
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
        let following = root(operation).filter(|_| kind == OperationType::Subscription);
        let following = following.and_then(|_| {
            let shape = shape(&document, &digest, operation, &params.variables);
            let shape = shape.map(|shape| document.share(shape));
            let name = params.operation_name.clone();
            Following::new(Arc::clone(&document), name, &params.variables, shape)
        });
        let name = params.operation_name.as_deref();
        let validity = if !files.is_empty() || kind == OperationType::Subscription {
            Validity::Open
        } else if document.is_valid(name, &params.variables) {
            Validity::Known
        } else {
            Validity::Unknown
        };
        let sending = (validity == Validity::Known)
            .then(|| Sending::of(&document, operation, &params.variables, &caller))
            .flatten();
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
        if let Some(sending) = sending
            && let Some(rooms) = self.rooms()
            && let Some(pace) = self.schemas.strict.data::<Arc<SendLimiter>>()
        {
            let work = AssertUnwindSafe(sending.send(rooms, pace)).catch_unwind();
            let answer = match trace::within(ticket.trace(), work).await {
                Ok(Ok(text)) => Some(Answer::ready(text)),
                Ok(Err(done)) => {
                    request = request.data(done);
                    None
                }
                Err(panic) => Some(panicked(&*panic)),
            };
            if let Some(answer) = answer {
                ticket.answered(metering::codes(&answer.errors));
                return answer;
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
            .map_or_else(|panic| panicked(&*panic), Answer::from);
        if let Some((name, variables)) = asked.filter(|_| !answer.is_refused()) {
            document.remember(name.as_deref(), &variables);
        }
        ticket.answered(metering::codes(&answer.errors));
        answer
    }

    /// Executes any operation; a query or mutation gives one answer.
    pub fn stream(&self, prepared: Prepared) -> BoxStream<'static, Answer> {
        let Prepared { mut ticket, mut request, document, following, .. } = prepared;
        ticket.begin();
        request.set_parsed_query(ExecutableDocument::clone(&document));
        let answers = AssertUnwindSafe(self.schemas.strict.execute_stream(request))
            .catch_unwind()
            .map(|item| item.map_or_else(|panic| panicked(&*panic), Answer::from))
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

fn persisted_query(params: &Params) -> Result<Option<PersistedQuery>, ServerError> {
    let value = params.extensions.as_ref().and_then(|extensions| extensions.get("persistedQuery"));
    value.map(PersistedQuery::deserialize).transpose().map_err(|error| {
        request_error(
            "BAD_REQUEST",
            format!("The extension `persistedQuery` is malformed: {error}."),
        )
    })
}

fn operation<'a>(
    document: &'a ExecutableDocument,
    name: Option<&str>,
) -> Result<&'a OperationDefinition, ServerError> {
    let found = match (&document.operations, name) {
        (DocumentOperations::Single(operation), None) => Some(operation),
        (DocumentOperations::Single(_), Some(_)) => None,
        (DocumentOperations::Multiple(operations), Some(name)) => operations.get(name),
        (DocumentOperations::Multiple(operations), None) if operations.len() == 1 => {
            operations.values().next()
        }
        (DocumentOperations::Multiple(_), None) => None,
    };
    found.map(|operation| &operation.node).ok_or_else(|| {
        let message = match name {
            Some(name) => format!("The document has no operation named `{name}`."),
            None => "The document has several operations; name one in `operationName`.".into(),
        };
        request_error("OPERATION_RESOLUTION_FAILURE", message)
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

pub(super) fn panicked(panic: &(dyn Any + Send)) -> Answer {
    let words = panic.downcast_ref::<String>().map(String::as_str);
    let words = words.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no words");
    tracing::error!(panic = words, "a resolver panicked");
    Answer {
        data: Some(Value::Null),
        errors: vec![request_error("INTERNAL", Fault::Internal.message())],
        text: None,
    }
}
