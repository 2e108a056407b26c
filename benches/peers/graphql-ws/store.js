// Messages in PostgreSQL. Every acknowledged message is committed and synced; a number is assigned in the transaction
// that stores the message, so that numbers are contiguous. Sending again what was stored answers with the first result.
import pg from "pg";

const FIND = {
  name: "find",
  text: "select seq, at from message where conversation = $1 and sender = $2 and client_id = $3",
};
// The same step by step, as most would write it: four round trips.
const STEPS = {
  next: {
    name: "next",
    text: "update conversation set last_seq = last_seq + 1 where id = $1 and $2 in (buyer, seller) returning last_seq",
  },
  insert: {
    name: "insert",
    text: "insert into message (conversation, seq, sender, client_id, body) values ($1, $2, $3, $4, $5) returning seq, at",
  },
};
// One statement is one transaction and one round trip. Without a row from `next` nothing is inserted and no number is used.
const POST = {
  name: "post",
  text: `with next as (
      update conversation set last_seq = last_seq + 1
      where id = $1 and $2 in (buyer, seller)
        and not exists (select from message where conversation = $1 and sender = $2 and client_id = $3)
      returning last_seq)
    insert into message (conversation, seq, sender, client_id, body)
    select $1, last_seq, $2, $3, $4 from next
    returning seq, at`,
};
const POST_MANY = {
  name: "post-many",
  text: `with input as (
      select * from unnest($1::bigint[], $2::text[], $3::text[], $4::text[])
        with ordinality as t(conversation, sender, client_id, body, n)),
    fresh as (
      select i.*, row_number() over (partition by i.conversation order by i.n) as place
      from input i join conversation c on c.id = i.conversation and i.sender in (c.buyer, c.seller)
      where not exists (select from message m where m.conversation = i.conversation
        and m.sender = i.sender and m.client_id = i.client_id)),
    bumped as (
      update conversation c set last_seq = c.last_seq + f.many
      from (select conversation, count(*) as many from fresh group by conversation) f
      where c.id = f.conversation
      returning c.id, c.last_seq - f.many as base)
    insert into message (conversation, seq, sender, client_id, body)
    select f.conversation, b.base + f.place, f.sender, f.client_id, f.body
    from fresh f join bumped b on b.id = f.conversation
    returning conversation, seq, sender, client_id, at`,
};
const UNIQUE_VIOLATION = "23505";
// Messages in one transaction at most.
const GROUP = 512;

// Numbers of a conversation are far below 2^53.
pg.types.setTypeParser(pg.types.builtins.INT8, Number);

export class Store {
  // `commit`: "statement", a message each; "transaction", the same in several steps; "group", several messages.
  constructor({ commit, connections, ...connection }) {
    this.pool = new pg.Pool({ ...connection, max: connections });
    this.group = commit === "group";
    this.steps = commit === "transaction";
    this.waiting = [];
    this.writing = false;
  }

  async start(buyer, seller) {
    const text = "insert into conversation (buyer, seller) values ($1, $2) returning id";
    const { rows } = await this.pool.query({ name: "start", text, values: [buyer, seller] });
    return rows[0].id;
  }

  async conversation(id) {
    const text = "select id, buyer, seller, last_seq from conversation where id = $1";
    const { rows } = await this.pool.query({ name: "conversation", text, values: [id] });
    return rows[0];
  }

  async after(id, seq, limit) {
    const text = `select seq, sender, body, at from message
      where conversation = $1 and seq > $2 order by seq limit $3`;
    const { rows } = await this.pool.query({ name: "after", text, values: [id, seq, limit] });
    return rows;
  }

  // The message's number and time, and whether it is new; undefined: the sender is not in the conversation.
  post(conversation, sender, clientId, body) {
    if (!this.group) return this.postOne(conversation, sender, clientId, body);
    return new Promise((resolve, reject) => {
      this.waiting.push({ conversation, sender, clientId, body, resolve, reject });
      if (!this.writing) this.write();
    });
  }

  async postOne(conversation, sender, clientId, body) {
    try {
      if (this.steps) {
        const stored = await this.postInSteps(conversation, sender, clientId, body);
        if (stored) return { ...stored, fresh: true };
        return undefined;
      }
      const { rows } = await this.pool.query({ ...POST, values: [conversation, sender, clientId, body] });
      if (rows.length > 0) return { ...rows[0], fresh: true };
    } catch (error) {
      if (error.code !== UNIQUE_VIOLATION) throw error;
    }
    const { rows } = await this.pool.query({ ...FIND, values: [conversation, sender, clientId] });
    return rows[0];
  }

  async postInSteps(conversation, sender, clientId, body) {
    const client = await this.pool.connect();
    try {
      await client.query("begin");
      const next = await client.query({ ...STEPS.next, values: [conversation, sender] });
      let stored;
      if (next.rows.length > 0) {
        const values = [conversation, next.rows[0].last_seq, sender, clientId, body];
        stored = (await client.query({ ...STEPS.insert, values })).rows[0];
      }
      await client.query("commit");
      return stored;
    } catch (error) {
      await client.query("rollback");
      throw error;
    } finally {
      client.release();
    }
  }

  // Groups what came while the last group was written: no timer, and one writer, so that numbers stay in order.
  async write() {
    this.writing = true;
    while (this.waiting.length > 0) {
      const group = this.waiting.splice(0, GROUP);
      try {
        await this.postMany(group);
      } catch {
        // One of them spoils the group, such as a message sent twice in it.
        for (const it of group) {
          await this.postOne(it.conversation, it.sender, it.clientId, it.body).then(it.resolve, it.reject);
        }
      }
    }
    this.writing = false;
  }

  async postMany(group) {
    const column = (name) => group.map((it) => it[name]);
    const values = [column("conversation"), column("sender"), column("clientId"), column("body")];
    const { rows } = await this.pool.query({ ...POST_MANY, values });
    const key = (conversation, sender, clientId) => `${conversation} ${sender} ${clientId}`;
    const stored = new Map(rows.map((row) => [key(row.conversation, row.sender, row.client_id), row]));
    for (const it of group) {
      const row = stored.get(key(it.conversation, it.sender, it.clientId));
      if (row) it.resolve({ seq: row.seq, at: row.at, fresh: true });
      else this.postOne(it.conversation, it.sender, it.clientId, it.body).then(it.resolve, it.reject);
    }
  }

  // Syncs of the write-ahead log since the server began.
  async syncs() {
    const { rows } = await this.pool.query("select wal_sync from pg_stat_wal");
    return rows[0].wal_sync;
  }
}
