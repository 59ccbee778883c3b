// Requests of the sandbox to others, over connections of its own. Never fails: a request without an
// answer has a cause.

import { Agent as HttpAgent, request as httpRequest } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";

/** An answer that takes longer is none, in milliseconds. */
const ANSWER_MS = 10_000;
/** How much of an answer is looked at, in characters: a handshake's is some twenty. */
const MAX_ANSWER = 1_024;

/** The end of a request. */
interface RequestEnd {
  /** Status of the answer; null when there was none in time. */
  http: number | null;
  cause: string | null;
  text: string;
}

export interface Caller {
  call(url: string, call: OutgoingRequest): Promise<RequestEnd>;
  /** Ends every request at once. */
  close(): void;
}

interface OutgoingRequest {
  method: "GET" | "POST";
  headers: Record<string, string>;
  body?: Buffer;
}

/** Makes a caller; neither its connections nor its timers keep the process alive. */
export function makeCaller(): Caller {
  const agents = {
    http: new HttpAgent({ keepAlive: true }),
    https: new HttpsAgent({ keepAlive: true }),
  };
  const open = new Set<() => void>();

  return {
    call: (url, { method, headers, body }) =>
      new Promise((resolve) => {
        const isTls = url.startsWith("https:");
        const request = isTls ? httpsRequest : httpRequest;
        const agent = isTls ? agents.https : agents.http;
        let cause: string | null = null;
        const end = (http: number | null, text: string): void => {
          clearTimeout(limit);
          open.delete(cancel);
          resolve({ http, cause: http === null ? (cause ?? "error") : null, text });
        };
        const req = request(url, { method, headers, agent }, (res) => {
          let text = "";
          res.setEncoding("utf8");
          res.on("data", (chunk: string) => {
            if (text.length < MAX_ANSWER) text += chunk;
          });
          res.on("end", () => end(res.statusCode ?? null, text));
          res.on("error", () => end(null, ""));
        });
        const cancel = (): void => void req.destroy();
        const limit = setTimeout(() => {
          cause = "timeout";
          cancel();
        }, ANSWER_MS).unref();
        open.add(cancel);
        req.on("error", (error: NodeJS.ErrnoException) => {
          cause ??= error.code ?? error.name;
          end(null, "");
        });
        req.end(body);
      }),
    close() {
      for (const cancel of [...open]) cancel();
      agents.http.destroy();
      agents.https.destroy();
    },
  };
}
