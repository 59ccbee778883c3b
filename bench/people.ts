// The bench's list of people: as a shop exports it, with five columns and numbers written in
// several ways.

import { closeSync, openSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";

const NAMES = ["Ana", "Bruno", "Conceição", "Davi", "Érica", "José", "Luísa", "Otávio"];
const CITIES = ["São Paulo", "Rio de Janeiro", "Recife", "Porto Alegre"];

/** Digits of the n-th person of nobody's. */
export function digitsOf(row: number): string {
  return `55119${String(70_000_000 + row)}`;
}

/** Every fourth number is written as people write them, the others as machines do. */
function phoneOf(row: number): string {
  const digits = digitsOf(row);
  if (row % 4 !== 0) return `+${digits}`;
  return `(11) 9${digits.slice(5, 9)}-${digits.slice(9)}`;
}

/** What the n-th row gives for the template. */
export function cellsOf(row: number): { first_name: string; coupon: string } {
  return { first_name: NAMES[row % NAMES.length] as string, coupon: `SPRING${row % 1000}` };
}

/**
 * Writes `list.csv` with so many rows, and `campaign.yaml` that sends to them through a server.
 * @param isUneven every second row ends with a separator more
 */
export function writePeople(
  folder: string,
  rows: number,
  url: string,
  isUneven = false,
): { csv: string; manifest: string } {
  const csv = join(folder, "list.csv");
  const file = openSync(csv, "w");
  let text = "customer_id,first_name,phone,coupon,city\n";
  for (let row = 1; row <= rows; row += 1) {
    const { first_name, coupon } = cellsOf(row);
    const city = CITIES[row % CITIES.length];
    text += `C${row},${first_name},${phoneOf(row)},${coupon},${city}${isUneven && row % 2 === 0 ? "," : ""}\n`;
    if (text.length > 1 << 20) {
      writeSync(file, text);
      text = "";
    }
  }
  writeSync(file, text);
  closeSync(file);
  const manifest = join(folder, "campaign.yaml");
  writeFileSync(
    manifest,
    `campaign: bench
account:
  phone_number_id: "106540352242922"
  access_token: \${WHATSAPP_ACCESS_TOKEN}
  base_url: ${url}
recipients: { file: list.csv, phone: phone, default_region: BR }
template:
  name: spring_sale
  language: pt_BR
  header: { image: { link: "https://example.com/spring.jpg" } }
  body: ["{{ first_name | default: 'você' }}", "{{ coupon }}"]
  buttons: [{ index: 0, url: "{{ coupon }}" }]
rate: { messages_per_second: 1000, max_in_flight: 64 }
`,
  );
  return { csv, manifest };
}
