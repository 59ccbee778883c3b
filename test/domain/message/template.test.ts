import { describe, expect, it } from "vitest";

import type { TemplateBinding } from "../../../src/domain/message/template.ts";
import { definitionFor } from "../../../src/domain/message/template.ts";
import { componentsOf, slotsOf } from "../../../src/domain/message/template-components.ts";

const binding: TemplateBinding = {
  name: "spring_sale",
  language: "pt_BR",
  ttl: 86_400,
  header: { document: { link: "L", filename: "F" } },
  body: ["A", "B"],
  buttons: [
    { index: 2, url: "U" },
    { index: 0, quick_reply: "Q" },
  ],
};

describe("slots", () => {
  it("are named, and know their path in the manifest", () => {
    expect(slotsOf(binding)).toEqual([
      {
        name: "header document link",
        template: "L",
        path: ["template", "header", "document", "link"],
        kind: "link",
      },
      {
        name: "header document filename",
        template: "F",
        path: ["template", "header", "document", "filename"],
        kind: "text",
      },
      { name: "body 1", template: "A", path: ["template", "body", 0], kind: "body", variable: "1" },
      { name: "body 2", template: "B", path: ["template", "body", 1], kind: "body", variable: "2" },
      {
        name: "button 2",
        template: "U",
        path: ["template", "buttons", 0, "url"],
        kind: "url",
        variable: "1",
      },
      {
        name: "button 0",
        template: "Q",
        path: ["template", "buttons", 1, "quick_reply"],
        kind: "payload",
      },
    ]);
  });

  it("are filled in the same order as they are listed", () => {
    const filled: string[] = [];
    componentsOf(binding, ({ template }) => {
      filled.push(template);
      return template;
    });
    expect(filled).toEqual(slotsOf(binding).map(({ template }) => template));
  });

  it("take named parameters by their names", () => {
    const named = { ...binding, header: { text: { city: "C" } }, body: { code: "X" }, buttons: [] };
    expect(slotsOf(named).map(({ name }) => name)).toEqual(["header city", "body code"]);
  });
});

describe("the definition for a binding", () => {
  it("is an approved marketing template of the same shape", () => {
    expect(definitionFor({ template: binding })).toEqual({
      name: "spring_sale",
      language: "pt_BR",
      category: "MARKETING",
      status: "APPROVED",
      parameter_format: "POSITIONAL",
      message_send_ttl_seconds: 86_400,
      components: [
        { type: "HEADER", format: "DOCUMENT" },
        { type: "BODY", text: "Text of the template with {{1}}, {{2}}." },
        {
          type: "BUTTONS",
          buttons: [
            { type: "QUICK_REPLY", text: "Button 1" },
            { type: "URL", text: "Button 2", url: "https://example.com/" },
            { type: "URL", text: "Button 3", url: "https://example.com/{{1}}" },
          ],
        },
      ],
    });
  });

  it("has named parameters when the binding has", () => {
    const named = { ...binding, header: { text: { city: "C" } }, body: { code: "X" }, buttons: [] };
    const definition = definitionFor({ template: named });
    expect(definition.parameter_format).toBe("NAMED");
    expect(definition.components).toEqual([
      { type: "HEADER", format: "TEXT", text: "{{city}}" },
      { type: "BODY", text: "Text of the template with {{code}}." },
    ]);
  });

  it("has only a text when nothing is bound", () => {
    expect(definitionFor({ template: { name: "a", language: "en" } })).toMatchObject({
      parameter_format: "POSITIONAL",
      message_send_ttl_seconds: null,
      components: [{ type: "BODY", text: "Text of the template." }],
    });
  });
});
