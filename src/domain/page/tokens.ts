// The tokens of every page: type, space and colours, light and dark. Components read them; nothing
// else names a colour.
//
// Success has one hue in steps of lightness; vermilion and amber stand for the rest. People with
// deuteranopia and readers of a grey print tell them apart, and each kind has its own pattern as
// well.

/** Custom properties for light and dark screens. Paper is always light. */
export const TOKENS = `
:root {
  color-scheme: light dark;
  --font: -apple-system, BlinkMacSystemFont, "Segoe UI", Roboto, Inter, "Noto Sans", system-ui, sans-serif;
  --mono: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace;
  --t12: .75rem; --t14: .875rem; --t16: 1rem; --t20: 1.25rem; --t26: 1.625rem; --t34: 2.125rem;
  --s1: 4px; --s2: 8px; --s3: 12px; --s4: 16px; --s5: 24px; --s6: 32px; --s7: 48px;
  --r: 8px;
  --bg: #f5f7f8; --surface: #ffffff; --sunken: #eef1f3; --line: #e0e5e8; --line-2: #bcc5cb;
  --ink: #12181c; --ink-2: #45515a; --ink-3: #5b6770;
  --accent: #0b6170; --accent-ink: #ffffff; --accent-weak: #e1f0f2;
  --read: #0b5563; --deliv: #3a93a2; --acc: #a9d3d9; --wait: #dfe4e7;
  --fail: #b3400d; --fail-weak: #fbeae2; --held: #b57a00; --warn: #7a5200; --warn-weak: #fbf1d9;
  --skip: #87929a; --shadow: 0 1px 2px rgb(18 24 28 / 5%);
}
@media screen and (prefers-color-scheme: dark) { :root {
  --bg: #0d1113; --surface: #151a1d; --sunken: #1e2528; --line: #283035; --line-2: #4a565e;
  --ink: #edf2f4; --ink-2: #b3bec5; --ink-3: #98a5ad;
  --accent: #5cc5d3; --accent-ink: #06262c; --accent-weak: #12333a;
  --read: #7bdbe7; --deliv: #3e9aa9; --acc: #245a64; --wait: #2a3338;
  --fail: #f2905f; --fail-weak: #3a2015; --held: #dfaa34; --warn: #e9bd58; --warn-weak: #332813;
  --skip: #7a868e; --shadow: none;
} }
`;
