import type { Finding } from '../base/progress.ts';
import type { Secret } from '../base/secret.ts';
import type { Language } from '../base/text.ts';
import type { KeyPair } from '../crypto/identity-file.ts';
import type { Times } from '../schedule/times.ts';
import type { Surroundings } from '../settings/surroundings.ts';
import type { BucketKeys } from '../setup/bucket-keys.ts';
import type { Draft } from '../setup/draft.ts';
import { below } from '../setup/places.ts';
import { draftOf, type PlannedFolder, type Profiles, storesOf } from '../setup/plan.ts';

/** What the wizard has been told so far; nothing of it is on the disk. */
export interface Plan {
  readonly folders: readonly PlannedFolder[];
  readonly profiles: Profiles;
  /** Null where each folder keeps the stores that it has. */
  readonly places: readonly { readonly url: string; readonly isShared: boolean }[] | null;
  /** Null where they are set already, or none are needed. */
  readonly keys: BucketKeys | null;
  readonly encryption: Encryption;
  /** Whether the secret key stays on this PC. */
  readonly keepsKey: boolean;
  /** The e-Faktur folders that go on with the history of another PC or folder. */
  readonly moved: readonly string[];
  /** What the test of the places found wrong with them, though backups work there. */
  readonly unsafe: readonly Finding[];
  /** Null for no schedule. */
  readonly at: Times | null;
  /** By a flag, and, where no setting chooses one, the one that all this is said in: a schedule has no locale to tell it by. */
  readonly language: { readonly given: string | null; readonly spoken: Language | null };
}

/** How backups are encrypted. `content` is a whole key file, in memory alone. */
export type Encryption =
  /** A new key pair, with a sheet; `sheet`: where it goes, null for to be printed now. */
  | { readonly kind: 'new'; readonly pair: KeyPair; readonly content: Secret; readonly sheet: string | null }
  /** A key that somebody has already; `content` null where only its public part is known here. */
  | { readonly kind: 'own'; readonly recipients: string; readonly content: Secret | null }
  /** That of another profile, with its key file if it keeps one. */
  | {
      readonly kind: 'shared';
      readonly recipients: string;
      readonly keyFile: string | null;
      readonly with: string;
    }
  /** As it is set already. */
  | { readonly kind: 'kept' }
  | { readonly kind: 'none' };

/** The whole addresses for one of the folders. */
export const storesFor = ({ places }: Pick<Plan, 'places'>, folder: PlannedFolder): readonly string[] =>
  places === null
    ? storesOf(folder.config)
    : places.map(({ url, isShared }) => (isShared ? below(url, folder.name) : url));

const recipientsOf = (encryption: Encryption): string | null => {
  if (encryption.kind === 'new') return encryption.pair.recipient;
  return encryption.kind === 'own' || encryption.kind === 'shared' ? encryption.recipients : null;
};

/** A folder that is set up already keeps the key that it has: what is stored was made for it. */
export const isEncryptedAlready = ({ config }: PlannedFolder): boolean =>
  (config?.setting('EFAKTUR_RECIPIENTS') ?? null) !== null;

/** The profile of one of the folders, as it will be. */
export const draftFor = (plan: Plan, folder: PlannedFolder, around: Surroundings): Promise<Draft> => {
  const { encryption } = plan;
  const isNew = !isEncryptedAlready(folder);
  return draftOf(
    folder,
    {
      stores: storesFor(plan, folder),
      keys: plan.keys,
      recipients: isNew ? recipientsOf(encryption) : null,
      keyFile: isNew && encryption.kind === 'shared' ? encryption.keyFile : null,
      language: plan.language.given ?? (folder.before === null ? plan.language.spoken : null),
    },
    around,
  );
};

/** The secret key that is at hand in memory; null for none. */
export const contentOf = (encryption: Encryption): Secret | null =>
  encryption.kind === 'new' || encryption.kind === 'own' ? encryption.content : null;
