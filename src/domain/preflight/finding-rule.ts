// What a line of the table of findings has. Shapes only.

/** A blocker stops a run before anything is sent; a warning is reported, and the run goes on. */
export type FindingLevel = "blocker" | "warning";

/** One line of the table. In `wrong` and `todo`, `{word}` is filled with what was seen. */
export interface FindingRule {
  level: FindingLevel;
  about:
    | "the ledger"
    | "the token"
    | "the account"
    | "the number"
    | "the template"
    | "the list"
    | "the test"
    | "time"
    | "money"
    | "what could not be read";
  wrong: string;
  todo: string;
}
