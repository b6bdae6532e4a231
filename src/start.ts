import { installAgain, inTurn, notLoaded } from './launcher-texts.ts';

/** Loads the program. The launcher must not hold these words: `import()` is a syntax error to an old Node.js. */

const main = './main.mjs';

import(main).catch((error: unknown) => {
  // A program whose files are not whole has nothing better to say it with. No more than the names of the places: the
  // source of a bundle helps nobody.
  const why = String(error).slice(0, 500);
  process.stderr.write(inTurn('bug', notLoaded(why), installAgain()));
  process.exitCode = 1;
});
