/*
 * Rows as lines of text for programs. CSV by RFC 4180: CRLF, quotes doubled; null is an empty field and an empty text "".
 * With one column only, null is the bare word NULL and a text NULL has quotes, as readers pass over an empty line. JSON Lines: one object a row. Values stand as they are stored: a text that a spreadsheet would take for a formula is not
 * changed, because then it would no longer be what the database holds; for spreadsheets there is XLSX.
 */
import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { systemCode } from '../base/errors.ts';
import { outputError } from '../base/output.ts';
import type { Column } from '../derby/catalog.ts';
import type { Row } from '../derby/rows.ts';
import type { LongValue, WholeValue } from '../derby/values.ts';
import { isLong, jsonValue, plainText } from './value-text.ts';

/** Where lines go. */
export interface LineSink {
  /** Resolves with false when nobody reads any more. */
  write(text: string): Promise<boolean>;
}

/** A stream that waits for its reader; a reader that went away (`| head`) is no error. */
export function streamSink(stream: Writable, signal: AbortSignal): LineSink {
  return {
    async write(text) {
      signal.throwIfAborted();
      if (stream.destroyed || stream.errored || stream.writableEnded) return false;
      if (stream.write(text)) return true;
      const stop = new AbortController();
      const waiting = { signal: AbortSignal.any([stop.signal, signal]) };
      try {
        await Promise.race([once(stream, 'drain', waiting), once(stream, 'close', waiting)]);
      } catch (error) {
        signal.throwIfAborted();
        if (systemCode(error) !== 'EPIPE') throw outputError(error);
        return false;
      } finally {
        stop.abort();
      }
      return !stream.destroyed;
    },
  };
}

/** How one format writes. */
export interface LineFormat {
  /** What comes before the first row. */
  readonly head: string;
  /** A line of a row whose values are all whole. */
  line(row: Row): string;
  /** The parts of a line with long values. */
  parts(row: Row): AsyncGenerator<string>;
}

const needsQuotes = /[",\r\n]/;
const inQuotes = (text: string): string => `"${text.replaceAll('"', '""')}"`;
const quoted = (text: string): string => (text === '' || needsQuotes.test(text) ? inQuotes(text) : text);

export function csvFormat(columns: readonly Column[]): LineFormat {
  const nothing = columns.length === 1 ? 'NULL' : '';
  const field = (value: WholeValue, column: Column): string => {
    if (value === null) return nothing;
    if (value === nothing) return inQuotes(value);
    const isText = typeof value === 'string' || Buffer.isBuffer(value);
    return isText ? quoted(plainText(value, column)) : plainText(value, column);
  };
  return {
    head: `${columns.map(({ name }) => quoted(name)).join(',')}\r\n`,
    line(row) {
      let line = '';
      for (let i = 0; i < columns.length; i++) {
        if (i > 0) line += ',';
        line += field(row[i] as WholeValue, columns[i] as Column);
      }
      return `${line}\r\n`;
    },
    async *parts(row) {
      for (const [i, column] of columns.entries()) {
        if (i > 0) yield ',';
        const value = row[i] ?? null;
        if (!isLong(value)) {
          yield field(value, column);
          continue;
        }
        yield '"';
        for await (const text of pieces(value)) yield text.replaceAll('"', '""');
        yield '"';
      }
      yield '\r\n';
    },
  };
}

export function jsonLinesFormat(columns: readonly Column[]): LineFormat {
  const names = columns.map(({ name }, i) => `${i > 0 ? ',' : '{'}${JSON.stringify(name)}:`);
  return {
    head: '',
    line(row) {
      let line = '';
      for (let i = 0; i < columns.length; i++)
        line += names[i] + JSON.stringify(jsonValue(row[i] as WholeValue, columns[i] as Column));
      return `${line}}\n`;
    },
    async *parts(row) {
      for (const [i, column] of columns.entries()) {
        yield names[i] ?? '';
        const value = row[i] ?? null;
        if (!isLong(value)) {
          yield JSON.stringify(jsonValue(value, column));
          continue;
        }
        yield '"';
        // No piece ends inside a character, so each can be escaped on its own.
        for await (const text of pieces(value)) yield JSON.stringify(text).slice(1, -1);
        yield '"';
      }
      yield '}\n';
    },
  };
}

async function* pieces(value: LongValue): AsyncGenerator<string> {
  for await (const chunk of value.chunks()) yield typeof chunk === 'string' ? chunk : chunk.toString('hex');
}

const gatherCharacters = 1 << 16;

/** Writes rows to a sink; resolves with how many, fewer than there are when nobody reads any more. */
export async function writeLines(
  format: LineFormat,
  batches: AsyncIterable<readonly Row[]>,
  sink: LineSink,
): Promise<number> {
  let gathered = format.head;
  let rows = 0;
  const add = async (text: string): Promise<boolean> => {
    gathered += text;
    if (gathered.length < gatherCharacters) return true;
    const out = gathered;
    gathered = '';
    return sink.write(out);
  };
  for await (const batch of batches) {
    for (const row of batch) {
      if (row.some(isLong)) {
        for await (const part of format.parts(row)) if (!(await add(part))) return rows;
      } else {
        gathered += format.line(row);
      }
      rows++;
    }
    if (!(await add(''))) return rows;
  }
  if (gathered !== '') await sink.write(gathered);
  return rows;
}
