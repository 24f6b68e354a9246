// Emmett on Node, doing the same jobs as worker.py does for those written in Python.

import { createRequire } from "node:module";
import { performance } from "node:perf_hooks";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { randomUUID } from "node:crypto";

// Found where the benchmark had npm put it, not beside this file.
const require = createRequire(`${process.env.BENCH_NODE}/`);
const { getPostgreSQLEventStore, readMessagesBatch } = await import(
  require.resolve("@event-driven-io/emmett-postgresql")
);
const { dumbo } = await import(require.resolve("@event-driven-io/dumbo"));
const { default: pg } = await import(require.resolve("pg"));

const EVENT_BYTES = 500, PER_STREAM = 100, FILL_BATCH = 100, WARM_UP_MS = 300, QUIET_MS = 3000;
const TEXT = "x".repeat(EVENT_BYTES - JSON.stringify({ text: "" }).length);

const [job, given] = process.argv.slice(2);
const { url, ...needs } = JSON.parse(given);
const pool = new pg.Pool({ connectionString: url, max: needs.clients ?? 1 });
const store = getPostgreSQLEventStore(url, {
  schema: { autoMigration: job === "prepare" ? "CreateOrUpdate" : "None" },
  connectionOptions: { pool },
});

const appender = (stream, batch) => {
  let version = 0n;
  return async () => {
    const events = Array.from({ length: batch }, () => ({ type: "Written", data: { text: TEXT } }));
    const done = await store.appendToStream(stream, events, {
      expectedStreamVersion: version === 0n ? "STREAM_DOES_NOT_EXIST" : version,
    });
    version = done.nextExpectedStreamVersion;
  };
};

const timed = async (read) => {
  const before = performance.now();
  const events = await read();
  return { events, seconds: (performance.now() - before) / 1000 };
};

const fold = async (stream) => {
  const { currentStreamVersion } = await store.aggregateStream(stream, {
    initialState: () => 0,
    evolve: (count) => count + 1,
    read: {},
  });
  return Number(currentStreamVersion);
};

const jobs = {
  prepare: () => store.schema.migrate().then(() => null),

  append: async ({ clients, batch, seconds }) => {
    const run = randomUUID().slice(0, 8);
    const client = async (n) => {
      const append = appender(`city-${run}-${n}`, batch);
      const begin = performance.now() + WARM_UP_MS;
      const took = [];
      for (let before = performance.now(); before < begin + seconds * 1000; ) {
        await append();
        const after = performance.now();
        if (before >= begin) took.push(after - before);
        before = after;
      }
      return took;
    };
    const took = (await Promise.all([...Array(clients).keys()].map(client))).flat();
    took.sort((a, b) => a - b);
    return {
      commits_per_s: took.length / seconds,
      p50_ms: took[Math.floor(took.length * 0.5)],
      p99_ms: took[Math.floor(took.length * 0.99)],
    };
  },

  fill: async ({ events, stream, length }) => {
    const lengths = [[stream, length]];
    for (let n = 0; n < (events - length) / PER_STREAM; n++) lengths.push([`city-fill-${n}`, PER_STREAM]);
    for (const [name, size] of lengths) {
      const append = appender(name, Math.min(FILL_BATCH, size));
      for (let done = 0; done < size; done += FILL_BATCH) await append();
    }
    return null;
  },

  read_all: async () => {
    const database = dumbo({ connectionString: url });
    const result = await timed(async () => {
      let found = 0, after = 0n;
      for (;;) {
        const batch = await readMessagesBatch(database.execute, { after, batchSize: 1000 });
        found += batch.messages.length;
        after = batch.currentGlobalPosition;
        if (!batch.messages.length) return found;
      }
    });
    await database.close();
    return result;
  },

  read_stream: async ({ stream }) => {
    await timed(() => fold(stream));
    return timed(() => fold(stream));
  },

  write: async ({ prefix, clients, seconds }) => {
    const acknowledged = {};
    const end = performance.now() + seconds * 1000;
    await Promise.all(
      [...Array(clients).keys()].map(async (n) => {
        const stream = `city-${prefix}-${n}`;
        const small = appender(`${stream}-a`, 1), large = appender(`${stream}-b`, 5);
        acknowledged[`${stream}-a`] = acknowledged[`${stream}-b`] = 0;
        while (performance.now() < end) {
          await small();
          acknowledged[`${stream}-a`] += 1;
          await large();
          acknowledged[`${stream}-b`] += 5;
        }
      }),
    );
    return acknowledged;
  },

  tail: async () => {
    const found = {};
    let grown = performance.now(), count = 0;
    const consumer = store.consumer();
    consumer.reactor({
      processorId: "tail",
      eachMessage: ({ metadata }) => {
        (found[metadata.streamName] ??= []).push(Number(metadata.streamPosition));
        grown = performance.now();
        count += 1;
      },
    });
    const following = consumer.start();
    console.log("following");
    const total = Number(
      await new Promise((told) => createInterface({ input: process.stdin }).once("line", told)),
    );
    while (count < total && performance.now() < grown + QUIET_MS) await sleep(50);
    await consumer.stop();
    await consumer.close();
    await following;
    return found;
  },
};

const result = await jobs[job](needs);
// A pipe takes 64 KiB at once: whoever exits before it was read leaves half an answer.
await new Promise((written) => process.stdout.write(`${JSON.stringify(result)}\n`, written));
await store.close();
await pool.end();
process.exit(0);
