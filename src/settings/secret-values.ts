import type { Config, SettingName } from './config.ts';
import { isSecretSetting, notifySecrets } from './connection-settings.ts';

/** Shorter values stand in other words, and no service gives out a secret so short. */
const leastCharacters = 6;

/** The values of a configuration that are nobody else's business, whole and as they stand in an address. */
export function secretValues({
  connectionEnv,
  setting,
}: Pick<Config, 'connectionEnv' | 'setting'>): readonly string[] {
  const ofConnection = Object.entries(connectionEnv).filter(isSecretSetting);
  const values = [
    ...ofConnection.map(([, value]) => value),
    ...notifySecrets.flatMap((name) => setting(name as SettingName)?.value ?? []),
  ];
  const passwords = values.flatMap((value) => /:\/\/[^/@]*:([^/@]+)@/.exec(value)?.[1] ?? []);
  return [...values, ...passwords].filter((value) => value.length >= leastCharacters);
}

/** A text with these values taken out of it; the longest first, as one may hold another. */
export const withoutValues = (text: string, values: readonly string[]): string =>
  [...values]
    .sort((a, b) => b.length - a.length)
    .reduce((left, value) => left.replaceAll(value, '[secret]'), text);
