import { openStore } from '../../src/store/open.ts';
import { listed } from './contract.ts';

/** `node list-keys.ts URL PLATFORM SETTINGS`: prints the keys of a store that is opened as on a platform, or why there are none. */

const [url = '', platform = '', settings = '{}'] = process.argv.slice(2);
const store = await openStore(url, {
  env: JSON.parse(settings),
  programEnv: {},
  currentFolder: '/',
  platform: platform as NodeJS.Platform,
});
try {
  console.log((await listed(store)).map(({ key }) => key).join(' '));
} catch (error) {
  console.log(`${error instanceof Error && 'code' in error ? error.code : error}`);
} finally {
  store.close();
}
