import { EfakturError } from '../base/errors.ts';
import { shownValue } from '../base/secret.ts';
import type { Text } from '../base/text.ts';
import { defaultMaxDelete, defaultPolicy } from './prune-defaults.ts';
import { isEmptyPolicy, noRules, parseKeepCount, parseSpan, type RetentionPolicy } from './retention.ts';
import {
  defaultAndRule,
  noDeleteLimit,
  noPruneRule,
  pruneRuleTwice,
  rulesKeepNothing,
  writeDeleteLimit,
  writePruneRules,
} from './texts.ts';

/** What a prune keeps and how much it may delete, as flags and the setting `EFAKTUR_PRUNE` say it. */
export interface PruneRules {
  readonly policy: RetentionPolicy;
  /** More backups than this are never deleted in one run: a number, or percent of all. */
  readonly maxDelete: DeleteLimit;
}

export type DeleteLimit = { readonly backups: number } | { readonly percent: number };

const counts = {
  'keep-last': 'last',
  'keep-daily': 'daily',
  'keep-weekly': 'weekly',
  'keep-monthly': 'monthly',
  'keep-yearly': 'yearly',
} as const;

/** All rules there are, by the names of the flags. */
export const pruneRuleNames = [...Object.keys(counts), 'keep-within', 'max-delete'] as const;

/**
 * The rules of what was given by name; the default policy where no `keep-…` is. `where` is what messages call a rule. `usage`
 * for a value that cannot be.
 */
export function pruneRulesOf(given: ReadonlyMap<string, string>, where: (rule: string) => Text): PruneRules {
  const policy: { -readonly [Rule in keyof RetentionPolicy]: RetentionPolicy[Rule] } = { ...noRules };
  for (const [name, rule] of Object.entries(counts)) {
    const value = given.get(name);
    if (value !== undefined) policy[rule] = parseKeepCount(value, where(name));
  }
  const span = given.get('keep-within');
  if (span !== undefined) policy.within = parseSpan(span, where('keep-within'));
  const isDefault = ![...Object.keys(counts), 'keep-within'].some((name) => given.has(name));
  return {
    policy: isDefault ? defaultPolicy : policy,
    maxDelete: parseDeleteLimit(given.get('max-delete') ?? defaultMaxDelete, where('max-delete')),
  };
}

function parseDeleteLimit(value: string, where: Text): DeleteLimit {
  const [, number = '', percent] = /^(\d{1,9})(%?)$/.exec(value) ?? [];
  if (percent === '%' && Number(number) <= 100) return { percent: Number(number) };
  if (percent === '') return { backups: Number(number) };
  throw new EfakturError('usage', noDeleteLimit(where, value), writeDeleteLimit);
}

/**
 * Reads `EFAKTUR_PRUNE`: the flags of `prune` without their dashes, separated by commas (`keep-daily=30,keep-monthly=24`), or
 * `default`; null for `off`. `usage` for all that is not wholly understood, as a rule passed over would delete what it keeps.
 */
export function parsePruneRules(value: string, where: Text): PruneRules | null {
  const parts = value.split(',').map((part) => part.trim());
  if (parts.length === 1 && parts[0]?.toLowerCase() === 'off') return null;
  const given = new Map<string, string>();
  let isDefault = false;
  for (const part of parts) {
    if (part.toLowerCase() === 'default') {
      isDefault = true;
      continue;
    }
    const [, name = '', number = ''] = /^(?:--)?([a-z-]+)\s*=\s*(\S+)$/i.exec(part) ?? [];
    const rule = name.toLowerCase();
    if (!pruneRuleNames.includes(rule))
      throw new EfakturError('usage', noPruneRule(where, shownValue(part)), writePruneRules);
    if (given.has(rule)) throw new EfakturError('usage', pruneRuleTwice(where, rule), writePruneRules);
    given.set(rule, number);
  }
  const keeps = [...given.keys()].filter((rule) => rule !== 'max-delete');
  // Which of both is meant nobody knows; and a limit alone says nothing of what to keep.
  const [first] = keeps;
  if (isDefault && first !== undefined)
    throw new EfakturError('usage', defaultAndRule(where, first), writePruneRules);
  if (!isDefault && first === undefined)
    throw new EfakturError('usage', noPruneRule(where, shownValue(value)), writePruneRules);
  const rules = pruneRulesOf(given, (rule) => ({ en: `${where.en}, ${rule}`, id: `${where.id}, ${rule}` }));
  if (isEmptyPolicy(rules.policy)) throw new EfakturError('usage', rulesKeepNothing(where), writePruneRules);
  return rules;
}
