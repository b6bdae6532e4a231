import type { FileList, ListedFile } from '../../archive/file-list.ts';
import type { LentBuffer } from '../../base/lent-buffer.ts';
import { asBuffer, asFailure, serveThread } from '../../base/threads.ts';
import type { ArchiveSource, OpenedBytes } from '../stored/archives.ts';
import { unpackInto } from './unpack.ts';
import type { FromUnpacker, ToUnpacker, UnpackTask } from './unpack-on-thread.ts';

/** The thread of unpack-on-thread.ts. */

interface Incoming {
  readonly messages: ToUnpacker[];
  arrived: () => void;
}

async function next(queue: Incoming): Promise<ToUnpacker> {
  for (;;) {
    const message = queue.messages.shift();
    if (message) return message;
    await new Promise<void>((resolve) => {
      queue.arrived = resolve;
    });
  }
}

serveThread(async ({ folder, storeUrl, archives }: UnpackTask, port) => {
  const post = (message: FromUnpacker, given: ArrayBuffer[] = []): void => port.postMessage(message, given);
  const incoming = archives.map((): Incoming => ({ messages: [], arrived: () => {} }));
  port.on('message', (message: ToUnpacker) => {
    const queue = incoming[message.archive];
    queue?.messages.push(message);
    queue?.arrived();
  });

  async function* chunks(number: number, queue: Incoming): AsyncGenerator<LentBuffer> {
    for (;;) {
      const message = await next(queue);
      if (!('chunk' in message)) return;
      const { chunk } = message;
      yield asBuffer(chunk);
      post({ taken: chunk, archive: number }, [chunk.buffer as ArrayBuffer]);
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
});
