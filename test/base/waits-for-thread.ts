import { startThread } from '../../src/base/threads.ts';

/** A program for threads.test.ts: has nothing to do but wait for a thread that dies, and says what it hears of it. */
const thread = startThread('answering-thread', import.meta.url, 'die');
thread.port.on('message', () => {});
const error = await new Promise((resolve) => thread.onFailure(resolve));
await thread.end();
process.stdout.write(String(error));
