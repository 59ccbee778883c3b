// Keeps tokens, phone numbers and user ids out of everything that is printed or logged.

const secrets = new Set<string>();

/** Shorter values are no secrets, and masking them would garble ordinary text. */
const SECRET_MIN = 6;

/** Remembers a value that must never be printed. */
export function keepSecret(value: string): void {
  if (value.length >= SECRET_MIN) secrets.add(value);
}

/** With a `+` and any formatting, or eight to fifteen digits in a row. A date has neither, and stays readable. */
const PHONE = /\+\d[\d\s().-]{6,18}\d|(?<![\d.])\d{8,15}(?!\d)/g;
const BEARER = /(Bearer\s+)[^\s"',}]+/gi;

/** A business-scoped user id, a parent's too: country, dot, letters and digits with a digit among them. Shorter is none. */
const USER_ID = /\b([A-Z]{2}\.(?:ENT\.)?)((?=[A-Za-z]*\d)[A-Za-z0-9]{6,128})\b/g;

/** Masks every known secret, every bearer token and everything that may be a phone number or a user id. */
export function redact(text: string): string {
  let safe = text;
  for (const secret of secrets) safe = safe.split(secret).join("***");
  return safe
    .replace(BEARER, "$1***")
    .replace(USER_ID, (_, country: string, id: string) => `${country}***${id.slice(-2)}`)
    .replace(PHONE, maskDigits);
}

/** Leaves the last two digits, enough to recognise a number one knows. */
function maskDigits(text: string): string {
  const digits = text.replace(/\D/g, "");
  if (digits.length < 8 || digits.length > 15) return text;
  return `***${digits.slice(-2)}`;
}
