// The zones of a campaign that goes by everybody's own clock. Shapes only.

/** A zone with those who wait in it. */
export interface WaitingZone {
  zone: number;
  /** The country and the clocks, as `zoneOfPerson` gives them. */
  clocks: string;
  pending: number;
  held: number;
}

/** Of those who wait: all, or those who could be claimed now; others wait for a test. */
export type WhichWait = "all" | "claimable";

/** What is read of zones. */
export interface ZoneLedger {
  /**
   * Every zone of a campaign; none where all people go by the campaign's clock.
   * @param which left out: all
   */
  waitingZones(campaign: number, lane?: number, which?: WhichWait): Promise<WaitingZone[]>;
}
