import { describe, expect, it } from "vitest";

import { fileKind, looksLikeCsv } from "../../../src/domain/common/file-kind.ts";

const bytes = (text: string) => Buffer.from(text, "latin1");

describe("fileKind", () => {
  it.each([
    [
      "PK\x03\x04\x14\0\x06\0[Content_Types].xml…_rels/.rels…xl/workbook.xml",
      "an Excel workbook (.xlsx)",
    ],
    [
      "PK\x03\x04\x14\0mimetypeapplication/vnd.oasis.opendocument.spreadsheetPK",
      "an OpenDocument spreadsheet (.ods)",
    ],
    ["PK\x03\x04\x14\0list.csv", "an Excel workbook (.xlsx) or another ZIP file"],
    ["\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Excel workbook (.xls)"],
    ["\x1f\x8b\x08", "a gzip file"],
    ["BZh91AY&SY", "a bzip2 file"],
    ["\xfd7zXZ\0", "an xz file"],
    ["7z\xbc\xaf\x27\x1c", "a 7-Zip archive"],
    ["SQLite format 3\0", "a SQLite database"],
    ["%PDF-1.7", "a PDF"],
    ["{\\rtf1\\ansi", "an RTF document"],
    ["\xef\xbb\xbf<!DOCTYPE html><html>", "a web page (HTML)"],
    ["\r\n<html lang=pt>", "a web page (HTML)"],
    ["<!-- list -->\n<table><tr>", "a web page (HTML)"],
    [
      '<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?>\n<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">',
      "an Excel 2003 XML file",
    ],
    ['<?xml version="1.0"?><people>', "an XML file"],
    ["BEGIN:VCARD\r\nVERSION:3.0", "a vCard file of contacts"],
    ['[{"phone":"+55"}]', "a JSON file"],
    ['{"phone":"+55"}\n{"phone":"+56"}', "a JSON file"],
    ["[]", "a JSON file"],
    ["-- MySQL dump 10.13\n--\nINSERT INTO people VALUES (1);", "an SQL dump"],
    ["version https://git-lfs.github.com/spec/v1\noid sha256:", "a Git LFS pointer"],
  ])("%j: %s", (text, what) => {
    expect(fileKind(bytes(text))?.what).toBe(what);
  });

  it("knows a web page in UTF-16", () => {
    expect(fileKind(Buffer.from("\ufeff<html><body>", "utf16le"))?.what).toBe("a web page (HTML)");
  });

  it.each([
    "phone,name\n",
    "BZhang,name\n",
    "PAR1,PAR2\n",
    "[phone],[name]\n",
    "{{ phone }},name\n",
    "campaign: spring\n",
    "",
    "\xef\xbb\xbfphone",
  ])("leaves %j alone", (text) => {
    expect(fileKind(bytes(text))).toBeUndefined();
  });
});

describe("looksLikeCsv", () => {
  it.each([
    ["phone,name\n+55,Ana\n", true],
    ["sep=;\r\nphone;name\r\n1;2\r\n", true],
    ["phone\tname\n1\t2\t3\n", true],
    ["phone,name", true],
    ["phone\n1\n", false],
    ["a plain sentence, with a comma\nand another without\n", false],
    ['{"a": 1, "b": 2', false],
  ])("%j: %s", (text, expected) => {
    expect(looksLikeCsv(text)).toBe(expected);
  });
});
