// A Graph server for tests of the whole program that answers each message as a test says, and
// writes down every message that it was posted: the proof of who got what. It knows nothing of the
// program under test.

import type { IncomingHttpHeaders } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** A message that was posted. */
export interface PostedMessage {
  to: string;
  /** Counts messages from 1. */
  nth: number;
  /** The callback key that came with it. */
  key: string | undefined;
  /** The id under which it was accepted; null when it was not. */
  messageId: string | null;
  headers: IncomingHttpHeaders;
}

export interface GraphAnswer {
  status?: number;
  /** An object is sent as JSON. */
  body: object | string;
  headers?: Record<string, string>;
}

/** What the server answers; undefined: the message is accepted. */
export type AnswerTo = (message: PostedMessage) => GraphAnswer | undefined;

export interface GraphServer {
  url: string;
  phoneNumberId: string;
  posted: PostedMessage[];
  /** The numbers of accepted messages, each as often as it was accepted. */
  accepted(): string[];
  /** Answers by this from now on. */
  answer(by: AnswerTo): void;
  close(): Promise<void>;
}

/** Meta's error, as Graph writes it. */
export function metaError(
  code: number | string,
  details = "Details of it.",
  status = 400,
): GraphAnswer {
  const message = `(#${code}) said`;
  return {
    status,
    body: {
      error: { message, type: "OAuthException", code, error_data: { details }, fbtrace_id: "A" },
    },
  };
}

/**
 * Starts a server on a free port. Of the account it tells nothing, as servers that only send do.
 */
export async function startGraph(answerTo: AnswerTo = () => undefined): Promise<GraphServer> {
  const posted: PostedMessage[] = [];
  let by = answerTo;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const reply = ({ status = 200, body, headers = {} }: GraphAnswer) => {
        response.writeHead(status, { "content-type": "application/json", ...headers });
        response.end(typeof body === "string" ? body : JSON.stringify(body));
      };
      if (request.method !== "POST") return reply(metaError(100));
      const json = JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>;
      const message: PostedMessage = {
        to: String(json.to),
        nth: posted.length + 1,
        key: json.biz_opaque_callback_data as string | undefined,
        messageId: null,
        headers: request.headers,
      };
      posted.push(message);
      const said = by(message);
      if (said !== undefined) return reply(said);
      message.messageId = `wamid.TEST${message.nth}`;
      reply({
        body: {
          messaging_product: "whatsapp",
          contacts: [{ input: message.to, wa_id: message.to.slice(1) }],
          messages: [{ id: message.messageId, message_status: "accepted" }],
        },
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    phoneNumberId: "106540352242922",
    posted,
    accepted: () => posted.filter(({ messageId }) => messageId !== null).map(({ to }) => to),
    answer(next) {
      by = next;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** The body of a webhook that says of a message that it failed, as Meta posts it. */
export function failedReceipt(
  message: PostedMessage,
  code: number,
  { at = Date.now(), status = "failed" } = {},
): string {
  const errors = [{ code, title: "Failed", error_data: { details: "Details of it." } }];
  const value = {
    messaging_product: "whatsapp",
    metadata: { phone_number_id: "106540352242922", display_phone_number: "551140000000" },
    statuses: [
      {
        id: message.messageId,
        status,
        timestamp: String(Math.floor(at / 1_000)),
        recipient_id: message.to.slice(1),
        biz_opaque_callback_data: message.key,
        ...(status === "failed" && { errors }),
      },
    ],
  };
  const changes = [{ field: "messages", value }];
  return JSON.stringify({ object: "whatsapp_business_account", entry: [{ id: "1", changes }] });
}
