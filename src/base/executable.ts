/**
 * What differs in the single executable for Windows, all of it: its bundles are CommonJS (so no module of the program has a
 * top-level await), `import.meta.url` is the address of the executable, and threads do not lie beside it but inside. There is
 * no launcher, as it brings its own Node.js, which hears no NODE_OPTIONS.
 */

// Set by the build of the executable alone.
declare const EFAKTUR_EXECUTABLE: boolean;

/** Whether this runs as the single executable. */
export const isExecutable = typeof EFAKTUR_EXECUTABLE !== 'undefined';

/** Source of the thread `name`, to be run as it stands; in the single executable alone. */
export const threadSource = (name: string): string =>
  process.getBuiltinModule('node:sea').getAsset(name, 'utf8');
