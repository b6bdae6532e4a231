/* From what a database's log files hold to what Derby would make of them at its next start. */

import { type Text, verbatim } from '../base/text.ts';
import { type Checkpoint, type LogFileFacts, logName } from './log.ts';
import type { LogInstant } from './log-record.ts';
import {
  beforeCheckpoint,
  checkpointDamaged,
  checkpointNotThere,
  endDamaged,
  logBreaksOff,
  logGap,
  neededDamaged,
  neededMissing,
  noLogFile,
  notOrderly,
  startMissing,
  workAfter,
  workUnderWay,
} from './problem-texts.ts';

/**
 * What the log says about the tables' files: `clean` when they hold everything, `needs-recovery` when Derby would first
 * replay the log at the next start, `broken` when it could not, or would silently go on without it.
 */
export interface LogState {
  readonly state: 'clean' | 'needs-recovery' | 'broken';
  /** The log file that is missing or wrong. */
  readonly file: string;
  readonly reason: Text;
  /** Log files behind the end of the log, of another time: Derby does not read them. */
  readonly leftOver: readonly string[];
}

/**
 * Judges a log from its last checkpoint. Cleanly shut down means: exactly three records from that checkpoint to the end
 * (checkpoint, checksum, end of transaction), no later file with a record, no other transaction open and nothing before
 * the checkpoint to do again. The log goes on in the next file if that names the place where this one ended, else it ends
 * (Scan.getNextRecordForward): files behind a clean end are left over from another time, but behind an unclean one a gap
 * means that records are lost.
 */
export function judgeLog(
  checkpoint: LogInstant,
  files: ReadonlyMap<number, LogFileFacts>,
  isEncrypted: boolean,
): LogState {
  // Derby that was killed before its first checkpoint replays from the first log file.
  const startFile = checkpoint.file === 0 ? 1 : checkpoint.file;
  const endFile = lastLinked(startFile, files);
  const behind = [...files.keys()].filter((number) => number > endFile).sort((a, b) => a - b);
  const judged = judgeUpTo(checkpoint, startFile, endFile, files, isEncrypted);
  const leftOver = behind.map(logName);
  const lost = (file: number, reason: Text): LogState => ({
    state: 'broken',
    file: logName(file),
    reason,
    leftOver: [],
  });
  const afterEnd = files.get(endFile + 1);
  // Derby opens the next file to see whether it goes on there, and gives up when it is none.
  if (judged.state !== 'broken' && afterEnd && !afterEnd.headerOk && files.get(endFile)?.ending === 'mark')
    return lost(endFile + 1, noLogFile);
  if (judged.state !== 'needs-recovery') return { ...judged, leftOver };
  const end = files.get(endFile);
  const [next] = behind;
  if (next === undefined || !end) return { ...judged, leftOver };
  if (next !== endFile + 1) return lost(endFile + 1, logGap);
  if (!files.get(next)?.headerOk) return lost(next, noLogFile);
  if (end.ending === 'torn') return lost(endFile, logBreaksOff);
  return { ...judged, leftOver };
}

/** The last file that the log goes on in. */
function lastLinked(startFile: number, files: ReadonlyMap<number, LogFileFacts>): number {
  let number = startFile;
  for (;;) {
    const file = files.get(number);
    const next = files.get(number + 1);
    const isLinked =
      file?.ending === 'mark' &&
      next?.headerOk &&
      next.previous.file === number &&
      next.previous.position === file.endsAt;
    if (!isLinked) return number;
    number++;
  }
}

function judgeUpTo(
  checkpoint: LogInstant,
  startFile: number,
  lastFile: number,
  files: ReadonlyMap<number, LogFileFacts>,
  isEncrypted: boolean,
): Omit<LogState, 'leftOver'> {
  const broken = (file: number, reason: Text) => ({ state: 'broken', file: logName(file), reason }) as const;
  const unclean = (reason: Text) => ({ state: 'needs-recovery', file: logName(startFile), reason }) as const;
  const facts = files.get(startFile);
  if (!facts) return broken(startFile, startMissing);
  if (!facts.headerOk) return broken(startFile, noLogFile);
  if (checkpoint.file === 0) return unclean(beforeCheckpoint);

  const last = facts.lastRecords.at(-3);
  const record = facts.checkpoints.find((c) => c.position === checkpoint.position);
  const found = record ?? (isEncrypted && facts.endsAt > checkpoint.position);
  if (!found) return broken(startFile, checkpointNotThere);
  const damaged = isEncrypted ? [] : facts.damagedStretches;
  if (damaged.some((d) => d.from <= checkpoint.position && checkpoint.position < d.to)) {
    return broken(startFile, checkpointDamaged);
  }
  if (record) {
    const from = earlier(record.redoFrom, record.undoFrom);
    for (let number = from?.file || startFile; number < startFile; number++) {
      const file = files.get(number);
      if (!file) return broken(number, neededMissing);
      if (!file.headerOk || file.ending === 'torn') return broken(number, neededDamaged);
    }
  }
  // Derby that was killed when it had just begun a file goes on in the one before, and keeps it.
  let lastWritten = lastFile;
  while (lastWritten > startFile && isUnused(files.get(lastWritten))) lastWritten--;
  if (lastWritten > startFile || !last || last.position !== checkpoint.position || facts.ending === 'torn') {
    return unclean(notOrderly);
  }
  if (isEncrypted) return { state: 'clean', file: logName(startFile), reason: none };
  if (damaged.some((d) => d.from > checkpoint.position)) return unclean(endDamaged);
  const [, sum, end] = facts.lastRecords.slice(-3);
  if (sum?.kind !== 'checksum' || end?.kind !== 'end') return unclean(workAfter);
  if (!record || record.transactions > 1 || !nothingToRedo(record, facts, files.get(startFile - 1))) {
    return unclean(workUnderWay);
  }
  return { state: 'clean', file: logName(startFile), reason: none };
}

/** Of a log that is in order. */
const none = verbatim('');

const isUnused = (file: LogFileFacts | undefined): boolean => file?.records === 0 && file.ending !== 'torn';

const earlier = (a: LogInstant | null, b: LogInstant | null): LogInstant | null =>
  a && b && (b.file < a.file || (b.file === a.file && b.position < a.position)) ? b : a;

/** True when between the place where recovery begins and the checkpoint lies only the begin of its own transaction. */
function nothingToRedo(record: Checkpoint, facts: LogFileFacts, before: LogFileFacts | undefined): boolean {
  const from = earlier(record.redoFrom, record.undoFrom);
  if (!from) return false;
  const countFrom = (file: LogFileFacts, first: number, end: number): number =>
    file.records > file.lastRecords.length && (file.lastRecords[0]?.position ?? 0) > first
      ? Number.POSITIVE_INFINITY
      : file.lastRecords.filter((r) => r.kind !== 'checksum' && r.position >= first && r.position < end)
          .length;
  if (from.file === facts.number) return countFrom(facts, from.position, record.position) <= 1;
  if (from.file !== facts.number - 1 || !before) return false;
  return record.recordsBefore + countFrom(before, from.position, before.endsAt) <= 1;
}
