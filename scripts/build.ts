import { chmod, readFile, rm, writeFile } from 'node:fs/promises';
import { build, type Plugin } from 'esbuild';

/** Bundles the program into dist/: one entry, and a chunk for each part that is loaded only when it is used. */
const { version, engines } = JSON.parse(await readFile('package.json', 'utf8')) as {
  version: string;
  engines: { node: string };
};

const neededNode = engines.node.replace(/[^\d.]/g, '');

/**
 * An `import` of node:http reads each of its exports, and one of these loads all of Node's fetch: 50 ms. Taken as an object,
 * only what is used of it is read.
 */
const httpAsObject: Plugin = {
  name: 'http-as-object',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(node:)?http$/ }, ({ kind }) =>
      kind === 'import-statement' ? { path: 'node:http', namespace: 'as-object' } : null,
    );
    onLoad({ filter: /.*/, namespace: 'as-object' }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule(${JSON.stringify(path)});`,
    }));
  },
};

await rm('dist', { recursive: true, force: true });
await build({
  entryPoints: [
    { in: 'src/efaktur-cloud.ts', out: 'main' },
    { in: 'src/sync/push/pack-thread.ts', out: 'pack-thread' },
    { in: 'src/sync/reading/reader-thread.ts', out: 'reader-thread' },
    { in: 'src/sync/restore/unpack-thread.ts', out: 'unpack-thread' },
  ],
  outdir: 'dist/program',
  outExtension: { '.js': '.mjs' },
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  plugins: [httpAsObject],
  // Of ES modules only what is used is taken.
  mainFields: ['module', 'main'],
  target: `node${neededNode}`,
  minifySyntax: true,
  minifyWhitespace: true,
  sourcemap: 'linked',
  chunkNames: 'chunks/[name]-[hash]',
  alias: { 'string-width': './scripts/text-width.ts' },
  define: {
    EFAKTUR_CLOUD_VERSION: JSON.stringify(version),
    EFAKTUR_BUILT: 'true',
  },
  banner: {
    // Bundled CommonJS packages expect a require.
    js: 'import { createRequire as __createRequire } from "node:module";\nconst require = __createRequire(import.meta.url);',
  },
  logLevel: 'warning',
});

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
