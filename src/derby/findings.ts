/* What the bytes of a database's files said, gathered by judge.ts; verdict.ts draws the conclusions. */
import type { CatalogPart } from './catalog.ts';
import type { LogControl, LogFileFacts } from './log.ts';
import type { ContainerFacts } from './scan.ts';

/** What one database's files said, before any conclusion. Paths are relative to the database's folder. */
export interface DatabaseFindings {
  readonly name: string;
  serviceProperties: Buffer | null;
  /** The settings as they were before Derby began to write new ones. */
  oldProperties: Buffer | null;
  /** `null`: not there; `bad`: there, but not readable as one. */
  control: LogControl | 'bad' | null;
  mirror: LogControl | 'bad' | null;
  readonly logFiles: Map<number, LogFileFacts>;
  readonly containers: Map<number, ContainerFacts>;
  /** Stubs of dropped containers, and whether their header is in order. */
  readonly droppedStubs: Map<number, boolean>;
  /** Derby's own backup was made of it: the file is in the backup, in what is restored from it, and in the original. */
  hasBackupHistory: boolean;
  readonly catalogBytes: Map<CatalogPart, Buffer>;
  /** Files whose bytes were fewer or more than announced. */
  readonly wrongSizes: Map<string, { readonly announced: number; readonly read: number }>;
}

export const noFindings = (name: string): DatabaseFindings => ({
  name,
  serviceProperties: null,
  oldProperties: null,
  control: null,
  mirror: null,
  logFiles: new Map(),
  containers: new Map(),
  droppedStubs: new Map(),
  hasBackupHistory: false,
  catalogBytes: new Map(),
  wrongSizes: new Map(),
});
