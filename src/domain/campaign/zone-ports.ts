// The zones of a campaign that goes by everybody's own clock. Shapes only.

/** A zone with those who wait in it. */
export interface WaitingZone {
  zone: number;
  /** The country and the clocks, as `zoneOfPerson` gives them. */
  clocks: string;
  pending: number;
  held: number;
}

/** What is read of zones. */
export interface ZoneLedger {
  /** Every zone of a campaign; none where all people go by the campaign's clock. */
  waitingZones(campaign: number, lane?: number): Promise<WaitingZone[]>;
}
