//! Between a subscription's resolver and the stream around its execution: what another subscriber already made of an event
//! goes past the execution.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Poll;

use futures_util::stream::{self, BoxStream, StreamExt};
use serde_json::value::{RawValue, to_raw_value};

use super::Answer;
use super::shape::Shape;
use crate::fanout::{Mould, Published};

/// Request data of a subscription whose answers are the same for others.
#[derive(Clone)]
pub struct Sharing(Arc<Inner>);

struct Inner {
    shape: Shape,
    side: Mutex<Side>,
}

#[derive(Default)]
struct Side {
    /// Made by others, to be said before anything that is executed.
    ready: VecDeque<Arc<RawValue>>,
    /// What the next answer is, if others may want it.
    making: Option<(Arc<Published>, Mould)>,
}

impl Sharing {
    /// For answers of this shape.
    pub fn new(shape: Shape) -> Self {
        Self(Arc::new(Inner { shape, side: Mutex::default() }))
    }

    /// Whether even a message that was delivered as written looks otherwise to its sender, to others and to staff.
    pub fn is_personal(&self) -> bool {
        self.0.shape.is_personal
    }

    /// The resolver's: whether the event needs not be executed, because somebody of this class did. If it must be, the
    /// answer is left to others.
    pub fn is_made(&self, event: &Arc<Published>, class: u8) -> bool {
        let mould = Mould { shape: self.0.shape.digest, class };
        let made = event.cast(&mould);
        let is_made = made.is_some();
        let mut side = self.side();
        match made {
            Some(text) => side.ready.push_back(text),
            None => side.making = Some((Arc::clone(event), mould)),
        }
        is_made
    }

    /// The resolver's: what comes next is not for others.
    pub fn keep_private(&self) {
        self.side().making = None;
    }

    /// The stream's: answers in their order, whoever made them.
    pub fn merge(self, mut executed: BoxStream<'static, Answer>) -> BoxStream<'static, Answer> {
        let mut waiting = None;
        let mut over = false;
        stream::poll_fn(move |context| {
            loop {
                if let Some(text) = self.side().ready.pop_front() {
                    return Poll::Ready(Some(Answer::ready(text)));
                }
                if waiting.is_some() || over {
                    return Poll::Ready(waiting.take());
                }
                match executed.poll_next_unpin(context) {
                    Poll::Ready(Some(answer)) => waiting = Some(self.kept(answer)),
                    Poll::Ready(None) => over = true,
                    Poll::Pending if self.side().ready.is_empty() => return Poll::Pending,
                    Poll::Pending => {}
                }
            }
        })
        .boxed()
    }

    fn kept(&self, answer: Answer) -> Answer {
        let Some((event, mould)) = self.side().making.take() else { return answer };
        if !answer.errors().is_empty() {
            return answer;
        }
        let Ok(text) = to_raw_value(&answer) else { return answer };
        let text: Arc<RawValue> = text.into();
        event.keep(mould, Arc::clone(&text));
        Answer::ready(text)
    }

    fn side(&self) -> std::sync::MutexGuard<'_, Side> {
        self.0.side.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
