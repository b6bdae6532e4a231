import type { Progress } from '../base/progress.ts';
import type { Decryptor, Encryptor } from '../crypto/age.ts';
import type { ObjectStore } from '../store/store.ts';
import type { LockRule } from './stored/object-lock.ts';

/** What verbs and their parts are given of the place that they run in; `app/` makes it of a configuration. */

/** Whose time counts, what this PC remembers, and when to stop. */
export interface Local {
  /** IANA name of the zone that days and times are told in. */
  readonly zone: string;
  /** This PC's time; where a store has a time of its own, that counts. */
  readonly now: () => Date;
  /** Where the records of this PC lie, which tell what it pushed; scratch files, too. */
  readonly stateDir: string;
  readonly signal: AbortSignal;
}

/** For every verb. */
export interface VerbContext extends Local {
  /** Name and version of this program, for what is written. */
  readonly program: string;
  readonly progress: Progress;
}

/** For verbs over stores. */
export interface StoresContext extends VerbContext {
  /** In the order in which they are asked. */
  readonly stores: readonly ObjectStore[];
}

/** For verbs that read what is stored. */
export interface ReadingContext extends StoresContext {
  /** Opens what is encrypted; null without a key. */
  readonly decryptor: Decryptor | null;
}

/** How long archives must last, as later ones lean on them. */
export interface KeepingRules {
  /** What is written carries it; null without locks. */
  readonly lock: LockRule | null;
  /** Nothing leans on a full uploaded longer ago than this. */
  readonly fullEveryDays: number;
}

/** For verbs that store what this PC has. */
export interface PushingContext extends StoresContext, KeepingRules {
  /** What this PC calls itself in the origin of a prefix. */
  readonly originName: string;
  /** Of the encryptor; null without keys. */
  readonly keysId: string | null;
  readonly openEncryptor: () => Promise<Encryptor | null>;
  /** In a folder, an archive not read for longer is read again before something leans on it. */
  readonly rereadEveryDays: number;
  /** Whether two absolute paths name the same folder on this platform. */
  readonly samePath: (a: string, b: string) => boolean;
}
