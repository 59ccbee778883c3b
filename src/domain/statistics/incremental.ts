// What sending brought that would not have come without it, by a hold-out.

import type { Interval, Share } from "../common/proportion.ts";
import { areTooFew, newcombe } from "./two-shares.ts";

/** Orders that came because of sending. */
export interface Incremental extends Interval {
  orders: number;
}

/** What one of them cost, in the unit of the cost. */
export interface OrderCost extends Interval {
  cost: number;
}

/**
 * The people who ordered because of sending: the difference of the shares, times all who were sent
 * to, with the interval of the difference.
 * @param z standard errors to each side
 * @returns null, "cannot tell", for too few people
 */
export function incrementalOrders(holdOut: Share, sentTo: Share, z?: number): Incremental | null {
  const interval = newcombe(holdOut, sentTo, z);
  if (interval === null || areTooFew(holdOut, sentTo)) return null;
  const orders = sentTo.number - (sentTo.of * holdOut.number) / holdOut.of;
  return { orders, low: sentTo.of * interval.low, high: sentTo.of * interval.high };
}

/**
 * The cost of an order that came because of sending. The cost is known exactly, so that its bounds
 * are those of the orders, turned over. Where the interval of the orders holds 0 the cost has no
 * upper bound, and its interval would be in two parts (E. C. Fieller, Journal of the Royal
 * Statistical Society B 16, 1954, 175–185): that is no answer.
 * @param cost of all messages to the people who were sent to
 * @returns null, "cannot tell", unless sending brought orders beyond doubt
 */
export function costPerOrder(cost: number, orders: Incremental | null): OrderCost | null {
  if (orders === null || orders.low <= 0) return null;
  return { cost: cost / orders.orders, low: cost / orders.high, high: cost / orders.low };
}
