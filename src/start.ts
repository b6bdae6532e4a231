import { installAgain, inTurn, notLoaded } from './launcher-texts.ts';

/** Loads the program. The launcher must not hold these words: `import()` is a syntax error to an old Node.js. */

const main = './main.mjs';

import(main).catch((error: unknown) => {
  // A program whose files are not whole has nothing better to say it with. No more than the names of the places: the
  // source of a bundle helps nobody.
  const stack = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  process.stderr.write(inTurn('bug', notLoaded(stack.slice(0, 500)), installAgain()));
  process.exitCode = 1;
});
