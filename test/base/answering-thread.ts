import { serveThread } from '../../src/base/threads.ts';

/** A thread for threads.test.ts: answers once, or fails. */
serveThread<string>((task, port) => {
  if (task === 'fail') throw new Error('it failed');
  if (task === 'die') process.exit();
  port.postMessage(`${task} is done`);
});
