// Live delivery: every conversation's subscribers in this process, and messages in the order of their numbers.

class Subscriber {
  constructor(leave) {
    this.leave = leave;
    this.events = [];
    this.wake = undefined;
    this.over = false;
  }

  push(event) {
    if (this.wake) {
      const wake = this.wake;
      this.wake = undefined;
      wake({ value: event, done: false });
    } else {
      this.events.push(event);
    }
  }

  next() {
    if (this.events.length > 0) return Promise.resolve({ value: this.events.shift(), done: false });
    if (this.over) return Promise.resolve({ value: undefined, done: true });
    return new Promise((resolve) => (this.wake = resolve));
  }

  return() {
    this.over = true;
    this.leave(this);
    this.wake?.({ value: undefined, done: true });
    return Promise.resolve({ value: undefined, done: true });
  }

  [Symbol.asyncIterator]() {
    return this;
  }
}

export class Live {
  constructor() {
    this.subscribers = new Map();
    this.turns = new Map();
  }

  join(conversation) {
    const all = this.subscribers.get(conversation) ?? new Set();
    this.subscribers.set(conversation, all);
    const subscriber = new Subscriber((it) => {
      all.delete(it);
      if (all.size === 0 && this.subscribers.get(conversation) === all) this.subscribers.delete(conversation);
    });
    all.add(subscriber);
    return subscriber;
  }

  publish(conversation, event) {
    for (const subscriber of this.subscribers.get(conversation) ?? []) subscriber.push(event);
  }

  // One after the other in each conversation: commits of one conversation wait for its row anyway, and so answers of
  // different database connections can't overtake each other.
  inTurn(conversation, work) {
    const turn = (this.turns.get(conversation) ?? Promise.resolve()).then(work, work);
    this.turns.set(conversation, turn);
    const done = () => this.turns.get(conversation) === turn && this.turns.delete(conversation);
    turn.then(done, done);
    return turn;
  }
}
