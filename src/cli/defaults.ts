/** What holds where a flag is not given. The help is made of it, and docs/COMMANDS.md is compared with it. */
export const flagDefaults = {
  'max-age': 4,
  'max-unproven': 35,
  'max-delete': '50%',
  keep: 5,
} as const;

/**
 * Without any `--keep-…` given. Books are kept ten years (KUP art. 28(11)): eleven years are the running one and ten whole
 * ones before it.
 */
export const defaultPolicy = {
  last: 10,
  daily: 30,
  weekly: 12,
  monthly: 24,
  yearly: 11,
  within: null,
} as const;
