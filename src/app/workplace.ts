import { EfakturError } from '../base/errors.ts';
import type { Progress, Warning } from '../base/progress.ts';
import { storeIdentity } from '../base/store-identity.ts';
import type { Text } from '../base/text.ts';
import type { Decryptor, Encryptor } from '../crypto/age.ts';
import type { IdentityFile } from '../crypto/identity-file.ts';
import type { InspectContext } from '../inspect/backup-files.ts';
import type { Config } from '../settings/config.ts';
import { parseRate, splitStores } from '../settings/setting-values.ts';
import type { Surroundings } from '../settings/surroundings.ts';
import { removeDeadScratch } from '../state/job.ts';
import type { ObjectStore } from '../store/store.ts';
import type { TriedService } from '../store/tried-service.ts';
import type { PushingContext, ReadingContext, VerbContext } from '../sync/context.ts';
import { findApp, outsideEfaktur, refuseStoreInApp } from './folders.ts';
import { decryptorOf, loadDecryptor, loadEncryptor, loadKeysId } from './keys.ts';
import { samePathOn } from './same-path.ts';
import { storeSettings } from './store-settings.ts';
import { nameProfile, nameStore, noStoreGiven, notSynced } from './texts.ts';

/** What a workplace needs beside its configuration. */
export interface WorkplaceOptions {
  readonly around: Surroundings;
  /** Of this program, from package.json. */
  readonly version: string;
  readonly now: () => Date;
  readonly signal: AbortSignal;
  readonly progress: Progress;
  /** Addresses in place of `EFAKTUR_STORE`. */
  readonly stores?: readonly string[];
  /** Secret keys in place of those of the settings: they lie in no file yet, or never will. */
  readonly identities?: readonly IdentityFile[];
  /** Asks for the passphrase of a key; null where there is nobody to ask. */
  readonly askSecret: (question: Text) => Promise<string | null>;
}

/**
 * One taxpayer's configuration at work: what verbs need of it, each made when it is first asked for. Nothing in it belongs to
 * the process, so several may be open at once.
 */
export interface Workplace {
  readonly config: Config;
  readonly around: Surroundings;
  /** For every verb. */
  readonly context: VerbContext;
  /** For looking inside of backups. */
  readonly inspectContext: InspectContext;
  /** The e-Faktur folder that is set or found; `usage` when there are several, `source-unusable` without one. */
  appFolder(): Promise<string>;
  /** The stores that are set; `usage` without one. */
  stores(): Promise<readonly ObjectStore[]>;
  /**
   * One more store, with the keys and connection of a configuration; `holds`: one history, or folders and prefixes with one each.
   */
  openStore(url: string, from: Config, holds?: 'one' | 'many'): Promise<ObjectStore>;
  /** The service of a store, to be tried out; null for a folder. */
  serviceOf(url: string): Promise<TriedService | null>;
  /** Of the encryptor, without loading it; null without keys. */
  keysId(): Promise<string | null>;
  /** From `EFAKTUR_RECIPIENTS`; null when none are set, `usage` when one is none. */
  encryptor(): Promise<Encryptor | null>;
  /**
   * From `EFAKTUR_IDENTITY_FILE` or `EFAKTUR_IDENTITY_COMMAND`; null when neither is set, `wrong-key` when it cannot be had.
   * May ask for a passphrase, once.
   */
  decryptor(): Promise<Decryptor | null>;
  /** For verbs that read what is stored: opens the stores, then gets the key. */
  readingContext(): Promise<ReadingContext>;
  /** For verbs that store: opens the stores. */
  pushingContext(): Promise<PushingContext>;
  /** What a verb has to say among what there is to say of the configuration and the stores. */
  warningsWith(own: readonly Warning[]): Warning[];
  /** Closes every store that was opened. */
  close(): void;
}

/**
 * Opens the workplace of a configuration, and removes the scratch files that killed processes have left in its state folder.
 * `usage` when the state folder lies among e-Faktur's own files. No store is opened, no key read and nobody asked before
 * something of it is wanted; what could not be had is tried again the next time.
 */
