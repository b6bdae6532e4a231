/*
 * Judges Derby databases from their bytes, each of which passes once, in any chunks, in memory that does not grow with
 * the size of the tables. What the bytes say is gathered here; verdict.ts draws the conclusions.
 */

import { kept, type LentBuffer } from '../base/lent-buffer.ts';
import { asBuffer } from '../base/threads.ts';
import { type CatalogPart, catalogContainers } from './catalog.ts';
import { parseContainerHeader, parseContainerName } from './container.ts';
import { type DatabaseFindings, noFindings } from './findings.ts';
import { parseLogControl, parseLogName, scanLogFile } from './log.ts';
import { oldPropertiesName } from './properties-names.ts';
import { scanContainer } from './scan.ts';
import { backupHistory, type DatabaseVerdict, judgeDatabase, type Verdict, worstVerdict } from './verdict.ts';

/** Takes one file's bytes in order; `end` is called once, after the last. Neither ever throws, whatever the bytes. */
export interface FileJudge {
  readonly write: (chunk: LentBuffer) => void;
  end(): void;
}

export interface SetVerdict {
  /** The worst of all databases; `damaged` when there is none. */
  readonly verdict: Verdict;
  /** Sorted by name. */
  readonly databases: readonly DatabaseVerdict[];
}

export interface Judge {
  /**
   * The taker of one file's bytes. `path` is relative to the `db` folder, with `/`; `sizeBytes` is what was announced,
   * and a different number of bytes is damage. Files that are no part of a database are ignored. Any order of files will
   * do; with `log/log.ctrl` before the log files, as in sorted order, the log is judged to the last detail.
   */
  file(path: string, sizeBytes: number): FileJudge;
  /** What was found so far, as plain data for the judge of another thread. */
  findings(): readonly DatabaseFindings[];
  /** Takes over what another judge found in other files of the same set. */
  absorb(findings: readonly DatabaseFindings[]): void;
  /** Everything that was found. The judge is used up. */
  finish(): SetVerdict;
}

const maxPropertiesBytes = 1 << 16;
const maxControlBytes = 1 << 10;
/** A system table is some hundred kilobytes; one beyond this is not read, only its pages are checked. */
const maxCatalogBytes = 64 << 20;

const catalogParts = new Map<number, CatalogPart>(
  (Object.keys(catalogContainers) as CatalogPart[]).map((part) => [catalogContainers[part], part]),
);

const ignored: FileJudge = { write() {}, end() {} };

/** Starts a judgement of one set of databases. */
export function createJudge(): Judge {
  const databases = new Map<string, DatabaseFindings>();

  const findingsOf = (name: string): DatabaseFindings => {
    let findings = databases.get(name);
    if (!findings) {
      findings = noFindings(name);
      databases.set(name, findings);
    }
    return findings;
  };

  return {
    file(path, sizeBytes) {
      const parts = path.split('/');
      const [database = '', folder = '', name = ''] = parts;
      if (parts.length === 2 && folder === backupHistory) findingsOf(database).hasBackupHistory = true;
      const taker =
        parts.length === 2 && (folder === 'service.properties' || folder === oldPropertiesName)
          ? takeProperties(findingsOf(database), folder === oldPropertiesName)
          : parts.length === 3 && folder === 'log'
            ? takeLog(findingsOf(database), name)
            : parts.length === 3 && folder === 'seg0'
              ? takeContainer(findingsOf(database), name)
              : null;
      if (!taker) return ignored;
      let read = 0;
      return {
        write(chunk) {
          read += chunk.length;
          taker.write(chunk);
        },
        end() {
          taker.end();
          if (read !== sizeBytes) {
            const inDatabase = parts.slice(1).join('/');
            findingsOf(database).wrongSizes.set(inDatabase, { announced: sizeBytes, read });
          }
        },
      };
    },
    findings: () => [...databases.values()],
    absorb(findings) {
      for (const other of findings) {
        const mine = findingsOf(other.name);
        if (other.serviceProperties) mine.serviceProperties = asBuffer(other.serviceProperties);
        if (other.oldProperties) mine.oldProperties = asBuffer(other.oldProperties);
        mine.control ??= other.control;
        mine.mirror ??= other.mirror;
        mine.hasBackupHistory ||= other.hasBackupHistory;
        for (const [number, facts] of other.logFiles) mine.logFiles.set(number, facts);
        for (const [id, facts] of other.containers) mine.containers.set(id, facts);
        for (const [id, isSound] of other.droppedStubs) mine.droppedStubs.set(id, isSound);
        for (const [part, bytes] of other.catalogBytes) mine.catalogBytes.set(part, asBuffer(bytes));
        for (const [file, sizes] of other.wrongSizes) mine.wrongSizes.set(file, sizes);
      }
    },
    finish() {
      const verdicts = [...databases.values()].sort((a, b) => (a.name < b.name ? -1 : 1)).map(judgeDatabase);
      return { verdict: worstVerdict(verdicts), databases: verdicts };
    },
  };
}

function takeProperties(findings: DatabaseFindings, isOld: boolean): FileJudge {
  return collect(maxPropertiesBytes, (bytes) => {
    findings[isOld ? 'oldProperties' : 'serviceProperties'] = bytes ?? Buffer.alloc(0);
  });
}

function takeLog(findings: DatabaseFindings, name: string): FileJudge | null {
  if (name === 'log.ctrl' || name === 'logmirror.ctrl') {
    return collect(maxControlBytes, (bytes) => {
      findings[name === 'log.ctrl' ? 'control' : 'mirror'] = (bytes && parseLogControl(bytes)) ?? 'bad';
    });
  }
  const number = parseLogName(name);
  if (number === null) return null;
  const { control } = findings;
  const scan = scanLogFile(number, control && control !== 'bad' ? control.checkpoint : null);
  return {
    write: scan.write,
    end() {
      findings.logFiles.set(number, scan.end());
    },
  };
}

function takeContainer(findings: DatabaseFindings, name: string): FileJudge | null {
  const container = parseContainerName(name);
  if (!container) return null;
  const { id, dropped } = container;
  if (dropped) {
    return collect(maxPropertiesBytes, (bytes) => {
      // A stub that grew is no stub; its header alone still tells.
      findings.droppedStubs.set(id, bytes === null || parseContainerHeader(bytes)?.crcOk === true);
    });
  }
  const scan = scanContainer(id);
  const part = catalogParts.get(id);
  const whole = part
    ? collect(maxCatalogBytes, (bytes) => {
        if (bytes) findings.catalogBytes.set(part, bytes);
      })
    : ignored;
  return {
    write(chunk) {
      scan.write(chunk);
      whole.write(chunk);
    },
    end() {
      findings.containers.set(id, scan.end());
      whole.end();
    },
  };
}

/** Keeps a small file as a whole; null when it is longer than the limit. */
function collect(limitBytes: number, done: (bytes: Buffer | null) => void): FileJudge {
  let chunks: Buffer[] = [];
  let bytes = 0;
  return {
    write(chunk) {
      bytes += chunk.length;
      if (bytes <= limitBytes) chunks.push(kept(chunk));
      else chunks = [];
    },
    end() {
      done(bytes <= limitBytes ? Buffer.concat(chunks, bytes) : null);
    },
  };
}
