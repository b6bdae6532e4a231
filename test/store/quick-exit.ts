import { once } from 'node:events';
import { openStore } from '../../src/store/open.ts';

/** Run as a process of its own: reads the beginning of an object, drops the rest, and should then simply end. */
const [, , url = '', key = ''] = process.argv;
const store = await openStore(url, { env: process.env, currentFolder: process.cwd() });
const body = await store.get(key);
if (!body) throw new Error('there is no object');
await once(body, 'readable');
body.destroy();
