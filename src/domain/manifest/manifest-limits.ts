// Limits that a manifest sets, and a policy for all manifests under it.

import * as z from "zod";

/** More people than anybody reaches in a day. */
const MAX_PEOPLE = 1_000_000_000;

/** `rate.people_per_day`, and `people_per_day` of a policy. */
export const peoplePerDay = z
  .int()
  .min(1)
  .max(MAX_PEOPLE)
  .meta({
    description:
      "Most people in any 24 hours, over all campaigns of the business; Meta's own limit counts where it is smaller. Leave room for conversations.",
    examples: [1800],
  });
