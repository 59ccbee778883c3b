// Campaigns of any size whose dispatches all failed, for the exports.

import { join } from "node:path";

import Database from "better-sqlite3";

import type { CampaignRecord } from "../../src/domain/campaign/campaign.ts";
import type { Ledger } from "../../src/domain/ledger/ledger.ts";
import { openSqliteLedger } from "../../src/ledger/ledger.ts";

/** Makes a ledger in a folder with a campaign of 1,000 rows and one of `rows`, and opens it to read. */
export async function openFewAndMany(
  folder: string,
  rows: number,
): Promise<{ ledger: Ledger; few: CampaignRecord; many: CampaignRecord }> {
  const file = join(folder, "ledger.sqlite");
  await (await openSqliteLedger(file)).close();
  const db = new Database(file);
  db.exec(fillWith(1, "few", 1000));
  db.exec(fillWith(2, "many", rows));
  db.close();
  const ledger = await openSqliteLedger(file, { readOnly: true });
  const [few, many] = (await ledger.listCampaigns()) as [CampaignRecord, CampaignRecord];
  return { ledger, few, many };
}

/**
 * SQL that makes a campaign of dispatches that failed, with a message that is a formula in a
 * spreadsheet.
 */
function fillWith(id: number, name: string, rows: number): string {
  return `
    insert into campaign (id, name, lane, state, frozen, columns, rows, created_at, changed_at)
      values (${id}, '${name}', 'sandbox', 'finished', '{}', '[]', ${rows}, 1000, 1000);
    with recursive n(i) as (select 1 union all select i + 1 from n where i < ${rows})
    insert into dispatch (campaign_id, row_number, place, line, hash, phone, person, region, value_list, status, attempts,
      claimed_at, failed_at, error_code, error_message)
    select ${id}, i, i, i + 1, i, 447700900000 + i, 447700900000 + i, 'GB', '[]', 'failed', 1,
      1795341600000 + i, 1795341600100 + i, '131026', '=cmd()' from n;
  `;
}
