// Takes the comments out of a YAML text: what a person notes beside a value is nobody else's.

import { CST, Lexer } from "yaml";

/**
 * The text without its comments; every value stays at its line and column.
 * @param text YAML, with or without mistakes
 */
export function withoutComments(text: string): string {
  const kept: string[] = [];
  let before = "";
  for (const lexeme of new Lexer().lex(text)) {
    const isScalar = before === CST.SCALAR;
    before = lexeme;
    if (MARKS.includes(lexeme)) continue;
    if (isScalar || !lexeme.startsWith("#")) kept.push(lexeme);
    else if (/^[ \t]+$/.test(kept.at(-1) ?? "")) kept.pop();
  }
  return kept.join("");
}

/** What the lexer puts between the pieces of the text. */
const MARKS: readonly string[] = [CST.DOCUMENT, CST.FLOW_END, CST.SCALAR];
