// biome-ignore-all lint/suspicious/noVar: an old Node.js knows nothing newer
// biome-ignore-all lint/complexity/useArrowFunction: the same
/**
 * The first file that Node.js reads. The build makes plain ECMAScript 5 of it, so that any Node.js there ever was can read it
 * and say that it is too old, where the program itself would be a syntax error with a page of source.
 */
declare var EFAKTUR_NODE_NEEDED: string;
declare function require(path: string): unknown;

var found = process.versions.node.split('.');
var needed = EFAKTUR_NODE_NEEDED.split('.');

var isOld =
  Number(found[0]) < Number(needed[0]) ||
  (Number(found[0]) === Number(needed[0]) && Number(found[1]) < Number(needed[1]));

if (isOld) refuse();
else require('./program/start.cjs');

function refuse() {
  var message = `efaktur-cloud needs Node.js ${EFAKTUR_NODE_NEEDED} or newer, and this is ${process.versions.node} (${process.execPath})`;
  var hint =
    'Install a newer Node.js, or start efaktur-cloud with the one that "npm ci" brings: node_modules/.bin/node.';
  var asJson = process.argv.indexOf('--json') >= 0;
  process.stderr.write(
    asJson
      ? `${JSON.stringify({ error: { code: 'usage', message: message, hint: hint } })}\n`
      : `Error: ${message}\n${hint}\n`,
  );
  process.exitCode = 2;
}
