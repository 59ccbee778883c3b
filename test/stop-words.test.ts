import { describe, expect, it } from "vitest";
import { DEFAULT_STOP_WORDS, readStopWords, stopWordTest } from "../src/stop-words.ts";

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

describe("a file of stop words", () => {
  it("has one a line, in any spelling, and says which lines are none", () => {
    const text = `\uFEFFChega\r\n\n# all of ours\n¡Ya no más! # Mexico\n!!!\n${"x".repeat(61)}`;
    expect(readStopWords(text)).toEqual({ words: ["Chega", "¡Ya no más!"], badLines: [5, 6] });
  });
});
