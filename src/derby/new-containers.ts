/*
 * Which transactions in the log made new containers. Derby fills a container of the same transaction (CREATE INDEX, bulk
 * import, compressing a table) without logging a word of it; it writes the container to disk before it commits. A copy
 * of the files that such a commit falls into may lack the contents, and recovery cannot supply them. Layout: Derby's
 * LogRecord, ContainerOperation, ContainerBasicOperation, ContainerKey and EndXact.
 */
import { fileHeaderBytes, recordFrontBytes } from './log.ts';
import { type LogInstant, opEndTransaction } from './log-record.ts';
import { compressedInt, compressedIntSize, compressedLong, compressedLongSize, u16 } from './page.ts';

/** In a log's order: a transaction made a container, or ended. */
export interface ContainerEvent {
  readonly kind: 'made' | 'commit' | 'abort';
  readonly transaction: number;
  readonly instant: LogInstant;
}

const opContainer = 242;
const createContainer = 1;
const groupCommit = 0x10;
const groupAbort = 0x20;

/**
 * Reads the events of the records between the file's header and `endsAt`. Records of an encrypted database say nothing:
 * no events.
 */
export function containerEvents(file: Buffer, number: number, endsAt: number): ContainerEvent[] {
  const events: ContainerEvent[] = [];
  for (let at = fileHeaderBytes; at + recordFrontBytes < endsAt; ) {
    const length = file.readInt32BE(at);
    const body = file.subarray(at + recordFrontBytes, at + recordFrontBytes + length);
    const event = eventOf(body);
    if (event) events.push({ ...event, instant: { file: number, position: at } });
    at += recordFrontBytes + length + 4;
  }
  return events;
}

function eventOf(body: Buffer): Pick<ContainerEvent, 'kind' | 'transaction'> | null {
  // A LogRecord (129): group, transaction id (format 147), then the operation.
  if (body.length < 6 || u16(body, 0) !== 129) return null;
  const group = compressedInt(body, 2);
  let at = 2 + compressedIntSize(body[2] ?? 0);
  if (u16(body, at) !== 147) return null;
  at += 2;
  const transaction = compressedLong(body, at);
  at += compressedLongSize(body[at] ?? 0);
  const operation = u16(body, at);
  at += 2;
  if (operation === opEndTransaction) {
    if (group & groupCommit) return { kind: 'commit', transaction };
    return group & groupAbort ? { kind: 'abort', transaction } : null;
  }
  if (operation !== opContainer) return null;
  // Segment, container, container version, then what is done with it.
  for (let i = 0; i < 3; i++) at += compressedLongSize(body[at] ?? 0);
  return body[at] === createContainer ? { kind: 'made', transaction } : null;
}

/** True when a transaction that made a container was committed after `since`. `events` in the log's order. */
export function madeContainersSince(events: readonly ContainerEvent[], since: LogInstant): boolean {
  const makers = new Set<number>();
  for (const { kind, transaction, instant } of events) {
    if (kind === 'made') {
      makers.add(transaction);
    } else {
      const isLater =
        instant.file > since.file || (instant.file === since.file && instant.position >= since.position);
      if (kind === 'commit' && isLater && makers.has(transaction)) return true;
      makers.delete(transaction);
    }
  }
  return false;
}
