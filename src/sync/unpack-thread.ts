import { parentPort, workerData } from 'node:worker_threads';
import type { FileList, ListedFile } from '../archive/file-list.ts';
import { asBuffer, asFailure } from '../base/threads.ts';
import type { ArchiveSource, OpenedBytes } from './read-backup.ts';
import { unpackInto } from './unpack.ts';
import type { FromUnpacker, ToUnpacker, UnpackTask } from './unpack-on-thread.ts';

/** The thread of unpack-on-thread.ts. */

const port = parentPort;
if (!port) throw new Error('this module runs in a thread of its own');
const { folder, storeUrl, archives } = workerData as UnpackTask;
const post = (message: FromUnpacker): void => port.postMessage(message);

interface Incoming {
  readonly messages: ToUnpacker[];
  arrived: () => void;
}
const incoming = archives.map((): Incoming => ({ messages: [], arrived: () => {} }));
port.on('message', (message: ToUnpacker) => {
  const queue = incoming[message.archive];
  queue?.messages.push(message);
  queue?.arrived();
});

async function next(queue: Incoming): Promise<ToUnpacker> {
  for (;;) {
    const message = queue.messages.shift();
    if (message) return message;
    await new Promise<void>((resolve) => {
      queue.arrived = resolve;
    });
  }
}

async function* chunks(number: number, queue: Incoming): AsyncGenerator<Buffer> {
  for (;;) {
    const message = await next(queue);
    if (!('chunk' in message)) return;
    yield asBuffer(message.chunk);
    const { chunk } = message;
    port?.postMessage({ taken: chunk, archive: number } satisfies FromUnpacker, [
      chunk.buffer as ArrayBuffer,
    ]);
  }
}

const source: ArchiveSource = {
  storeUrl,
  async open(archive): Promise<OpenedBytes | null> {
    const number = archives.findIndex(({ key }) => key === archive.key);
    const queue = incoming[number];
    if (!queue) throw new TypeError(`${archive.key} is no archive of this backup`);
    post({ open: number });
    const first = await next(queue);
    return 'key' in first ? { key: first.key, bytes: chunks(number, queue) } : null;
  },
};

try {
  const events = {
    begin: (list: FileList) => post({ begin: list }),
    grown: (file: ListedFile, diskPath: string, writtenBytes: number) =>
      post({ grown: file, diskPath, writtenBytes }),
    written: (file: ListedFile, diskPath: string) => post({ written: file, diskPath }),
  };
  await unpackInto(folder, source, archives, events, new AbortController().signal);
  post('done');
} catch (error) {
  post({ failure: asFailure(error) });
}
