import { describe, expect, it } from "vitest";
import { DEFAULT_STOP_WORDS, stopWordTest } from "../src/stop-words.ts";

describe("a stop word", () => {
  const isStopWord = stopWordTest(DEFAULT_STOP_WORDS);
  it.each([
    "STOP",
    " stop. ",
    "Sair!",
    "BAJA",
    "Parar promoções",
    "désabonner",
    "Opt-out",
    "“Stop”",
  ])("%j is one", (text) => {
    expect(isStopWord(text)).toBe(true);
  });

  it.each(["", "   ", "!!!", "don't stop", "stopwatch", "stop ".repeat(40), "how do I stop this?"])(
    "%j is none",
    (text) => {
      expect(isStopWord(text)).toBe(false);
    },
  );

  it("can be another list", () => {
    const test = stopWordTest(["Chega"]);
    expect([test("chega"), test("stop")]).toEqual([true, false]);
    expect(stopWordTest([])("stop")).toBe(false);
  });
});
