// Meta's own word on whether an account and its numbers may send (`health_status`).

import type { AccountFacts, HealthFacts, HealthProblem } from "../account/facts.ts";
import type { Manifest } from "../manifest/manifest.ts";
import type { Finding } from "./finding.ts";
import { clause, finding } from "./finding.ts";
import { numberOf, senderOf } from "./number-checks.ts";

const LEVELS = ["BLOCKED", "LIMITED"] as const;

/**
 * What Meta says stands in the way. Of several numbers, what concerns one of them alone is a
 * finding of that number, and what it says of the entities above it is one of all.
 */
export function judgeHealth(manifest: Manifest, { numbers, waba }: AccountFacts): Finding[] {
  const nodes = numbers.flatMap(({ facts }) => facts?.health ?? []);
  if (waba?.health != null) nodes.push(waba.health);
  if (numbers.length === 1) return LEVELS.flatMap((level) => judge(nodes, level));
  const above = numbers.flatMap(({ facts }) => (facts?.health == null ? [] : [rest(facts.health)]));
  if (waba?.health != null) above.push(waba.health);
  return LEVELS.flatMap((level) => [
    ...judge(above, level),
    ...numbers.flatMap(({ phoneNumberId, facts }) => {
      if (facts?.health == null) return [];
      const sender = senderOf(manifest, phoneNumberId);
      const own = ownOf(facts.health);
      return judge([own], level, `number ${phoneNumberId}: `).map((found) =>
        numberOf(sender, { ...found, path: sender.path }),
      );
    }),
  ]);
}

/**
 * What a number's health says of the number: its own problems, or a state that no problem explains.
 */
function ownOf({ canSend, problems }: HealthFacts): HealthFacts {
  const own = problems.filter(isOfNumber);
  const isExplained = problems.some((problem) => problem.canSend === canSend);
  return { canSend: isExplained ? worst(own) : canSend, problems: own };
}

/** What it says of the template, the account, the business and the app. */
function rest({ canSend, problems }: HealthFacts): HealthFacts {
  const others = problems.filter((problem) => !isOfNumber(problem));
  return { canSend: canSend === "AVAILABLE" ? canSend : worst(others), problems: others };
}

function isOfNumber({ entity }: HealthProblem): boolean {
  return entity === "PHONE_NUMBER";
}

function worst(problems: readonly HealthProblem[]): string {
  const states = problems.map(({ canSend }) => canSend);
  return LEVELS.find((level) => states.includes(level)) ?? "AVAILABLE";
}

function judge(
  nodes: readonly HealthFacts[],
  canSend: (typeof LEVELS)[number],
  whose = "",
): Finding[] {
  if (!nodes.some((node) => node.canSend === canSend)) return [];
  // Several nodes name the entities above them, so the same one may come twice.
  const problems = new Map(
    nodes
      .flatMap((node) => node.problems)
      .filter((problem) => problem.canSend === canSend)
      .map((problem) => [`${problem.entity} ${problem.code}`, problem]),
  );
  const seen = [...problems.values()];
  const words = seen.map(({ entity, code, description }) => {
    const reason = [code ?? [], description === null ? [] : clause(description)].flat();
    return reason.length === 0 ? entity : `${entity} (${reason.join(", ")})`;
  });
  const solutions = new Set(seen.flatMap(({ solution }) => solution ?? []));
  const solution =
    [...solutions].join(" ") || "Look at Meta Business Support Home and WhatsApp Manager.";
  const id = canSend === "BLOCKED" ? "health_blocked" : "health_limited";
  const named = words.join("; ") || "Meta names no reason";
  return [finding(id, ["account"], seen, { problems: `${whose}${named}`, solution })];
}
