//! A subscription to one conversation after its beginning. Its snapshot is executed as any operation; from then on the
//! execution is over, and each event is cast in the mould it has in common with others, or executed for itself. What waits
//! for the next event is thus little, and many wait.

use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, PoisonError};

use async_graphql::parser::types::ExecutableDocument;
use async_graphql::{Request, Variables};
use futures_util::FutureExt;
use futures_util::stream::{self, BoxStream, StreamExt};

use super::cast::Cast;
use super::feed::Feed;
use super::known::Document;
use super::shape::Shape;
use super::types::event::{ConversationEvent, MessagePosted};
use super::{Answer, ApiSchema, Caller};
use crate::conversation::Delivery;
use crate::fanout::Mould;

/// Request data by which the resolver hands over what follows the snapshot.
#[derive(Clone, Default)]
pub struct Handover(Arc<Mutex<Option<Box<Feed>>>>);

impl Handover {
    /// The resolver's.
    pub fn give(&self, feed: Feed) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Box::new(feed));
    }

    /// `None` if the subscription could not begin.
    fn take(&self) -> Option<Box<Feed>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// Request data: the one event that is executed.
#[derive(Debug, Clone)]
pub struct Single(pub ConversationEvent);

/// What was asked for.
pub struct Following {
    document: Arc<Document>,
    operation_name: Option<String>,
    /// As JSON, which takes a tenth of the room.
    variables: String,
    /// What its answers have in common with others', if they do.
    shape: Option<Arc<Shape>>,
    handover: Handover,
}

impl Following {
    /// Of this operation; `None` if its variables can't be kept.
    pub fn new(
        document: Arc<Document>,
        operation_name: Option<String>,
        variables: &Variables,
        shape: Option<Arc<Shape>>,
    ) -> Option<Self> {
        let variables = serde_json::to_string(variables).ok()?;
        let handover = Handover::default();
        Some(Self { document, operation_name, variables, shape, handover })
    }

    /// For the request that begins it.
    pub fn handover(&self) -> Handover {
        self.handover.clone()
    }

    /// The beginning's answers, then one for each event. `schema`: executes what was found valid.
    pub fn after(
        self,
        beginning: BoxStream<'static, Answer>,
        schema: ApiSchema,
    ) -> BoxStream<'static, Answer> {
        let following = (self, schema, Stage::Beginning(beginning));
        stream::unfold(following, |(following, schema, mut stage)| async move {
            if let Stage::Beginning(beginning) = &mut stage {
                if let Some(answer) = beginning.next().await {
                    return Some((answer, (following, schema, stage)));
                }
                stage = Stage::Going(following.handover.take()?);
            }
            let Stage::Going(feed) = &mut stage else { return None };
            loop {
                let delivery = feed.delivery().await?;
                if let Some(answer) = following.made(feed, &delivery) {
                    return Some((answer, (following, schema, stage)));
                }
                // Boxed, as it would make all that wait larger.
                let answer = following.make(feed, delivery, &schema).boxed();
                match AssertUnwindSafe(answer).catch_unwind().await {
                    Ok(None) => {}
                    Ok(Some(answer)) => return Some((answer, (following, schema, stage))),
                    Err(panic) => {
                        let answer = Answer::panicked(&*panic);
                        return Some((answer, (following, schema, Stage::Over)));
                    }
                }
            }
        })
        .boxed()
    }

    /// The answer, if somebody made it.
    fn made(&self, feed: &Feed, delivery: &Delivery) -> Option<Answer> {
        let Delivery::Event(event) = delivery else { return None };
        event.cast(&self.mould(feed, delivery)?).map(Answer::ready)
    }

    /// What an answer that is not for this subscription alone is cast in.
    fn mould(&self, feed: &Feed, delivery: &Delivery) -> Option<Mould> {
        let (Some(shape), Delivery::Event(event)) = (&self.shape, delivery) else { return None };
        let class = feed.class(event, shape.is_personal)?;
        Some(Mould { shape: shape.digest, class })
    }

    /// Makes the answer, and leaves it to others if they want the same; `None` if the viewer gets nothing of it.
    async fn make(
        &self,
        feed: &mut Feed,
        delivery: Delivery,
        schema: &ApiSchema,
    ) -> Option<Answer> {
        let mould = self.mould(feed, &delivery);
        let event = match &delivery {
            Delivery::Event(event) => Some(Arc::clone(event)),
            _ => None,
        };
        let shown = feed.show(delivery).await?;
        if let (Some(mould), Some(event), Some(shape), ConversationEvent::Posted(posted)) =
            (mould, event, &self.shape, &shown)
            && let Some(text) = cast(posted, feed).fill(&shape.parts, feed.rooms()).await
        {
            event.keep(mould, Arc::clone(&text));
            return Some(Answer::ready(text));
        }
        self.execute(feed, shown, schema).await
    }

    async fn execute(
        &self,
        feed: &Feed,
        event: ConversationEvent,
        schema: &ApiSchema,
    ) -> Option<Answer> {
        let variables: Variables = serde_json::from_str(&self.variables).unwrap_or_default();
        let caller = Caller(Some(Arc::clone(feed.viewer())));
        let mut request =
            Request::new(String::new()).variables(variables).data(caller).data(Single(event));
        request.operation_name.clone_from(&self.operation_name);
        request.set_parsed_query(ExecutableDocument::clone(&self.document));
        schema.execute_stream(request).boxed().next().await.map(Answer::from)
    }
}

fn cast<'a>(posted: &'a MessagePosted, feed: &'a Feed) -> Cast<'a> {
    let event = Some((posted.seq, posted.at));
    Cast { event, message: &posted.message, viewer: &feed.viewer().id }
}

enum Stage {
    /// The operation is executed up to its snapshot.
    Beginning(BoxStream<'static, Answer>),
    /// What follows it.
    Going(Box<Feed>),
    Over,
}
