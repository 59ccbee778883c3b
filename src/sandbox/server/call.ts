// One call of the management API, as the sandbox answers it. Shapes only.

import type { CountedMessage } from "../insights/counted.ts";
import type { Instants } from "./token.ts";

/** A call to Graph that is not a message. */
export interface Call extends Instants {
  method: string;
  /** After the version, without a slash at the beginning. */
  path: string;
  query: URLSearchParams;
  /** Address of the path, for a list's next page: `http://127.0.0.1:80/v25.0/1/phone_numbers`. */
  url: string;
  /** Every message that the log has. */
  messages(): readonly CountedMessage[];
}
