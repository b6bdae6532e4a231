import { sign, signerOf } from './sign.ts';

/** Signs the file that is named, for makensis, which has the uninstaller only while it makes the installer. */

const [path] = process.argv.slice(2);
if (path === undefined) throw new Error('which file?');
await sign(path, signerOf(process.env));
