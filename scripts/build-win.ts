import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { build, type Metafile } from 'esbuild';
import { bundleOptions, entries, programVersion } from './bundle.ts';
import { thirdPartyNotices } from './third-party.ts';
import { iconFile, iconImages } from './windows/icon.ts';
import { nodeExe, nodeLicense, pinnedNode } from './windows/node-exe.ts';
import { windowsProgram } from './windows/program.ts';
import { sign, signerOf } from './windows/sign.ts';

/**
 * Makes the programs for Windows, on any system: `efaktur-cloud.exe`, `efaktur-cloudw.exe` (the same without a console window,
 * for tasks), their icon, the licences of what is in them and their SHA-256. Without `--sign` equal sources give equal bytes.
 */

const { values: flags } = parseArgs({
  options: { sign: { type: 'boolean', default: false }, out: { type: 'string', default: 'dist-windows' } },
});
// Before all the work.
const signer = flags.sign ? signerOf(process.env) : null;
const [node, license] = [await nodeExe(), await nodeLicense()];
const icon = iconImages();
const { blob, metafile } = await seaBlob();

await rm(flags.out, { recursive: true, force: true });
await mkdir(flags.out, { recursive: true });
await writeFile(join(flags.out, 'efaktur-cloud.ico'), iconFile(icon));
const nodeTitle = `Node.js ${pinnedNode.version}`;
const notices = await thirdPartyNotices(metafile, [{ title: nodeTitle, text: license }]);
// The editor of an older Windows shows no line ends without CR.
await writeFile(join(flags.out, 'THIRD-PARTY.txt'), notices.replaceAll('\n', '\r\n'));
const sums: string[] = [];
for (const { fileName, hasConsole } of [
  { fileName: 'efaktur-cloud.exe', hasConsole: true },
  { fileName: 'efaktur-cloudw.exe', hasConsole: false },
]) {
  const path = join(flags.out, fileName);
  await writeFile(path, windowsProgram(node, { version: programVersion, fileName, hasConsole, icon, blob }));
  if (signer !== null) await sign(path, signer);
  const bytes = await readFile(path);
  sums.push(`${createHash('sha256').update(bytes).digest('hex')}  ${fileName}\n`);
  console.log(`${path}  ${(bytes.length / 1e6).toFixed(1)} MB${signer === null ? '' : ', signed'}`);
}
await writeFile(join(flags.out, 'SHA256SUMS'), sums.join(''));

/** What Node.js runs in a single executable: the bundle of the program, and those of its threads as assets. */
async function seaBlob(): Promise<{ blob: Buffer; metafile: Metafile }> {
  const folder = await mkdtemp(join(tmpdir(), 'efaktur-cloud-sea-'));
  try {
    const { metafile } = await build({
      ...bundleOptions,
      metafile: true,
      // All of it is CommonJS: Node 24 takes nothing else there.
      format: 'cjs',
      entryPoints: { main: entries.main, ...entries.threads },
      outdir: folder,
      define: { ...bundleOptions.define, EFAKTUR_EXECUTABLE: 'true', 'import.meta.url': '__executableUrl' },
      banner: { js: 'const __executableUrl = require("node:url").pathToFileURL(process.execPath).href;' },
    });
    const threads = Object.keys(entries.threads);
    const config = {
      main: 'main.js',
      output: 'sea.blob',
      disableExperimentalSEAWarning: true,
      useSnapshot: false,
      // It would be of this machine's processor.
      useCodeCache: false,
      // A NODE_OPTIONS of anybody would run code in the program, which has the keys.
      execArgvExtension: 'none',
      assets: Object.fromEntries(threads.map((name) => [name, `${name}.js`])),
    };
    await writeFile(join(folder, 'sea.json'), JSON.stringify(config));
    // The names of the files stand in the blob: they are given as of this folder.
    await promisify(execFile)(process.execPath, ['--experimental-sea-config', 'sea.json'], { cwd: folder });
    return { blob: await readFile(join(folder, 'sea.blob')), metafile };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
