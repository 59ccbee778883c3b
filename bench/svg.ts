// The few shapes that the bench's charts are made of, as SVG text. The ground is opaque, so that a chart reads the same on a
// light and on a dark page; the colours are distinguished by people who see no red or no green (Okabe and Ito's set).

export const COLOUR = {
  ground: "#ffffff",
  edge: "#d0d7de",
  ink: "#1f2328",
  faint: "#59636e",
  empty: "#eef1f4",
  good: "#0072b2",
  bad: "#d55e00",
  line: "#000000",
};

/** Width of every chart, in pixels: about what a page of a repository leaves. */
export const WIDTH = 860;
export const MARGIN = 20;

export interface TextStyle {
  size?: number;
  colour?: string;
  bold?: boolean;
  anchor?: "start" | "middle" | "end";
}

/** A whole chart: shapes on a ground, with a title that is read out too. */
export function page(height: number, title: string, subtitle: string, shapes: string[]): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}"` +
      ` role="img" font-family="system-ui, 'Segoe UI', Helvetica, Arial, sans-serif">`,
    `<title>${escaped(title)}</title>`,
    `<rect x="0.5" y="0.5" width="${WIDTH - 1}" height="${height - 1}" rx="8" fill="${COLOUR.ground}" stroke="${COLOUR.edge}"/>`,
    text(MARGIN, 30, title, { size: 16, bold: true }),
    text(MARGIN, 48, subtitle, { size: 11, colour: COLOUR.faint }),
    ...shapes,
    "</svg>\n",
  ].join("\n");
}

/** One line of text; `y` is where the letters stand. */
export function text(x: number, y: number, words: string, style: TextStyle = {}): string {
  const { size = 13, colour = COLOUR.ink, bold = false, anchor = "start" } = style;
  const weight = bold ? ' font-weight="600"' : "";
  const align = anchor === "start" ? "" : ` text-anchor="${anchor}"`;
  return `<text x="${short(x)}" y="${short(y)}" font-size="${size}" fill="${colour}"${weight}${align}>${escaped(words)}</text>`;
}

/** A filled box. */
export function box(x: number, y: number, width: number, height: number, colour: string): string {
  return `<rect x="${short(x)}" y="${short(y)}" width="${short(width)}" height="${short(height)}" fill="${colour}"/>`;
}

/** A line through points. */
export function line(
  points: [number, number][],
  { colour = COLOUR.ink, width = 1, dashed = false } = {},
): string {
  const path = points.map(([x, y]) => `${short(x)},${short(y)}`).join(" ");
  const dashes = dashed ? ' stroke-dasharray="5 4"' : "";
  return `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="${width}"${dashes}/>`;
}

const short = (value: number) => String(Math.round(value * 10) / 10);

function escaped(words: string): string {
  return words.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
}
