import { isEfakturError } from '../base/errors.ts';
import { looksLikeSecret } from '../base/secret.ts';
import { type Config, type SettingName, settingNames } from '../settings/config.ts';
import { isShownName, notifySecrets } from '../settings/connection-settings.ts';
import { secretValues } from '../settings/secret-values.ts';
import { splitStores } from '../settings/setting-values.ts';
import { parseStoreUrl } from '../store/open.ts';
import type { SurveyedSetting } from './document.ts';

/** Settings as they may be shown: of what is a key, or could hold one, only that it is set. */

const hidden: ReadonlySet<string> = new Set<SettingName>([...notifySecrets, 'EFAKTUR_IDENTITY_COMMAND']);

export function surveySettings(config: Config, platform: NodeJS.Platform): SurveyedSetting[] {
  const secrets = secretValues(config);
  const own = settingNames.flatMap((name): SurveyedSetting[] => {
    const setting = config.setting(name);
    if (setting === null) return [];
    const parts = splitStores(setting.value);
    const isHidden =
      hidden.has(name) ||
      parts.some((part) => holdsSecret(part, secrets)) ||
      (name === 'EFAKTUR_STORE' && parts.some((url) => shownStore(url, platform) === null));
    const value = isHidden ? null : setting.value;
    const { en: where } = setting.where;
    return [{ name, value, from: where.startsWith('--') ? where : from(config, name) }];
  });
  const connection = [...config.sources.keys()]
    .filter((name) => !name.startsWith('EFAKTUR_'))
    .map((name): SurveyedSetting => {
      const value = config.connectionEnv[name] ?? '';
      const isShown = showsConnection(name, value) && !holdsSecret(value, secrets);
      return { name, value: isShown ? value : null, from: from(config, name) };
    });
  return [...own, ...connection];
}

/** Also where a secret is part of something else. */
const holdsSecret = (value: string, secrets: readonly string[]): boolean =>
  looksLikeSecret(value) || secrets.some((one) => value.includes(one));

const from = (config: Config, name: string): string => config.sources.get(name) ?? 'environment';

/** Names, places and addresses without a password; of keys nothing. */
const showsConnection = (name: string, value: string): boolean =>
  isShownName(name) || (/^AWS_ENDPOINT_URL|_PROXY$/i.test(name) && !/[@?#]/.test(value));

/** An address that was understood holds no password; null for one that was not. */
export function shownStore(url: string, platform: NodeJS.Platform): string | null {
  try {
    parseStoreUrl(url, platform);
    return url;
  } catch (error) {
    if (isEfakturError(error, 'usage')) return null;
    throw error;
  }
}
