import { createHash } from 'node:crypto';
import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { programVersion } from './bundle.ts';
import { makeInstaller } from './windows/installer.ts';
import { sign, signerOf } from './windows/sign.ts';

/** Makes the installer of the programs that `npm run build:win` left in dist-windows, and adds it to their SHA-256. */

const name = 'efaktur-cloud-setup.exe';
/** What somebody on a slow line waits for. */
const mostBytes = 30e6;

const { values: flags } = parseArgs({
  options: { sign: { type: 'boolean', default: false }, out: { type: 'string', default: 'dist-windows' } },
});
const signer = flags.sign ? signerOf(process.env) : null;
const path = join(flags.out, name);
const sumsPath = join(flags.out, 'SHA256SUMS');
const sums = await readFile(sumsPath, 'utf8').catch(() => {
  throw new Error(`there are no programs in ${flags.out}: run "npm run build:win" first`);
});
await rm(path, { force: true });
await makeInstaller({
  version: programVersion,
  programs: flags.out,
  path,
  compression: 'best',
  signed: signer !== null,
});
if (signer !== null) await sign(path, signer);
const { size } = await stat(path);
if (size > mostBytes) throw new Error(`${path} has ${size} bytes; it may have ${mostBytes}`);
const others = sums.split('\n').filter((line) => line !== '' && !line.endsWith(`  ${name}`));
const sum = createHash('sha256').update(await readFile(path));
await writeFile(sumsPath, `${[...others, `${sum.digest('hex')}  ${name}`].join('\n')}\n`);
console.log(`${path}  ${(size / 1e6).toFixed(1)} MB${signer === null ? '' : ', signed'}`);