export async function openWorkplace(config: Config, options: WorkplaceOptions): Promise<Workplace> {
  const { around, now, signal, progress } = options;
  const { currentFolder } = around;
  const stateDir = config.setting('EFAKTUR_STATE_DIR');
  if (stateDir) await outsideEfaktur(stateDir.value, stateDir.where, currentFolder);
  const left = await removeDeadScratch(config.stateDir);
  const opened: ObjectStore[] = [];
  const context: VerbContext = {
    zone: config.zone,
    now,
    stateDir: config.stateDir,
    signal,
    program: `efaktur-cloud ${options.version}`,
    progress,
  };
  const openStore: Workplace['openStore'] = async (url, from, holds) => {
    await refuseStoreInApp(url, around, signal);
    const { openStore: open } = await import('../store/open.ts');
    const { limited } = await import('../store/limited.ts');
    const store = await open(url, storeSettings(from, around, holds));
    opened.push(store);
    return limited(store, {
      uploadBytesPerSecond: parseRate(config.setting('EFAKTUR_LIMIT_UPLOAD')),
      downloadBytesPerSecond: parseRate(config.setting('EFAKTUR_LIMIT_DOWNLOAD')),
    });
  };
  const stores = lazily(async (): Promise<readonly ObjectStore[]> => {
    const all: ObjectStore[] = [];
    for (const url of storeUrls(options.stores ?? [], config)) {
      const store = await openStore(url, config);
      const isKnown = all.some((other) => storeIdentity(other.url) === storeIdentity(store.url));
      if (!isKnown) all.push(store);
    }
    return all;
  });
  const ofApp: Warning[] = [];
  const app = lazily(async () => {
    const found = await findApp(config, around);
    ofApp.push(...found.warnings);
    return found;
  });
  const keysId = lazily(() => loadKeysId(config));
  const encryptor = lazily(() => loadEncryptor(config));
  const decryptor = lazily(async () => {
    const { identities } = options;
    if (identities === undefined) return loadDecryptor(config, currentFolder, options.askSecret);
    return decryptorOf(identities, options.askSecret);
  });
  return {
    config,
    around,
    context,
    inspectContext: { ...context, stores, decryptor },
    appFolder: async () => (await app()).path,
    stores,
    openStore,
    serviceOf: async (url) =>
      (await import('../store/tried-service.ts')).triedService(url, storeSettings(config, around)),
    keysId,
    encryptor,
    decryptor,
    readingContext: async () => ({ ...context, stores: await stores(), decryptor: await decryptor() }),
    pushingContext: async () => ({
      ...context,
      keysId: await keysId(),
      stores: await stores(),
      openEncryptor: encryptor,
      originName: config.originName,
      lock: config.lock,
      fullEveryDays: config.fullEveryDays,
      rereadEveryDays: config.rereadEveryDays,
      samePath: samePathOn(around.platform),
    }),
    warningsWith: (own) => [
      ...config.warnings,
      ...left.map((message) => ({ code: 'state-left' as const, message })),
      ...ofApp,
      ...own,
      ...opened.flatMap(unsyncedNote),
    ],
    close() {
      for (const store of opened) store.close();
    },
  };
}

/** Made at its first use; what failed is tried again. */
function lazily<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | null = null;
  return () => {
    made ??= make().catch((error: unknown) => {
      made = null;
      throw error;
    });
    return made;
  };
}

function storeUrls(given: readonly string[], { setting, unchosenProfiles }: Config): string[] {
  const urls = given.length > 0 ? given : splitStores(setting('EFAKTUR_STORE')?.value ?? '');
  if (urls.length > 0) return [...new Set(urls)];
  const hint = unchosenProfiles.length > 0 ? nameProfile(unchosenProfiles) : nameStore;
  throw new EfakturError('usage', noStoreGiven, hint);
}

/** What a folder's medium could not promise: a NAS or network drive that knows no fsync. */
const unsyncedNote = ({ url, traffic }: ObjectStore): Warning[] =>
  traffic.unsynced === 0
    ? []
    : [
        {
          code: 'not-synced',
          message: notSynced(url),
        },
      ];
