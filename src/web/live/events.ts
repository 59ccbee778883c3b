// Sends what changed of a page to the browsers that watch it, as server-sent events: only parts
// whose markup is otherwise than it was.

import type { FastifyReply } from "fastify";
import type { Html } from "../../domain/common/html.ts";
import { markupText } from "../../domain/common/html.ts";

/** Watchers at once. */
export const STREAMS_MAX = 64;
/** A watcher that does not read is let go of when this much waits for it. */
const BACKLOG_MAX_BYTES = 1_048_576;
/**
 * Looks without a change after which a line is sent all the same, so that no proxy takes the
 * connection for dead.
 */
const QUIET_LOOKS_MAX = 15;
/** After this a browser comes again by itself. */
const LOOKS_MAX = 3_600;
/** How soon a browser comes again. */
const RETRY_MS = 2_000;

/** Parts of a page by name; each is what stands inside of `data-live="name"`. */
export type Parts = Readonly<Record<string, Html>>;

export interface Stream {
  /** Ends it, saying so: a browser does not come again by itself then. */
  end(): void;
}

/**
 * Sends the parts of a page now, and after every look what changed of them.
 * @param options.parts undefined when there is nothing to be watched any more, or not by this
 * watcher
 * @param options.watch calls back after every look until the returned function is called
 * @param options.onEnd called once, however it ended
 */
export function startStream(
  reply: FastifyReply,
  options: {
    headers: Readonly<Record<string, string>>;
    parts(): Promise<Parts | undefined>;
    /** The markup of a part as it is sent. */
    finish(markup: string): string;
    watch(onLook: () => void): () => void;
    onEnd(): void;
    onError(error: unknown): void;
  },
): Stream {
  const { raw } = reply;
  const last = new Map<string, string>();
  let looks = 0;
  let quiet = 0;
  let isBusy = false;
  let isOver = false;

  function over(): void {
    if (isOver) return;
    isOver = true;
    unwatch();
    raw.end();
    options.onEnd();
  }

  function end(): void {
    if (!isOver) raw.write("event: end\ndata: {}\n\n");
    over();
  }

  async function send(): Promise<void> {
    const parts = await options.parts();
    if (isOver) return;
    if (parts === undefined) return end();
    const changed: Record<string, string> = {};
    for (const [name, part] of Object.entries(parts)) {
      const markup = options.finish(markupText(part));
      if (last.get(name) !== markup) changed[name] = markup;
      last.set(name, markup);
    }
    quiet = Object.keys(changed).length === 0 ? quiet + 1 : 0;
    // JSON has no line break in it, which would end the event.
    if (quiet === 0) raw.write(`event: parts\ndata: ${JSON.stringify(changed)}\n\n`);
    else if (quiet % QUIET_LOOKS_MAX === 0) raw.write(": still here\n\n");
    if (raw.writableLength > BACKLOG_MAX_BYTES) raw.destroy();
  }

  function look(): void {
    looks += 1;
    if (looks > LOOKS_MAX) over();
    // A slow look is not overtaken by the next one.
    if (isOver || isBusy) return;
    isBusy = true;
    void send()
      .catch((error: unknown) => {
        options.onError(error);
        over();
      })
      .finally(() => {
        isBusy = false;
      });
  }

  reply.hijack();
  raw.writeHead(200, {
    ...options.headers,
    "content-type": "text/event-stream; charset=utf-8",
    // A proxy that gathers (nginx) would show nothing for minutes.
    "x-accel-buffering": "no",
  });
  raw.write(`retry: ${RETRY_MS}\n\n`);
  const unwatch = options.watch(look);
  raw.on("close", over);
  raw.on("error", over);
  look();
  return { end };
}
