/**
 * Without any `keep-…` given. Books are kept ten years (KUP art. 28(11)): eleven years are the running one and ten whole
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

export const defaultMaxDelete = '50%';
