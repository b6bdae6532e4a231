import { chmod, readFile, rm, writeFile } from 'node:fs/promises';
import { build } from 'esbuild';
import { bundleOptions, entries, neededNode } from './bundle.ts';
import { thirdPartyNotices } from './third-party.ts';

/** Bundles the program into dist/: one entry, and a chunk for each part that is loaded only when it is used. */

/** Bundled CommonJS packages expect a require. */
const withRequire =
  'import { createRequire as __createRequire } from "node:module";\nconst require = __createRequire(import.meta.url);';

await rm('dist', { recursive: true, force: true });
const { metafile } = await build({
  ...bundleOptions,
  entryPoints: { main: entries.main, ...entries.threads },
  outdir: 'dist/program',
  outExtension: { '.js': '.mjs' },
  splitting: true,
  format: 'esm',
  sourcemap: 'linked',
  chunkNames: 'chunks/[name]-[hash]',
  define: { ...bundleOptions.define, EFAKTUR_BUILT: 'true' },
  banner: { js: withRequire },
  metafile: true,
});
await writeFile('dist/THIRD-PARTY.txt', await thirdPartyNotices(metafile));
// Most chunks have no such package in them; the lines stay, as the maps count them.
for (const path of Object.keys(metafile.outputs).filter((name) => name.endsWith('.mjs'))) {
  const bundled = (await readFile(path, 'utf8')).replace(withRequire, '');
  if (!/\brequire\b/.test(bundled)) await writeFile(path, `\n${bundled}`);
}

/** One file with its texts, in words that an old Node.js understands. */
const plain = async (from: string, to: string, target: string, banner = ''): Promise<void> => {
  await build({
    entryPoints: [from],
    outfile: to,
    bundle: true,
    external: ['./program/start.cjs'],
    format: 'cjs',
    platform: 'node',
    target,
    define: { EFAKTUR_NODE_NEEDED: JSON.stringify(neededNode) },
    banner: { js: banner },
    logLevel: 'warning',
  });
};
// Node.js takes an --env-file for its own unless -- comes first.
await plain('src/launcher.ts', 'dist/efaktur-cloud.js', 'es5', '#!/usr/bin/env -S node --');
await plain('src/start.ts', 'dist/program/start.cjs', `node${neededNode}`);
// The package is one of ES modules; its launcher is older than these.
await writeFile('dist/package.json', '{ "type": "commonjs" }\n');
await chmod('dist/efaktur-cloud.js', 0o755);
