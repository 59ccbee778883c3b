// A campaign of any size as SQL, for the exports.

/**
 * SQL that makes a campaign of dispatches that failed, with a message that is a formula in a
 * spreadsheet.
 */
export function fillWith(id: number, name: string, rows: number): string {
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
