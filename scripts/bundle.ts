import { readFile } from 'node:fs/promises';
import type { BuildOptions, Plugin } from 'esbuild';

/** How the program is bundled, whatever it becomes: files that Node.js runs, or one program for Windows. */

const { version, engines } = JSON.parse(await readFile('package.json', 'utf8')) as {
  version: string;
  engines: { node: string };
};

export const programVersion = version;
export const neededNode = engines.node.replace(/[^\d.]/g, '');

/** The program and the threads that it starts by their names. */
export const entries = {
  main: 'src/efaktur-cloud.ts',
  threads: {
    'pack-thread': 'src/sync/push/pack-thread.ts',
    'reader-thread': 'src/sync/reading/reader-thread.ts',
  },
} as const;

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

/** These packages do not say that loading them does nothing by itself, so that esbuild keeps what is not used of them. */
const onlyWhatIsUsed: Plugin = {
  name: 'only-what-is-used',
  setup({ onResolve, resolve }) {
    const theirs = /^(resedit|pe-library)$|node_modules[/\\](resedit|pe-library)[/\\]/;
    onResolve({ filter: /./ }, async ({ path, pluginData, kind, importer, resolveDir }) => {
      if (pluginData === 'asked' || !(theirs.test(path) || theirs.test(importer))) return null;
      const found = await resolve(path, { kind, importer, resolveDir, pluginData: 'asked' });
      return { path: found.path, errors: found.errors, sideEffects: false };
    });
  },
};

export const bundleOptions = {
  bundle: true,
  platform: 'node',
  plugins: [httpAsObject, onlyWhatIsUsed],
  // Of ES modules only what is used is taken.
  mainFields: ['module', 'main'],
  target: `node${neededNode}`,
  minifySyntax: true,
  minifyWhitespace: true,
  alias: { 'string-width': './scripts/text-width.ts', bowser: './scripts/no-browser.ts' },
  define: { EFAKTUR_CLOUD_VERSION: JSON.stringify(version) },
  logLevel: 'warning',
} satisfies BuildOptions;
