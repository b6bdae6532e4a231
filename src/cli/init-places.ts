import { resolve } from 'node:path';
import { outsideEfaktur, refuseStoreInApp } from '../app/folders.ts';
import { isEfakturError } from '../base/errors.ts';
import { expandPath } from '../base/path-variables.ts';
import { secret } from '../base/secret.ts';
import { joined, type Text, verbatim } from '../base/text.ts';
import type { Config } from '../settings/config.ts';
import { type BucketKeys, readKeysFile } from '../setup/bucket-keys.ts';
import { bucketAddress, isSynced, proposedFolders } from '../setup/places.ts';
import { parseStoreUrl } from '../store/open.ts';
import {
  blankOf,
  filledIn,
  type Provider,
  type ProviderEndpoint,
  providerAt,
  providers,
} from '../store/providers.ts';
import type { Session } from './init-session.ts';
import * as texts from './init-texts.ts';
import type { Choice, Questions } from './questions.ts';

/** Where backups go, or come from: a bucket with its two keys, or a folder. */

export interface Place {
  /** Without the prefix or folder of a profile, which comes below it where `isShared`. */
  readonly url: string;
  readonly isShared: boolean;
  /** Null where they are set already, or none are needed. */
  readonly keys: BucketKeys | null;
}

type Kind =
  | { readonly kind: 'bucket' | 'other' | 'keep' }
  | { readonly kind: 'folder'; readonly path: string };

/**
 * Asks for a place. `kept`: what is set already, which may stay; `appFolder`: whose disk is no place; null for a place that is only
 * read, which is named whole.
 */
export async function askPlace(
  session: Session,
  questions: Questions,
  question: Text,
  { kept, appFolder }: { readonly kept: string | null; readonly appFolder: string | null },
): Promise<Place> {
  const { around } = session.invocation.io;
  const folders = appFolder === null ? [] : await proposedFolders(around, appFolder);
  const choices: Choice<Kind>[] = [
    ...(kept === null ? [] : [{ value: { kind: 'keep' as const }, label: texts.keepPlace(kept) }]),
    { value: { kind: 'bucket' }, label: texts.bucketPlace },
    ...folders.map(({ path, kind }) => ({
      value: { kind: 'folder' as const, path },
      label: texts.folderPlace(path, kind),
    })),
    { value: { kind: 'other' }, label: texts.otherFolderPlace },
  ];
  const chosen = await questions.choose(question, choices);
  if (chosen.kind === 'keep') return { url: kept ?? '', isShared: false, keys: null };
  if (chosen.kind === 'bucket') return askBucket(session, questions, appFolder !== null);
  const path = chosen.kind === 'folder' ? chosen.path : await askFolder(session, questions);
  if (isSynced(path)) questions.tell(texts.syncedFolder);
  return { url: path, isShared: appFolder !== null, keys: null };
}

async function askFolder({ invocation }: Session, questions: Questions): Promise<string> {
  const { around, signal } = invocation.io;
  const whole = (typed: string): string =>
    resolve(around.currentFolder, expandPath(unquoted(typed), verbatim('--store'), around));
  const typed = await questions.line(texts.whichFolder, {
    check: (text) =>
      tellingErrors(async () => {
        if (text === '') return texts.nothingTyped;
        await refuseStoreInApp(whole(text), around, signal);
        await outsideEfaktur(whole(text), verbatim('--store'), around.currentFolder);
        return null;
      }),
  });
  return whole(typed);
}

