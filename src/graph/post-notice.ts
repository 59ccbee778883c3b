// Posts a notice to the operator's own address, and again after a fault that may pass.

import { createHmac } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { Client } from "undici";
import { causeOf } from "./client.ts";
import { userAgent } from "./user-agent.ts";

const TRIES = 3;
/** From the request to the head of its answer. */
const ANSWER_MS = 5_000;
/** Before the second try; doubled before the third. */
const BACK_OFF_MS = 1_000;
/** Answers that may be another one soon. */
const PASSING: readonly number[] = [408, 425, 429];

/** A notice, and where it goes. */
export interface NoticePost {
  /** https, or http to this machine. */
  url: string;
  /** Key of the signature; left out: not signed. */
  secret?: string | undefined;
  /** JSON. */
  body: string;
}

/**
 * `taken` with 2xx; `refused` when another try would be refused as well; `failed` when it may
 * succeed later. `why` is one clause, without the address's path.
 */
export type NoticeResult = { kind: "taken" } | { kind: "refused" | "failed"; why: string };

/**
 * Posts it, at most three times. Redirects are not followed.
 * @param options.signal aborted: the try that is under way is the last
 * @returns how it ended; never rejects
 */
export async function postNotice(
  post: NoticePost,
  { signal, answerMs = ANSWER_MS }: { signal: AbortSignal; answerMs?: number },
): Promise<NoticeResult> {
  for (let tries = 1; ; tries += 1) {
    const result = await postOnce(post, answerMs);
    if (result.kind !== "failed" || tries === TRIES || signal.aborted) return result;
    await pause(BACK_OFF_MS * 2 ** (tries - 1), undefined, { signal }).catch(() => {});
    if (signal.aborted) return result;
  }
}

async function postOnce(
  { url, secret, body }: NoticePost,
  answerMs: number,
): Promise<NoticeResult> {
  const { origin, host, pathname, search } = new URL(url);
  const late = AbortSignal.timeout(answerMs);
  const client = new Client(origin, { connect: { timeout: answerMs }, allowH2: false });
  try {
    const { statusCode } = await client.request({
      path: `${pathname}${search}`,
      method: "POST",
      signal: late,
      headers: {
        "content-type": "application/json",
        "user-agent": userAgent(),
        ...(secret !== undefined && signatureHeaders(secret, body)),
      },
      body,
    });
    return judge(statusCode, host);
  } catch (error) {
    const cause = late.aborted ? "no answer in time" : causeOf(error);
    return { kind: "failed", why: `${host} was not reached (${cause})` };
  } finally {
    await client.destroy();
  }
}

function signatureHeaders(secret: string, body: string): Record<string, string> {
  const timestamp = String(Math.floor(Date.now() / 1_000));
  const hex = createHmac("sha256", secret).update(`${timestamp}.${body}`).digest("hex");
  return { "x-campaign-timestamp": timestamp, "x-campaign-signature": `sha256=${hex}` };
}

function judge(status: number, host: string): NoticeResult {
  if (status >= 200 && status < 300) return { kind: "taken" };
  if (status >= 500 || PASSING.includes(status)) {
    return { kind: "failed", why: `${host} answered HTTP ${status}` };
  }
  const isRedirect = status >= 300 && status < 400;
  const then = isRedirect ? ", a redirect, which is not followed" : "";
  return { kind: "refused", why: `${host} answered HTTP ${status}${then}` };
}
