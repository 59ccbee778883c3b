// Makes certificates for the servers of these tests, at test time. No key is ever written down.

import { generateKeyPairSync, randomBytes, sign } from "node:crypto";

/** What a TLS server shows. */
export interface Identity {
  /** PEM. */
  key: string;
  /** PEM, the leaf only. */
  cert: string;
}

export interface Authority extends Identity {
  /**
   * Issues a certificate.
   * @param names DNS names and IPv4 addresses that it is good for
   * @param from days from now at which it begins to be valid
   * @param until days from now at which it ends
   */
  issue(names: { dns?: string[]; ip?: string[] }, from?: number, until?: number): Identity;
}

/** Makes a certificate authority that signs itself. */
export function makeAuthority(name: string): Authority {
  const pair = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const issue = (subject: string, spki: Buffer, more: Buffer, from: number, until: number) =>
    certificate({ issuer: name, subject, spki, extension: more, from, until }, (data) =>
      sign("sha256", data, pair.privateKey),
    );
  const spki = pair.publicKey.export({ type: "spki", format: "der" });
  return {
    key: pair.privateKey.export({ type: "pkcs8", format: "pem" }) as string,
    cert: issue(name, spki, basicConstraints(), -1, 30),
    issue(names, from = -1, until = 30) {
      const own = generateKeyPairSync("ec", { namedCurve: "P-256" });
      return {
        key: own.privateKey.export({ type: "pkcs8", format: "pem" }) as string,
        cert: issue(
          "test server",
          own.publicKey.export({ type: "spki", format: "der" }),
          alternativeNames(names),
          from,
          until,
        ),
      };
    },
  };
}

interface Content {
  issuer: string;
  subject: string;
  /** DER. */
  spki: Buffer;
  extension: Buffer;
  from: number;
  until: number;
}

/** X.509 v3 (RFC 5280 §4.1) with one extension, as PEM. */
function certificate(content: Content, signer: (data: Buffer) => Buffer): string {
  const algorithm = sequence(oid("2a8648ce3d040302")); // ecdsa-with-SHA256
  const serial = randomBytes(8);
  serial[0] = 1; // positive, and no leading zero
  const body = sequence(
    tagged(0xa0, tagged(0x02, Buffer.from([2]))),
    tagged(0x02, serial),
    algorithm,
    commonName(content.issuer),
    sequence(instant(content.from), instant(content.until)),
    commonName(content.subject),
    content.spki,
    tagged(0xa3, sequence(content.extension)),
  );
  const der = sequence(body, algorithm, bits(signer(body)));
  const lines = der.toString("base64").match(/.{1,64}/g) as string[];
  return `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
}

function basicConstraints(): Buffer {
  const isAuthority = sequence(tagged(0x01, Buffer.from([0xff])));
  return sequence(oid("551d13"), tagged(0x01, Buffer.from([0xff])), octets(isAuthority));
}

function alternativeNames({ dns = [], ip = [] }: { dns?: string[]; ip?: string[] }): Buffer {
  const names = [
    ...dns.map((name) => tagged(0x82, Buffer.from(name))),
    ...ip.map((address) => tagged(0x87, Buffer.from(address.split(".").map(Number)))),
  ];
  return sequence(oid("551d11"), octets(sequence(...names)));
}

function commonName(name: string): Buffer {
  return sequence(tagged(0x31, sequence(oid("550403"), tagged(0x0c, Buffer.from(name)))));
}

/** UTCTime, days from now. */
function instant(days: number): Buffer {
  const iso = new Date(Date.now() + days * 86_400_000).toISOString();
  return tagged(0x17, Buffer.from(`${iso.slice(2, 19).replace(/[-T:]/g, "")}Z`));
}

function oid(hex: string): Buffer {
  return tagged(0x06, Buffer.from(hex, "hex"));
}

function octets(content: Buffer): Buffer {
  return tagged(0x04, content);
}

function bits(content: Buffer): Buffer {
  return tagged(0x03, Buffer.concat([Buffer.from([0]), content]));
}

function sequence(...parts: Buffer[]): Buffer {
  return tagged(0x30, Buffer.concat(parts));
}

function tagged(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const size =
    length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}
