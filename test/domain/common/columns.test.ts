import { describe, expect, it } from "vitest";
import { columnIndex } from "../../../src/domain/common/columns.ts";

describe("columnIndex", () => {
  const columns = ["customer_id", "first_name", "", "Phone", "city", "city"];

  it("finds a column by its name", () => {
    expect(columnIndex(columns, "first_name")).toEqual({ kind: "found", index: 1 });
  });

  it.each([
    ["phone", 'there is no column "phone"', /"Phone"/],
    ["first name", 'there is no column "first name"', /"first_name"/],
    ["frist_name", 'there is no column "frist_name"', /"first_name"/],
    ["coupon", 'there is no column "coupon"', /"customer_id", "first_name", "Phone"/],
    ["city", 'column "city" appears twice (columns 5 and 6)', /rename/],
  ])("%s", (name, message, hint) => {
    const found = columnIndex(columns, name);
    expect(found).toMatchObject({ kind: "problem", problem: { message } });
    expect(found.kind === "problem" && found.problem.hint).toMatch(hint);
  });
});
