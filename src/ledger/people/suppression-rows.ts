// An entry of the suppression list as SQLite returns it, and as the contract has it.

import type { SuppressionRecord } from "../../domain/campaign/suppression.ts";

/** SQL: the columns of `SuppressionRow`, from the table `suppression`. */
export const SUPPRESSION_COLUMNS =
  'id, phone, person, user_id as "userId", reason, source, added_at as "addedAt", is_forgotten as "isForgotten"';

export interface SuppressionRow {
  id: number;
  phone: number | null;
  person: number | null;
  userId: string | null;
  reason: string;
  source: string;
  addedAt: number;
  isForgotten: 0 | 1;
}

/** Makes the record of a row: phone numbers in E.164, people as digits. */
export function suppressionRecord(row: SuppressionRow): SuppressionRecord {
  return {
    ...row,
    phone: row.phone === null ? null : `+${row.phone}`,
    person: row.person === null ? null : String(row.person),
    isForgotten: row.isForgotten === 1,
  };
}