/** A folder that was dragged into the window comes in quotes. */
export const unquoted = (path: string): string => /^(["'])(.*)\1$/.exec(path)?.[2]?.trim() ?? path;

/** What is wrong, where a check throws it. */
export async function tellingErrors(check: () => Promise<Text | null>): Promise<Text | null> {
  try {
    return await check();
  } catch (error) {
    if (!isEfakturError(error) || error.code === 'interrupted') throw error;
    return joined([error.text, error.hint], '\n');
  }
}

/** `isShared`: a profile gets a prefix of its own in it, unless one was typed. */
async function askBucket(session: Session, questions: Questions, isShared: boolean): Promise<Place> {
  const provider = await askProvider(questions);
  const endpoint = await askEndpoint(questions, provider);
  // Whoever restores has a bucket and keys that open it, and nothing is tested there.
  if (provider && isShared) questions.tell(texts.atProvider(provider));
  const address = (typed: string): string => {
    if (/^s3:\/\//i.test(typed)) return typed.includes('?') ? typed : `${typed}${queryOf(endpoint)}`;
    return `s3://${typed.replace(/^\/+|\/+$/g, '')}${queryOf(endpoint)}`;
  };
  const typed = await questions.line(isShared ? texts.whichBucket : texts.whichBucketAndPrefix, {
    check: (text) =>
      tellingErrors(async () => {
        if (text === '') return texts.nothingTyped;
        parseStoreUrl(address(text), session.invocation.io.around.platform);
        return null;
      }),
  });
  const url = address(typed);
  const parsed = parseStoreUrl(url, session.invocation.io.around.platform);
  const hasPrefix = parsed.kind === 's3' && parsed.prefix !== '';
  const keys = haveKeys(session.config) ? null : await askKeys(session, questions);
  return { url, isShared: isShared && !hasPrefix, keys };
}

const askProvider = (questions: Questions): Promise<Provider | null> =>
  questions.choose<Provider | null>(texts.whichProvider, [
    ...providers.map((one) => ({ value: one, label: texts.providerLabel(one) })),
    { value: null, label: texts.otherProvider },
  ]);

/** The same bucket and prefix at another address. */
export async function askAddress(questions: Questions, url: string): Promise<string> {
  const endpoint = await askEndpoint(questions, await askProvider(questions));
  return `${url.replace(/\?.*$/, '')}${queryOf(endpoint)}`;
}

const queryOf = (endpoint: ProviderEndpoint): string => {
  const [, query = ''] = bucketAddress('b', 'p', endpoint).split('?');
  return `?${query}`;
};

async function askEndpoint(questions: Questions, provider: Provider | null): Promise<ProviderEndpoint> {
  const [first, ...others] = provider?.endpoints ?? [];
  if (first === undefined) return askHost(questions);
  const endpoint =
    others.length === 0
      ? first
      : await questions.choose(
          texts.whichRegion,
          [first, ...others].map((one) => ({ value: one, label: texts.endpointLabel(one) })),
        );
  const gap = blankOf(endpoint);
  if (gap === null) return endpoint;
  const value = await questions.line(texts.fillIn(gap, endpoint.host), {
    check: async (typed) => (filledIn(endpoint, typed) ? null : texts.notForAddress(endpoint.host)),
  });
  return filledIn(endpoint, value) ?? endpoint;
}

/** The address of a service as its user knows it; what is known of it comes along. */
async function askHost(questions: Questions): Promise<ProviderEndpoint> {
  const whole = (typed: string): string => (/^https?:\/\//i.test(typed) ? typed : `https://${typed}`);
  const typed = await questions.line(texts.whichAddress, {
    check: (text) =>
      tellingErrors(async () => {
        if (text === '') return texts.nothingTyped;
        parseStoreUrl(`s3://bucket/p?endpoint=${whole(text)}`, 'linux');
        return null;
      }),
  });
  const url = whole(typed).replace(/\/+$/, '');
  const known = providerAt(URL.parse(url)?.hostname ?? '');
  return { place: verbatim(''), host: url, region: known?.endpoint.region ?? null };
}

/** Whether keys of a bucket are set for all profiles or in the environment, of whatever kind. */
const haveKeys = ({ connectionEnv }: Pick<Config, 'connectionEnv'>): boolean =>
  ['AWS_ACCESS_KEY_ID', 'AWS_PROFILE', 'AWS_WEB_IDENTITY_TOKEN_FILE'].some((name) => name in connectionEnv);

/** The two keys of a bucket, or the file that the provider gave them in. */
export async function askKeys({ invocation }: Session, questions: Questions): Promise<BucketKeys> {
  const { around } = invocation.io;
  for (;;) {
    const id = await questions.line(texts.accessKeyId, {
      check: async (typed) => (typed === '' ? texts.nothingTyped : null),
    });
    if (/[\\/]|\.(csv|txt|json|ini)$/i.test(id) || /\s/.test(id)) {
      const wrong: Text[] = [];
      const keys = await readKeysFile(
        expandPath(unquoted(id), verbatim('--keys-file'), around),
        around.currentFolder,
      ).catch((error: unknown) => {
        if (!isEfakturError(error)) throw error;
        wrong.push(joined([error.text, error.hint], '\n'));
        return null;
      });
      if (keys) return keys;
      for (const text of wrong) questions.failed(text);
      continue;
    }
    const key = await questions.secret(texts.secretAccessKey);
    if (/^[\x21-\x7e]+$/.test(key) && /^[\x21-\x7e]+$/.test(id))
      return { accessKeyId: id, secretAccessKey: secret(key) };
    questions.failed(texts.noKeyLooksSo);
  }
}
